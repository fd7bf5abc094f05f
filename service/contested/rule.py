"""The rule by which claims are read and judged: one, named, with its numbers as parameters.

An answer that rests on a rule names it and gives the parameters, so that anyone can recompute it,
and another rule is another name.
"""

from dataclasses import asdict, dataclass
from fractions import Fraction

from service.contested.intervals import (
    ALL,
    Interval,
    at,
    at_least,
    at_most,
    closed,
    exact,
    from_to_below,
    less_than,
    more_than,
    plain,
)
from service.contested.plain import Record

INDEFINITE = "indefinite"


@dataclass(frozen=True)
class Rule:
    """What words and quantifiers mean in numbers. Nothing of it is ever stored in a record.

    - Words of magnitude name the least number of their order, as ACLED codes fatalities where a
      report has only words: several 3, dozens 12, hundreds 100. There the number is written into
      the record; here it is a bound, read in only to compare, and the word stays.
    - "About" allows 5 % either way and "nearly" the last tenth below: our own choice, near to how
      journalists round. 2,298 is about 2,300 and 18 is not about 20.
    - A claim about a part of the group counted is a bound from below; about more than the group,
      from above.
    - An unclear fit is judged on its value; the point shows the fit.
    """

    name: str
    about: Fraction = Fraction(1, 20)
    nearly: Fraction = Fraction(9, 10)
    few: int = 3
    tens: int = 12
    hundreds: int = 100
    thousands: int = 1000
    indefinite: int = 1

    def parameters(self) -> dict[str, float | str | None]:
        """Return the numbers of the rule, to be shown beside what rests on them."""
        return {
            name: plain(value) if isinstance(value, (int, Fraction)) else value
            for name, value in asdict(self).items()
        }

    def word(self, magnitude: str) -> Fraction:
        """Return the least number that a word of magnitude can mean."""
        return Fraction(getattr(self, magnitude))

    def interval(self, figure: Record) -> Interval:
        """Return the numbers that a figure allows, in its own unit."""
        said = self._said(figure)
        fit = figure.get("counted", {}).get("fit", "exact")
        if fit == "narrower":
            return Interval(said.low, ALL.high)
        return Interval(ALL.low, said.high) if fit == "wider" else said

    def _said(self, figure: Record) -> Interval:
        if "magnitude" in figure:
            return at_least(self.word(figure["magnitude"]))
        if figure["quantifier"] == "between":
            return closed(exact(figure["low"]), exact(figure["high"]))
        return self._qualified(figure["quantifier"], exact(figure["value"]))

    def _qualified(self, quantifier: str, value: Fraction) -> Interval:
        shape = _ONE_SIDED.get(quantifier)
        if shape:
            return shape(value)
        if quantifier == "about":
            return closed(value - self.about * abs(value), value + self.about * abs(value))
        if quantifier == "nearly" and value > 0:
            return from_to_below(self.nearly * value, value)
        return at(value)


_ONE_SIDED = {
    "at_least": at_least,
    "more_than": more_than,
    "at_most": at_most,
    "less_than": less_than,
}

RECENSION_1 = Rule("recension-1")
"""The rule that judges unless another is named."""
