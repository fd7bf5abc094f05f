"""The numbers that a claim allows, as an interval whose ends may be open or at infinity."""

from fractions import Fraction
from functools import lru_cache
from math import inf
from typing import NamedTuple

Number = Fraction | float
"""An exact number, or infinity with either sign."""

_JUST_BELOW, _AT, _JUST_ABOVE = -1, 0, 1


class End(NamedTuple):
    """An end of an interval; `side` puts an open end just beside its number, so ends compare."""

    number: Number
    side: int = _AT


class Interval(NamedTuple):
    """All numbers between two ends."""

    low: End
    high: End

    def meets(self, other: "Interval") -> bool:
        """Whether some number lies in both."""
        return self.low <= other.high and other.low <= self.high

    def within(self, other: "Interval") -> bool:
        """Whether every number of this one lies in the other, and the other has more."""
        return self != other and self.low >= other.low and self.high <= other.high

    def scaled(self, factor: Fraction) -> "Interval":
        """Return the interval in another unit; the factor is positive."""
        if factor == 1:
            return self
        return Interval(
            End(self.low.number * factor, self.low.side),
            End(self.high.number * factor, self.high.side),
        )


ALL = Interval(End(-inf), End(inf))


def at(value: Fraction) -> Interval:
    """Return the interval of one number."""
    return Interval(End(value), End(value))


def closed(low: Fraction, high: Fraction) -> Interval:
    """Return the interval that includes both ends."""
    return Interval(End(low), End(high))


def at_least(value: Fraction) -> Interval:
    """Return all from a number upwards."""
    return Interval(End(value), ALL.high)


def more_than(value: Fraction) -> Interval:
    """Return all above a number."""
    return Interval(End(value, _JUST_ABOVE), ALL.high)


def at_most(value: Fraction) -> Interval:
    """Return all up to a number."""
    return Interval(ALL.low, End(value))


def less_than(value: Fraction) -> Interval:
    """Return all below a number."""
    return Interval(ALL.low, End(value, _JUST_BELOW))


def from_to_below(low: Fraction, high: Fraction) -> Interval:
    """Return the interval that includes its low end and not its high one."""
    return Interval(End(low), End(high, _JUST_BELOW))


@lru_cache(maxsize=10_000)
def exact(value: float) -> Fraction:
    """Return a number as it is written, without the error of binary fractions."""
    return Fraction(str(value))


def plain(number: Number | None) -> float | None:
    """Return a number as JSON writes it: an integer where it is one, null where there is none."""
    if number is None:
        return None
    if not isinstance(number, Fraction):
        return None if number in (inf, -inf) else plain(Fraction(number))
    return number.numerator if number.denominator == 1 else float(number)
