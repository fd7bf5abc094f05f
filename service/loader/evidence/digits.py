"""Numbers written in digits, read out of a text whole: 12 is no part of 112, 12.5 or 12 million.

Accepted spellings of a number:

- digits alone, of any script that Unicode gives digits: `2298`;
- grouped by threes with a comma, full stop, apostrophe, (narrow, thin) no-break or plain space:
  `2,298`, `2.298`, `2'298`, `2 298`;
- with a fraction after a full stop or comma: `0.11`, `0,11`, `.11`, `1,234.56`;
- before a scale: `19 million`, `1.5-billion`, `57m`, `20k`; in a range the scale may stand once:
  `2 to 3 million`;
- beside signs of any sort, a currency's code, a hyphen or a unit: `$57`, `USD57`, `180-day`, `5kg`.

Where `2.298` may mean either, both readings count. The sign is not read: prose says it in words.
Clock times, fractions and dates (`12:30`, `1/2`, `6.1.2022`) are no numbers, and neither are digits
inside a name (`F16`).
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import zip_longest
from typing import NamedTuple

from schemas.standards import CURRENCIES

SCALES = {
    "hundred": 100,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_SHORT = {
    "k": 10**3,
    "m": 10**6,
    "mn": 10**6,
    "mln": 10**6,
    "bn": 10**9,
    "tn": 10**12,
}
_SPACES = " \u00a0\u2009\u202f"
_MARKS = ".,'\u2019"

_NUMERAL = re.compile(
    rf"""
    (?<!\w) (?P<letters>[^\W\d_]*)
    (?P<run>
        [1-9]\d{{0,2}} (?P<gap>[{_SPACES}])\d{{3}} (?:(?P=gap)\d{{3}})* (?!\d)
            (?:[.,]\d{{1,2}}(?!\d))? (?![{_MARKS}:/]\d)
      | (?:(?<![\w.,])\.)? \d+ (?:[{_MARKS}:/]\d+)*
    )
    (?: [\s-]{{0,2}}(?P<scale>{"|".join(SCALES)})s?\b | (?P<short>{"|".join(_SHORT)})\b )?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_GROUPED = re.compile(
    rf"([1-9]\d{{0,2}}(?:([{_SPACES}{_MARKS}])\d{{3}})(?:\2\d{{3}})*)(?:(?!\2)[.,](\d+))?"
)
_FRACTION = re.compile(r"(\d*)[.,](\d+)")
_RANGE = re.compile(r"\s*(?:[-\u2013\u2014]|to|or|and)\s*[^\w\s]?")


class Found(NamedTuple):
    """A number in a text: where it stands, and what it may mean."""

    start: int
    end: int
    values: frozenset[Decimal]


def in_digits(text: str) -> Iterator[Found]:
    """Yield the numbers that a text has in digits."""
    numerals = [match for match in _NUMERAL.finditer(text) if _is_number(match)]
    for match, following in zip_longest(numerals, numerals[1:]):
        values = _scaled(readings(match["run"]), match)
        if following and following["scale"] and not match["scale"] and _is_range(match, following):
            values |= _scaled(readings(match["run"]), following)
        if values:
            yield Found(match.start(), match.end(), values)


def readings(run: str) -> frozenset[Decimal]:
    """Return what a run of digits and separators may mean; nothing where it is no number."""
    if run.isdecimal():
        return frozenset([Decimal(run)])
    grouped = _GROUPED.fullmatch(run)
    if grouped:
        whole, separator, fraction = grouped.groups()
        values = {Decimal("".join(filter(str.isdecimal, whole)) + "." + (fraction or "0"))}
        if separator == "." and not fraction and run.count(".") == 1 and run[-1] != "0":
            values.add(Decimal(run))
        return frozenset(values)
    fraction_only = _FRACTION.fullmatch(run)
    if fraction_only:
        return frozenset([Decimal(f"{fraction_only[1] or 0}.{fraction_only[2]}")])
    return frozenset()


def _is_number(match: re.Match[str]) -> bool:
    return not match["letters"] or match["letters"].upper() in CURRENCIES


def _scaled(values: frozenset[Decimal], match: re.Match[str]) -> frozenset[Decimal]:
    scale, short = (match["scale"] or "").lower(), (match["short"] or "").lower()
    factor = SCALES.get(scale) or _SHORT.get(short) or 1
    scaled = frozenset(value * factor for value in values)
    return scaled | values if short == "m" else scaled


def _is_range(match: re.Match[str], following: re.Match[str]) -> bool:
    between = match.string[match.end() : following.start()]
    return _RANGE.fullmatch(between) is not None
