"""Numbers written in English words, read out of a text whole: two is no part of twenty-two.

Accepted spellings of a number:

- cardinals up to trillions: `six`, `twenty-five`, `two hundred and three`, `a thousand`, `twelve
  hundred`, `two and a half million`;
- `a dozen`, `two dozen`, `half a dozen`, `half a million`, `half`;
- `zero`, `no`, `none` and `nobody` for 0, `single` for 1, `both`, `pair` and `twice` for 2,
  `thrice` for 3;
- of a time, the article before its unit: `a week`; and in years `three decades`, `a century`;
- of a factor or share, what multiplies: `double`, `doubled`, `doubling`, `triple`, `fourfold`;
- of an ordinal, `first` to `hundredth`, and of nothing else.

Fractions (`two thirds`) and words without one certain number (`a couple`, `several`) are none;
`MAGNITUDES` says which words stand for an order of size.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from schemas.vocabularies import MEASURES
from service.loader.evidence.digits import SCALES, Found


def _list(words: str) -> list[str]:
    return words.split()


_UNITS = _list("one two three four five six seven eight nine")
_TEENS = _list("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
_TENS = _list("twenty thirty forty fifty sixty seventy eighty ninety")
_NTH = _list("first second third fourth fifth sixth seventh eighth ninth")
_TEENTHS = _list(
    "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth"
    " nineteenth"
)
_TENTHS = [f"{word[:-1]}ieth" for word in _TENS]

_VALUES = {
    **{word: number for number, word in enumerate([*_UNITS, *_TEENS], start=1)},
    **{word: number for number, word in zip(range(20, 100, 10), _TENS, strict=True)},
    **{word: number for number, word in enumerate([*_NTH, *_TEENTHS], start=1)},
    **{word: number for number, word in zip(range(20, 100, 10), _TENTHS, strict=True)},
    "hundredth": 100,
}
_ALWAYS = {
    **dict.fromkeys(["zero", "no", "none", "nobody"], 0),
    "single": 1,
    **dict.fromkeys(["both", "pair", "twice"], 2),
    "thrice": 3,
}
_MULTIPLES = {
    **{f"doubl{end}": 2 for end in ("e", "es", "ed", "ing")},
    **{f"tripl{end}": 3 for end in ("e", "es", "ed", "ing")},
    **{f"quadrupl{end}": 4 for end in ("e", "es", "ed", "ing")},
    **{f"{word}fold": _VALUES[word] for word in (*_UNITS, *_TEENS, *_TENS)},
}
_TIMES = {
    "s": {"second": 1},
    "min": {"minute": 1},
    "h": {"hour": 1},
    "d": {"day": 1},
    "wk": {"week": 1},
    "mo": {"month": 1},
    "a": {"year": 1, "decade": 10, "century": 100, "centurie": 100},
}


def _any(words: list[str]) -> str:
    return "(?:" + "|".join(words) + ")"


_GAP = r"(?:\s*[-\u2010\u2011]\s*|\s+)"
_AND = rf"(?:{_GAP}and)?{_GAP}"
_NO_LESS = rf"(?!{_GAP}{_any(['hundred', *_TENS, *_TEENS, *_UNITS])}\b)"
_NO_MORE = rf"(?!{_GAP}{_any([*SCALES, *_TENS, *_TEENS, *_UNITS])}\b)"
_BELOW_100 = rf"(?:{_any(_TENS)}(?:{_GAP}{_any(_UNITS)})?|{_any(_TEENS)}|{_any(_UNITS)})\b"
_BELOW_1000 = (
    rf"(?:(?:{_BELOW_100}|a){_GAP}hundred\b(?:{_AND}{_BELOW_100}{_NO_LESS})?|{_BELOW_100})"
)


def _cardinal() -> str:
    number = _BELOW_1000
    for scale in ("thousand", "million", "billion", "trillion"):
        tail = rf"(?:,?{_AND}{number}{_NO_MORE})?"
        number = rf"(?:(?:{_BELOW_1000}|a){_GAP}{scale}\b{tail}|{number})"
    return number


_WORDED = re.compile(
    rf"""
    (?<!\w) (?>
        (?P<half>half)(?:{_GAP}an?)?(?:{_GAP}(?P<of>dozen|{"|".join(SCALES)}))?
      | (?P<dozens>{_BELOW_100}|a){_GAP}dozen
      | (?P<cardinal>{_cardinal()})
            (?:(?P<more>{_GAP}and{_GAP}a{_GAP}half)(?:{_GAP}(?P<scale>{"|".join(SCALES)}))?)?
    )\b {_NO_MORE}
    (?!{_GAP}(?:half|halve|quarter|third|{"|".join(_NTH[3:])})s?\b)
    (?![-\u2010\u2011](?:first|second)\b)
    (?:{_GAP}(?P<unit>decade|centur(?:y|ie))s?\b)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ORDINAL = re.compile(
    rf"(?<!\w)(?:(?:{_any(_TENS)}{_GAP})?{_any(_NTH)}|{_any(_TEENTHS)}|{_any(_TENTHS)}|hundredth)\b",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]+")
_SCALED_WORDS = rf"(?!{_GAP}(?:of{_GAP})?(?:dozen|hundred|thousand|million|billion)s?\b)"

MAGNITUDES = {
    "few": re.compile(rf"\b(?:few|several|handful|couple)\b{_SCALED_WORDS}", re.IGNORECASE),
    "tens": re.compile(
        rf"\b(?:(?:tens|dozens|scores)\b{_SCALED_WORDS}|(?:few|several){_GAP}dozen\b)",
        re.IGNORECASE,
    ),
    "hundreds": re.compile(
        rf"\b(?:hundreds\b{_SCALED_WORDS}|(?:few|several|many){_GAP}hundred\b)", re.IGNORECASE
    ),
    "thousands": re.compile(
        rf"\b(?:(?:thousands|millions)\b|(?:few|several|many){_GAP}(?:thousand|million)\b)",
        re.IGNORECASE,
    ),
}
"""The words of each order of size. `indefinite` has none: nothing can be looked for."""


def in_words(text: str, measure: str = "", unit: str = "") -> Iterator[Found]:
    """Yield the numbers that a text has in words, as a figure of a measure and unit reads them."""
    if measure == "ordinal":
        yield from _ordinals(text)
        return
    for match in _WORDED.finditer(text):
        yield Found(match.start(), match.end(), frozenset([_value(match, unit)]))
    known = dict(_ALWAYS)
    if measure in MEASURES and MEASURES[measure].dimension == "ratio":
        known |= _MULTIPLES
    for word in _LETTERS.finditer(text):
        if word[0].lower() in known:
            value = Decimal(known[word[0].lower()])
            yield Found(word.start(), word.end(), frozenset([value]))
    yield from _articles(text, unit)


def cardinal(text: str) -> int:
    """Return what a cardinal without a fraction means."""
    total = current = 0
    for word in _LETTERS.findall(text.lower()):
        if word in ("a", "an"):
            current = 1
        elif word == "hundred":
            current *= 100
        elif word in SCALES:
            total, current = total + current * SCALES[word], 0
        else:
            current += _VALUES.get(word, 0)
    return total + current


def _value(match: re.Match[str], unit: str) -> Decimal:
    if match["half"]:
        value = Decimal("0.5") * (SCALES | {"dozen": 12}).get((match["of"] or "").lower(), 1)
    elif match["dozens"]:
        value = Decimal(12 * cardinal(match["dozens"]))
    else:
        half = Decimal("0.5" if match["more"] else 0)
        value = (cardinal(match["cardinal"]) + half) * SCALES.get((match["scale"] or "").lower(), 1)
    return value * _TIMES.get(unit, {}).get((match["unit"] or "").lower(), 1)


def _articles(text: str, unit: str) -> Iterator[Found]:
    for noun, value in _TIMES.get(unit, {}).items():
        for match in re.finditer(rf"(?<!half[\s-])\ban?{_GAP}{noun}\b", text, re.IGNORECASE):
            yield Found(match.start(), match.end(), frozenset([Decimal(value)]))


def _ordinals(text: str) -> Iterator[Found]:
    for match in _ORDINAL.finditer(text):
        yield Found(match.start(), match.end(), frozenset([Decimal(cardinal(match[0]))]))
