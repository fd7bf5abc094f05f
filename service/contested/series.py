"""A series judged: its verdict, its points for a dashboard, and the steps to its state."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from service.contested.claims import Claim, Known, Material, Stated, Voice, claims_of, count_voices
from service.contested.dates import OPEN_END, OPEN_START, Days
from service.contested.echoes import roots
from service.contested.intervals import plain
from service.contested.keys import Parts, parts_of
from service.contested.measures import Nature, nature, scale
from service.contested.reasons import reason
from service.contested.roles import Judged, Role, judge
from service.contested.rule import RECENSION_1, Rule
from service.contested.status import (
    Direction,
    Span,
    Status,
    Verdict,
    conflicting,
    falls,
    revised,
    span_of,
    status_of,
    voices_of,
)


@dataclass(frozen=True)
class Assessment:
    """One series at one revision, judged by a rule.

    `unit` is the one in which most claims speak; `span` and the derived ends of points are in it.
    `voices` and `said` give for each figure whose word and which number it passes on: an echo,
    those of the claim that it repeats, even where that claim's source is left out of view.

    What it comes to is found when it is asked for: to compare two takes no reason in words.
    """

    parts: Parts
    rule: Rule
    unit: str
    judged: tuple[Judged, ...]
    voices: dict[str, Voice]
    said: dict[str, Stated]

    @property
    def nature(self) -> Nature:
        """Whether it is a flow, a stock or a level."""
        return nature(self.parts.measure)

    @cached_property
    def live(self) -> tuple[Claim, ...]:
        """The claims that stand."""
        return self.having("live")

    def having(self, *roles: Role) -> tuple[Claim, ...]:
        """Return the claims in one of these roles, in the order of time."""
        return tuple(each.claim for each in self.judged if each.role in roles)

    @cached_property
    def against(self) -> list[Claim]:
        """The live claims that cannot hold together with some other live one."""
        return conflicting(self.live)

    @cached_property
    def status(self) -> Status:
        """As in the verdict; so are `revised` and `span`."""
        return status_of(self.judged, self.against, voices_of(self.live, self.voices))

    @cached_property
    def revised(self) -> Direction:
        """Which way the last replacement went."""
        return revised(self.judged, self.rule)

    @cached_property
    def span(self) -> Span | None:
        """What the live claims name, in the unit."""
        return span_of(self.live, self.unit, self.rule)

    @cached_property
    def verdict(self) -> Verdict:
        """What it comes to, and why."""
        return _verdict(self)


def assess(
    material: Material, rule: Rule = RECENSION_1, without: Collection[str] = ()
) -> Assessment:
    """Judge a series as if the sources `without` had not been read.

    What such a source says about the claims of others (that it supersedes or corrects them) goes
    with it; but what repeats it keeps its voice, so leaving a source out makes nothing better
    corroborated.
    """
    every = claims_of(material, rule)
    origins = roots(every)
    voices = {name: root.voice for name, root in origins.items()}
    seen = [claim for claim in every if claim.source not in without]
    judged = judge(seen, origins if len(seen) == len(every) else None)
    return Assessment(
        parts=parts_of(material.figures[0]),
        rule=rule,
        unit=_unit(every),
        judged=tuple(judged),
        voices=voices,
        said={name: root.stated for name, root in origins.items()},
    )


def fallen(material: Material, rule: Rule = RECENSION_1) -> tuple[str, ...]:
    """Return the running totals of a series that replaced a higher one, without all the rest."""
    return falls(judge(claims_of(material, rule)), rule)


def _unit(claims: Sequence[Claim]) -> str:
    """The most frequent unit of claims that do not merely convert another; by name among equals."""
    own = [claim for claim in claims if not claim.targets("converts", "equates")] or claims
    units = Counter(str(claim.record["unit"]) for claim in own)
    return min(units, key=lambda unit: (-units[unit], unit))


def _verdict(of: Assessment) -> Verdict:
    every = [each.claim for each in of.judged]
    live, voices = of.live, of.voices
    rests_on = of.against or live or every
    fell = falls(of.judged, of.rule)
    heard = sorted({str(v.actor) for c in live if (v := voices[c.figure]).named})
    return Verdict(
        status=of.status,
        revised=of.revised,
        reason=reason(of.status, heard, rests_on, of.judged, fell, of.rule),
        rests_on=tuple(sorted(claim.figure for claim in rests_on)),
        span=of.span,
        span_all=of.span if len(live) == len(every) else span_of(every, of.unit, of.rule),
        voices=voices_of(live, voices),
        publishers=len({claim.publisher for claim in live if claim.publisher}),
        fall=fell,
    )


class Point(NamedTuple):
    """One claim as a flat row. Printed numbers are in `unit`; `min` and `max` in the series' unit.

    An end that is open, a day that is not bounded, or what is not stated is None.
    """

    figure: str
    role: Role
    value: float | None
    low: float | None
    high: float | None
    min: float | None
    max: float | None
    quantifier: str | None
    magnitude: str | None
    unit: str
    printed: str
    fit: str | None
    place: str | None
    bearing: str | None
    as_of_start: str | None
    as_of_end: str | None
    asserted_start: str | None
    asserted_end: str | None
    day_part: str | None
    reported_start: str | None
    reported_end: str | None
    revision: int | None
    revision_issued: str | None
    asserter: str | None
    voice: str | None
    through: str | None
    source: str
    publisher: str | None
    suspected: str | None


def points(assessment: Assessment) -> list[Point]:
    """Return the claims as flat rows, in the order of time; those without a number as well."""
    return [_point(each, assessment) for each in assessment.judged]


def _point(each: Judged, assessment: Assessment) -> Point:
    claim, record = each.claim, each.claim.record
    place = record.get("place", {})
    known = claim.known or Known(0, "")
    least, greatest = _allowed(claim, assessment.unit)
    return Point(
        figure=claim.figure,
        role=each.role,
        value=record.get("value"),
        low=record.get("low"),
        high=record.get("high"),
        min=least,
        max=greatest,
        quantifier=record.get("quantifier"),
        magnitude=record.get("magnitude"),
        unit=record["unit"],
        printed=record["printed"],
        fit=claim.fit,
        place=place.get("id"),
        bearing=place.get("bearing"),
        as_of_start=_bounded(claim.as_of)[0],
        as_of_end=_bounded(claim.as_of)[1],
        asserted_start=_bounded(claim.asserted)[0],
        asserted_end=_bounded(claim.asserted)[1],
        day_part=record.get("asserted", {}).get("day_part"),
        reported_start=_bounded(claim.reported)[0],
        reported_end=_bounded(claim.reported)[1],
        revision=known.revision or None,
        revision_issued=known.issued or None,
        asserter=claim.asserter,
        voice=assessment.voices[claim.figure].actor,
        through=" ".join(claim.through) or None,
        source=claim.source,
        publisher=claim.publisher,
        suspected=claim.suspected,
    )


def _allowed(claim: Claim, unit: str) -> tuple[float | None, float | None]:
    name, factor = scale(unit)
    if claim.missing or claim.scale != name:
        return (None, None)
    ends = claim.allows.scaled(1 / factor)
    return (plain(ends.low.number), plain(ends.high.number))


def _bounded(days: Days | None) -> tuple[str | None, str | None]:
    if days is None:
        return (None, None)
    return (
        None if days.start == OPEN_START else days.start,
        None if days.end == OPEN_END else days.end,
    )


class Step(NamedTuple):
    """What a series came to in one revision: since when it is contested can be read from these."""

    revision: int
    status: Status
    revised: Direction
    min: float | None
    max: float | None
    live: tuple[str, ...]


def steps(
    history: Iterable[tuple[int, Material]],
    rule: Rule = RECENSION_1,
    without: Collection[str] = (),
) -> list[Step]:
    """Return a step for each revision given, each from the records of that revision alone."""
    return [step(revision, assess(material, rule, without)) for revision, material in history]


def step(revision: int, assessment: Assessment) -> Step:
    """Return what a series came to in a revision."""
    span = assessment.span
    return Step(
        revision,
        assessment.status,
        assessment.revised,
        span.min if span else None,
        span.max if span else None,
        tuple(sorted(claim.figure for claim in assessment.live)),
    )


def corroboration(assessment: Assessment, claim: Claim) -> int:
    """Return how many voices say the number of a claim, among those that are live or implied.

    An echo counts for the claim that it repeats, number and voice; so neither adding one nor
    leaving out what it repeats ever raises the count.
    """
    number = (claim.scale, assessment.said[claim.figure])
    voices = [
        assessment.voices[other.figure]
        for other in assessment.having("live", "implied")
        if (other.scale, assessment.said[other.figure]) == number
    ]
    return count_voices(voices)
