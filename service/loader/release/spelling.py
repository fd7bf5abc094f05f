"""Numbers as the record model spells them, and what other notations take for more than text."""

import re
from decimal import Decimal

from schemas.problems import Misspelled

_SPELLED = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?")
_DIGITS = 15
_LONGEST_WHOLE = 18

# Possessive throughout, so that a long run of digits is judged in one pass.
_TAKEN_FOR_NUMBERS = re.compile(
    r"""[-+]?(?:
        0[xob][0-9a-f_]++                                       # 0x1F, 0o17, 0b11
      | [0-9][0-9_]*+(?::[0-5]?[0-9])++(?:\.[0-9_]*+)?          # 12:30, in sixties
      | (?:[0-9][0-9_]*+(?:\.[0-9_]*+)?|\.[0-9][0-9_]*+)(?:e[-+]?[0-9]++)?
      | \.inf
      | \.nan
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_SHORT_DECIMAL = re.compile(
    r"[-+]?(?=\.?[0-9])(?:0|[1-9][0-9]{0,19})?(?:\.[0-9]{0,20})?(?:[eE][-+]?[0-9]{1,2})?"
)
_TAKEN_FOR_TRUTH = frozenset(["true", "false", "yes", "no", "on", "off", "y", "n"])
_TAKEN_FOR_NOTHING = frozenset(("null", "~", ""))


def is_number(text: str) -> bool:
    """Tell whether a text is a number in the record model's spelling."""
    return _SPELLED.fullmatch(text) is not None and text != "-0"


def whole(text: str) -> int | Misspelled:
    """Return what JSON takes for a whole number, if the record model does too."""
    if text == "-0":
        return Misspelled(text, "zero has no sign: write 0")
    if len(text) > _LONGEST_WHOLE:
        return Misspelled(text, f"a number has at most {_DIGITS} digits")
    return int(text)


def fraction(text: str) -> float | Misspelled:
    """Return what JSON takes for a number with a fraction or exponent, if the model does too."""
    if not _SPELLED.fullmatch(text):
        return Misspelled(text, "a number is written " + _rule(text))
    if len(text.lstrip("-0.").replace(".", "")) > _DIGITS:
        return Misspelled(text, f"a number has at most {_DIGITS} significant digits")
    return float(text)


def number(text: str) -> int | float | Misspelled:
    """Return the number that a text spells; `is_number` holds for it."""
    return fraction(text) if "." in text else whole(text)


def of_cell(text: str) -> int | float | str | Misspelled:
    """Return the number that a cell of numbers spells, or else the text itself."""
    if text == "-0" or is_number(text):
        return number(text)
    return fraction(text) if taken_for(text) == "a number" else text


def taken_for(text: str) -> str | None:
    """Return what some YAML takes an unquoted text for, if not for text."""
    lower = text.lower()
    if lower in _TAKEN_FOR_NOTHING:
        return "nothing"
    if lower in _TAKEN_FOR_TRUTH:
        return "a truth value"
    if text == "=":
        return "a default value"
    if text == "<<":
        return "a merge"
    return "a number" if _TAKEN_FOR_NUMBERS.fullmatch(text) else None


def respelled(text: str) -> str | None:
    """Return a decimal number as the record model spells it, where that is short."""
    if not _SHORT_DECIMAL.fullmatch(text):
        return None
    value = Decimal(text)
    if not value:
        return "0"
    plain = f"{value:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return plain if len(plain) <= _DIGITS + 2 else None


def _rule(text: str) -> str:
    plain = respelled(text)
    rule = "without an exponent and without zeros at its end"
    return f"{rule}: write {plain}" if plain else rule
