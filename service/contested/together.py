"""Whether claims can hold together: two of them, or one with many at no greater cost."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from service.contested.claims import Claim


def hold_together(one: Claim, other: Claim) -> bool:
    """Whether some number is allowed by both claims.

    Words of different magnitude exclude each other although their bounds do not: who says dozens
    does not say hundreds. What no exact factor makes comparable is not judged, and so excludes
    nothing.
    """
    if one.scale != other.scale:
        return True
    if one.word and other.word and one.word != other.word:
        return False
    return one.allows.meets(other.allows)


@dataclass
class _Front:
    """The claims of one scale that exclude the most: the highest, the lowest, one for each word."""

    highest: Claim
    lowest: Claim
    words: dict[str, Claim] = field(default_factory=dict)

    def add(self, claim: Claim) -> None:
        if claim.allows.low > self.highest.allows.low:
            self.highest = claim
        if claim.allows.high < self.lowest.allows.high:
            self.lowest = claim
        if claim.word:
            self.words.setdefault(claim.word, claim)


class Crowd:
    """A set of claims that answers whether some of them cannot hold together with another.

    Intervals on a line are all compatible with one if its ends are with the highest low end and
    the lowest high end, so each question costs the same however many claims there are.
    """

    def __init__(self, claims: Iterable[Claim] = ()) -> None:
        self._fronts: dict[str, _Front] = {}
        for claim in claims:
            self.add(claim)

    def add(self, claim: Claim) -> None:
        """Take one more claim in."""
        front = self._fronts.setdefault(claim.scale, _Front(claim, claim))
        front.add(claim)

    def against(self, claim: Claim) -> list[Claim]:
        """Return those of the extreme claims that cannot hold together with this one."""
        front = self._fronts.get(claim.scale)
        if front is None:
            return []
        extremes = {
            extreme.figure: extreme
            for extreme in (front.highest, front.lowest, *front.words.values())
        }
        return [other for other in extremes.values() if not hold_together(claim, other)]
