"""A figure record read as a claim: who says it, as of when, and which numbers it allows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from service.contested.dates import ANY_DAY, Days, days, end_of
from service.contested.intervals import Interval, exact
from service.contested.measures import scale
from service.contested.plain import Record
from service.contested.rule import INDEFINITE, Rule

BOUNDS = ("at_least", "more_than", "at_most", "less_than")
ECHOES = ("restates", "rounds", "converts", "equates")


class Known(NamedTuple):
    """Since when this dataset knows a figure: a revision, and the instant it stands for."""

    revision: int
    issued: str


@dataclass(frozen=True)
class Material:
    """The records of one revision on which one series rests, and nothing of any other revision.

    `figures` are all of one series; `sources` holds theirs by id; `actors` the first links of their
    attributions, the publishers of the sources, and whoever these speak for or hold an office in,
    to the end. `retracted` are the figures that an event of the revision retracts.
    """

    figures: Sequence[Record]
    sources: Mapping[str, Record]
    actors: Mapping[str, Record]
    retracted: Collection[str] = ()
    known: Mapping[str, Known] = field(default_factory=dict)


class Voice(NamedTuple):
    """Whose word a claim is in the end; `named` tells whether it counts beside others."""

    actor: str | None
    named: bool


class Stated(NamedTuple):
    """The number as it was said, in the unit of the scale: equal if the same number was said."""

    value: Fraction | None
    low: Fraction | None
    high: Fraction | None
    magnitude: str | None


@dataclass(frozen=True)
class Claim:
    """A figure, read. Its record stays as it is; what is derived stands here."""

    record: Record
    figure: str
    source: str
    publisher: str | None
    asserter: str | None
    voice: Voice
    through: tuple[str, ...]
    official: bool
    as_of: Days
    asserted: Days | None
    reported: Days
    scale: str
    factor: Fraction
    stated: Stated
    interval: Interval | None
    retracted: bool
    discredited: bool
    known: Known | None

    @property
    def missing(self) -> bool:
        """Whether it says that there is no number."""
        return self.interval is None

    @property
    def names_a_number(self) -> bool:
        """Whether it gives a number, or a word of some order of size."""
        return not self.missing and self.stated.magnitude != INDEFINITE

    @property
    def allows(self) -> Interval:
        """The numbers that it allows, in the unit of its scale."""
        if self.interval is None:
            raise ValueError(f"{self.figure} gives no number")
        return self.interval

    @property
    def word(self) -> str | None:
        """The word of magnitude, if it excludes others: for the whole group, and of some order."""
        whole = self.fit not in ("narrower", "wider")
        return self.stated.magnitude if whole and self.stated.magnitude != INDEFINITE else None

    @property
    def fit(self) -> str | None:
        """How well those whom it counts fit the group of the series, if it counts anybody."""
        fit: str | None = self.record.get("counted", {}).get("fit")
        return fit

    @cached_property
    def bound(self) -> bool:
        """Whether a sharper claim can say all that it says: a bound, a word, or another's part."""
        return (
            self.record.get("quantifier") in BOUNDS
            or self.stated.magnitude is not None
            or self.fit in ("narrower", "wider")
        )

    @cached_property
    def suspected(self) -> str | None:
        """The gravest use that an editor's doubts leave it: unusable, doubt, or none."""
        uses = [doubt["use"] for doubt in self.record.get("suspected", ())]
        return "unusable" if "unusable" in uses else next(iter(uses), None)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """What puts claims in the order of time, by what they say and never by their ids."""
        asserted = self.asserted or Days("", "")
        length = str(len(self.through)).zfill(3)
        said = [str(number) for number in self.stated]
        where = sorted(f"{run['start']} {run['sha256']}" for run in self.record["evidence"])
        words = self.record["printed"]
        return (*self.as_of, *asserted, *self.reported, length, *said, words, *where)

    def targets(self, *types: str) -> list[str]:
        """Return the figures to which its relations of these types point."""
        relations = self.record.get("relations", ())
        return [relation["figure"] for relation in relations if relation["type"] in types]


def claims_of(material: Material, rule: Rule) -> list[Claim]:
    """Return the claims that the figures make, read by a rule."""
    return [_claim(figure, material, rule) for figure in material.figures]


def _claim(figure: Record, material: Material, rule: Rule) -> Claim:
    source = material.sources[figure["evidence"][0]["source"]]
    chain = figure["attribution"]
    asserter = chain[0].get("actor") if chain else source.get("publisher")
    reported = _when(source, "published") or ANY_DAY
    asserted = _when(figure, "asserted")
    name, factor = scale(figure["unit"])
    said = None if "missing" in figure else rule.interval(figure)
    voice = voice_of(asserter, material.actors)
    return Claim(
        record=figure,
        figure=figure["id"],
        source=source["id"],
        publisher=source.get("publisher"),
        asserter=asserter,
        voice=voice,
        through=tuple(link["actor"] for link in chain[1:] if "actor" in link),
        official=_is_official(voice.actor, material.actors),
        as_of=_as_of(figure) or asserted or reported,
        asserted=asserted,
        reported=reported,
        scale=name,
        factor=factor,
        stated=_stated(figure, factor),
        interval=said and said.scaled(factor),
        retracted=figure["stance"] != "asserts" or figure["id"] in material.retracted,
        discredited=source.get("standing") == "retracted",
        known=material.known.get(figure["id"]),
    )


def _when(record: Record, name: str) -> Days | None:
    return days(record[name]["date"]) if name in record else None


def _as_of(figure: Record) -> Days | None:
    period = figure.get("reference_period")
    return end_of(period) if period else None


def _stated(figure: Record, factor: Fraction) -> Stated:
    value, low, high = (
        (number if factor == 1 else number * factor) if number is not None else None
        for number in (
            exact(figure[name]) if name in figure else None for name in ("value", "low", "high")
        )
    )
    return Stated(value, low, high, figure.get("magnitude"))


def voice_of(asserter: str | None, actors: Mapping[str, Record]) -> Voice:
    """Return the voice of an asserter: whoever it speaks for, to the end.

    Nobody, an unnamed actor at the end, or one whose record was erased is a voice without a name.
    """
    if asserter is None:
        return Voice(None, named=False)
    last = _path(asserter, actors)[-1]
    return Voice(last, named=actors[last].get("anonymity", "unnamed") != "unnamed")


def _path(actor: str, actors: Mapping[str, Record]) -> list[str]:
    path = [actor]
    while "speaks_for" in actors[path[-1]]:
        path.append(actors[path[-1]]["speaks_for"]["actor"])
    return path


OFFICIAL = ("government_body", "security_force")


def _is_official(actor: str | None, actors: Mapping[str, Record]) -> bool:
    if actor is None:
        return False
    bodies = [role["body"] for role in actors[actor].get("roles", ()) if "body" in role]
    return any(actors[name].get("actor_type") in OFFICIAL for name in (actor, *bodies))


def count_voices(voices: Collection[Voice]) -> int:
    """Return how many voices there are: the named ones, or one if only nameless ones speak."""
    named = {voice.actor for voice in voices if voice.named}
    return len(named) or min(len(voices), 1)
