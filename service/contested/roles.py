"""The role of each claim in its series: the first that applies, in the order of `STAGES`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from service.contested.claims import Claim
from service.contested.echoes import Roots, roots
from service.contested.intervals import ALL, End
from service.contested.measures import Nature, nature
from service.contested.together import Crowd, hold_together

Role = Literal[
    "undisclosed", "withdrawn", "suspect", "echo", "superseded", "earlier", "implied", "live"
]


class Judged(NamedTuple):
    """A claim with its role; `by` names the figures that put it there."""

    claim: Claim
    role: Role
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """All that a stage may look at besides the claims that no earlier stage took."""

    claims: tuple[Claim, ...]
    roots: Roots
    nature: Nature


Found = Mapping[str, tuple[str, ...]]
"""Figure to the figures that put it into a role."""

Stage = Callable[[list[Claim], Case], Found]


def judge(claims: Sequence[Claim], origins: Roots | None = None) -> list[Judged]:
    """Return the claims of one series with their roles, in the order of time.

    `origins` are the roots of just these claims, where they are known.
    """
    ordered = list(claims)
    if len(ordered) > 1:  # as few series have: what one would be ordered by need not be made
        ordered.sort(key=lambda claim: (claim.order, claim.figure))
    measure = ordered[0].record["measure"] if ordered else ""
    case = Case(tuple(ordered), roots(ordered) if origins is None else origins, nature(measure))
    judged: dict[str, Judged] = {}
    rest = ordered
    for role, stage in STAGES.items():
        found = stage(rest, case)
        judged |= {c.figure: Judged(c, role, found[c.figure]) for c in rest if c.figure in found}
        rest = [claim for claim in rest if claim.figure not in found]
    judged |= {claim.figure: Judged(claim, "live") for claim in rest}
    return [judged[claim.figure] for claim in ordered]


def _undisclosed(rest: list[Claim], case: Case) -> Found:
    return {claim.figure: () for claim in rest if claim.missing}


def _withdrawn(rest: list[Claim], case: Case) -> Found:
    """Taken back: by its stance, by a retraction, or by a later word of the same voice.

    A correction that is itself taken back, or that is unusable, corrects nothing.
    """
    corrected = _pointed_at((c for c in case.claims if _has_a_say(c)), "corrects")
    gone = {claim.figure: () for claim in rest if claim.retracted or claim.discredited}
    return {c.figure: corrected[c.figure] for c in rest if c.figure in corrected} | gone


def _has_a_say(claim: Claim) -> bool:
    return not (claim.retracted or claim.discredited or claim.suspected == "unusable")


def _suspect(rest: list[Claim], case: Case) -> Found:
    return {claim.figure: () for claim in rest if claim.suspected == "unusable"}


def _echo(rest: list[Claim], case: Case) -> Found:
    return {
        claim.figure: (case.roots[claim.figure].figure,)
        for claim in rest
        if case.roots[claim.figure] is not claim
    }


def _superseded(rest: list[Claim], case: Case) -> Found:
    """Followed by a later claim that says so; what only repeats another supersedes nothing."""
    superseded = _pointed_at(rest, "supersedes")
    return {c.figure: superseded[c.figure] for c in rest if c.figure in superseded}


def _pointed_at(claims: Iterable[Claim], relation: str) -> dict[str, tuple[str, ...]]:
    pointed: dict[str, tuple[str, ...]] = {}
    for claim in claims:
        for target in claim.targets(relation):
            pointed[target] = (*pointed.get(target, ()), claim.figure)
    return pointed


def _earlier(rest: list[Claim], case: Case) -> Found:
    """Overtaken: a surely later claim excludes it or, for a stock, is of a later instant.

    Walks from the latest as-of back, so that the claims after each are gathered once.
    """
    if len(rest) < 2:  # as most series are
        return {}
    by_start = sorted(rest, key=lambda claim: claim.as_of.start)
    later = Crowd()
    latest: Claim | None = None
    found: dict[str, tuple[str, ...]] = {}
    for claim in sorted(rest, key=lambda claim: claim.as_of.end, reverse=True):
        while by_start and by_start[-1].as_of.after(claim.as_of):
            following = by_start.pop()
            later.add(following)
            latest = latest or following
        against = [latest] if latest and case.nature == "stock" else later.against(claim)
        if against:
            found[claim.figure] = tuple(other.figure for other in against)
    return found


def _implied(rest: list[Claim], case: Case) -> Found:
    """Said by a sharper live claim as well: it holds, and adds nothing.

    Sharper ones come first, and a claim that is itself implied implies nothing: what it says is
    said by the one above it, which words of magnitude may exclude.
    """
    if len(rest) < 2:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    sharp = _Sharpest()
    for claim in sorted(rest, key=_sharpness):
        sharper = sharp.than(claim) if claim.bound else None
        if sharper is None:
            sharp.add(claim)
        else:
            found[claim.figure] = (sharper.figure,)
    return found


def _sharpness(claim: Claim) -> tuple[bool, bool, bool, End]:
    """Order so that each claim follows all that lie within it: bounded ones, then half-lines."""
    low, high = claim.allows
    endless = (low == ALL.low, high == ALL.high)
    width = high if endless == (True, False) else End(-low.number, -low.side)
    return (claim.bound, any(endless), all(endless), width)


class _Sharpest:
    """The live claims that can lie within a half-line: the highest and the lowest, by sort."""

    def __init__(self) -> None:
        self._tops: dict[tuple[str, bool, bool], Claim] = {}

    def add(self, claim: Claim) -> None:
        for upward in (True, False):
            kind = (claim.scale, claim.word is not None, upward)
            top = self._tops.get(kind)
            if top is None or _further(claim, top, upward):
                self._tops[kind] = claim

    def than(self, claim: Claim) -> Claim | None:
        for worded in (False, True):
            for upward in (True, False):
                top = self._tops.get((claim.scale, worded, upward))
                if top and top.allows.within(claim.allows) and hold_together(top, claim):
                    return top
        return None


def _further(claim: Claim, top: Claim, upward: bool) -> bool:
    if upward:
        return claim.allows.low > top.allows.low
    return claim.allows.high < top.allows.high


STAGES: Mapping[Role, Stage] = {
    "undisclosed": _undisclosed,
    "withdrawn": _withdrawn,
    "suspect": _suspect,
    "echo": _echo,
    "superseded": _superseded,
    "earlier": _earlier,
    "implied": _implied,
}
"""Each role with what finds it among the claims that no role before it took; the rest is live."""
