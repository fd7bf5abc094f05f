"""What a measure is by nature, and which units can be compared: by exact factors only.

`schemas.vocabularies` says the same of measures and is held against this table in a test. Factors
are those of UCUM that are exact by definition. Months and years are counted in months and never in
days, which their lengths do not fix; a currency is never turned into another.
"""

from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple

Nature = Literal["flow", "stock", "level"]

FLOWS = ("killed", "injured", "casualties", "hospitalised", "detained", "damage")
STOCKS = (
    "in_intensive_care",
    "crowd",
    "participants",
    "troops",
    "inhabitants",
    "members",
    "count",
)
_GALLON = Fraction("3.785411784")

_FACTORS = {
    "s": ("s", Fraction(1)),
    "min": ("s", Fraction(60)),
    "h": ("s", Fraction(3600)),
    "d": ("s", Fraction(86400)),
    "wk": ("s", Fraction(604800)),
    "mo": ("mo", Fraction(1)),
    "a": ("mo", Fraction(12)),
    "L": ("L", Fraction(1)),
    "m3": ("L", Fraction(1000)),
    "[gal_us]": ("L", _GALLON),
    "[bbl_us]": ("L", 42 * _GALLON),
    "1": ("1", Fraction(1)),
    "%": ("1", Fraction(1, 100)),
}


class Scale(NamedTuple):
    """Units of one scale can be compared: `factor` turns a number of the unit into the scale's."""

    name: str
    factor: Fraction


def nature(measure: str) -> Nature:
    """Return the nature: a flow adds up, a stock holds at an instant, a level is neither."""
    if measure in FLOWS:
        return "flow"
    return "stock" if measure in STOCKS else "level"


@lru_cache(maxsize=1000)
def scale(unit: str) -> Scale:
    """Return the scale of a unit; a unit without exact factors is a scale of its own."""
    above, slash, below = unit.partition("/")
    upper, lower = _scale(above), _scale(below) if slash else Scale("", Fraction(1))
    return Scale(f"{upper.name}{slash}{lower.name}", upper.factor / lower.factor)


def _scale(unit: str) -> Scale:
    return Scale(*_FACTORS.get(unit, (unit, Fraction(1))))
