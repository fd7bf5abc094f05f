"""Where sources disagree, most and most centrally first, and what changed between two revisions."""

from collections.abc import Iterable
from dataclasses import dataclass
from sys import float_info
from typing import Literal, NamedTuple

from service.contested.accounts import EventDispute
from service.contested.series import Assessment
from service.contested.status import Span, Status

MOST_DIFFERENT = float_info.max
"""The ratio of a span that begins at zero, or below: a number that any store can sort."""


def ranked(assessments: Iterable[Assessment]) -> list[Assessment]:
    """Return the contested series: by how much they differ, then by how central they are.

    How much is the ratio of the span of live claims (from zero: more than any); how central, the
    number of voices, then of claims.
    """
    contested = (each for each in assessments if each.status == "contested")
    return sorted(contested, key=lambda each: (*prominence(each), each.parts.key))


class Prominence(NamedTuple):
    """What disagreements are ordered by, the least first."""

    difference: float
    breadth: int
    size: int


def prominence(about: Assessment | EventDispute) -> Prominence:
    """Return how far up a contested series stands among series, or a dispute among disputes."""
    if isinstance(about, EventDispute):
        return Prominence(-len(about.conflicts), -about.sources, -about.accounts)
    verdict = about.verdict
    ratio = MOST_DIFFERENT if verdict.span and verdict.span.ratio is None else 1.0
    if verdict.span and verdict.span.ratio is not None:
        ratio = verdict.span.ratio
    return Prominence(-ratio, -verdict.voices, -len(about.judged))


def ranked_disputes(disputes: Iterable[EventDispute]) -> list[EventDispute]:
    """Return the disputes by how many aspects they touch, then how many sources, then accounts."""
    return sorted(disputes, key=lambda each: (*prominence(each), each.event))


@dataclass(frozen=True)
class SeriesChange:
    """What became of a series between two revisions; a side that lacks it is None.

    `turn` says whether it became contested or was settled; then `by` names the figures that did it.
    """

    key: str
    old_status: Status | None
    new_status: Status | None
    old_span: Span | None
    new_span: Span | None
    came_live: tuple[str, ...]
    no_longer_live: tuple[str, ...]
    turn: Literal["became_contested", "settled"] | None
    by: tuple[str, ...]


def compare(old: Assessment | None, new: Assessment | None) -> SeriesChange | None:
    """Return how status, span or live claims of a series changed, or None if they did not."""
    some = old or new
    before, after = _side(old), _side(new)
    if some is None or before == after:
        return None
    turn = _turn(before.status, after.status)
    return SeriesChange(
        key=some.parts.key,
        old_status=before.status,
        new_status=after.status,
        old_span=before.span,
        new_span=after.span,
        came_live=tuple(sorted(after.live - before.live)),
        no_longer_live=tuple(sorted(before.live - after.live)),
        turn=turn,
        by=_caused_by(old, new, turn),
    )


class _Side(NamedTuple):
    status: Status | None
    span: Span | None
    live: frozenset[str]


def _side(assessment: Assessment | None) -> _Side:
    if assessment is None:
        return _Side(None, None, frozenset())
    live = frozenset(claim.figure for claim in assessment.live)
    return _Side(assessment.status, assessment.span, live)


def _turn(
    before: Status | None, after: Status | None
) -> Literal["became_contested", "settled"] | None:
    if (before == "contested") == (after == "contested"):
        return None
    return "settled" if before == "contested" else "became_contested"


def _caused_by(old: Assessment | None, new: Assessment | None, turn: str | None) -> tuple[str, ...]:
    """Name the new claims that conflict or, if it was settled, what put conflicting ones aside."""
    if turn == "became_contested" and new:
        known = {each.claim.figure for each in old.judged} if old else set()
        clash = {claim.figure for claim in new.against}
        return tuple(sorted(clash - known or clash))
    if turn == "settled" and old:
        clash = {claim.figure for claim in old.against}
        judged = new.judged if new else ()
        return tuple(sorted({name for e in judged if e.claim.figure in clash for name in e.by}))
    return ()
