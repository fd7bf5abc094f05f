"""Series at a revision, judged as they are asked for; and what became of them between two."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from service.contested import (
    Assessment,
    Family,
    Material,
    Point,
    Resolution,
    SeriesChange,
    Step,
    assess,
    compare,
    family,
    points,
    resolve,
    steps,
    title,
)
from service.errors import NotFound
from service.model import Reading
from service.reading import judging
from service.reading.materials import Materials
from service.store import Database, revisions
from service.store import series as stored
from service.store.series import Window

MOST_CHANGES = 1000
"""Series that one comparison of revisions judges."""


class View(NamedTuple):
    """How series are looked at: without some sources, with a value chosen, with all points."""

    without: tuple[str, ...] = ()
    resolve: str | None = None
    points: bool = False


PLAIN = View()


class Only(NamedTuple):
    """Which series are asked for; None admits all. `voice` is of any claim, live or not."""

    measure: str | None = None
    group: str | None = None
    of: str | None = None
    place: str | None = None
    status: str | None = None
    voice: str | None = None


class DatedStep(NamedTuple):
    """A step, and the instant that its revision stands for."""

    step: Step
    issued: str


@dataclass(frozen=True)
class Series:
    """A series of a revision, judged. What is not asked for is None.

    `standing` gives the sources of its claims that their publishers changed or took back.
    """

    assessment: Assessment
    title: str
    family: Family
    standing: Mapping[str, str]
    points: list[Point] | None = None
    steps: list[DatedStep] | None = None
    resolution: Resolution | None = None

    @property
    def key(self) -> str:
        """Its key."""
        return self.assessment.parts.key


class Page(NamedTuple):
    """Series by key, whether more follow, and how many there are in all."""

    series: list[Series]
    more: bool
    total: int


def page(db: Database, at: Reading, only: Only, view: View, after: str | None, limit: int) -> Page:
    """Return the series that follow a key. Raises `BadQuery` for an unknown source."""
    judging.require_sources(db, at, view.without)
    keys = _asked(db, at, only, view.without)
    start = bisect_right(keys, after) if after is not None else 0
    shown = keys[start : start + limit]
    return Page(list(_told(db, at, shown, view)), start + limit < len(keys), len(keys))


def one(db: Database, at: Reading, key: str, view: View) -> Series:
    """Return a series with its points and steps. Raises `NotFound`, naming keys that are near."""
    judging.require_sources(db, at, view.without)
    known = judging.overview(db, at).series
    if key not in known:
        place = f"revision {at.revision.number} of {at.dataset.name}"
        near = judging.nearest(key, known)
        raise NotFound(f"there is no series {key!r} in {place}; {near}")
    (found,) = _told(db, at, [key], view._replace(points=True))
    return found


def _asked(db: Database, at: Reading, only: Only, without: tuple[str, ...]) -> list[str]:
    """Return the keys that are asked for. Only where it matters are all series judged."""
    keys = [
        key
        for key, parts in judging.overview(db, at).series.items()
        if all(
            wanted in (None, found)
            for wanted, found in zip(
                only, (parts.measure, parts.group, parts.of, parts.place), strict=False
            )
        )
    ]
    if only.status is None and only.voice is None:
        return keys
    standings = judging.judgement_without(db, at, without).standings
    return [
        key
        for key in keys
        if only.status in (None, standings[key].status)
        and (only.voice is None or only.voice in standings[key].voices)
    ]


def _told(db: Database, at: Reading, keys: list[str], view: View) -> Iterator[Series]:
    known = judging.overview(db, at)
    names = judging.names_of(db, at, [known.series[key] for key in keys])
    materials = Materials(db, stored.only(at), keys)
    found = {key: materials.at(key, at.revision.number) for key in keys}
    figures = [figure["id"] for each in found.values() if each for figure in each.figures]
    links = stored.printed_parts(db, at, figures)
    for key, material in found.items():
        if material:
            assessment = assess(material, without=view.without)
            others = [known.series[near] for near in known.near.get(key, ())]
            yield Series(
                assessment,
                title(assessment.parts, names),
                family(assessment.parts, others, known.within, links),
                _standing(material),
                points(assessment) if view.points else None,
                _steps(db, at, key, view.without) if view.points else None,
                resolve(assessment, view.resolve) if view.resolve else None,
            )


def _standing(material: Material) -> dict[str, str]:
    """Return the sources of a series that do not stand as they were printed."""
    ids = {figure["evidence"][0]["source"] for figure in material.figures}
    standing = {name: material.sources[name].get("standing", "current") for name in sorted(ids)}
    return {name: word for name, word in standing.items() if word != "current"}


def _steps(db: Database, at: Reading, key: str, without: Collection[str]) -> list[DatedStep]:
    """Return a step for each revision in which the series came to something else."""
    materials = Materials(db, Window(at.dataset, 1, at.revision.number), [key])
    turns = materials.turns(key)
    issued = revisions.issued(db, at.dataset, turns)
    return [DatedStep(step, issued[step.revision]) for step in distinct(materials, key, without)]


def distinct(materials: Materials, key: str, without: Collection[str] = ()) -> list[Step]:
    """Return the steps that differ from the one before; where no figure is, it is empty."""
    told: list[Step] = []
    for number in materials.turns(key):
        material = materials.at(key, number)
        step = Step(number, "empty", "none", None, None, ())
        if material:
            (step,) = steps([(number, material)], without=without)
        if not told or told[-1]._replace(revision=number) != step:
            told.append(step)
    return told


class Changes(NamedTuple):
    """Series that came to something else, by key, and how many more may have."""

    told: list[SeriesChange]
    unjudged: int


def changes(db: Database, old: Reading, new: Reading, most: int = MOST_CHANGES) -> Changes:
    """Return the series whose live claims, status or span differ between two revisions.

    `old` may be the later one. The cost follows what changed between the two; of the series that
    this touched at most so many are judged.
    """
    numbers = (old.revision.number, new.revision.number)
    within = Window(old.dataset, min(numbers), max(numbers))
    touched = sorted(stored.touched(db, within))
    told = list(_changed(db, within, touched[:most], *numbers))
    return Changes(told, len(touched[most:]))


def _changed(
    db: Database, within: Window, keys: list[str], old: int, new: int
) -> Iterator[SeriesChange]:
    for start in range(0, len(keys), judging.BATCH):
        some = keys[start : start + judging.BATCH]
        materials = Materials(db, within, some)
        for key in some:
            change = compare(*_sides(materials, key, (old, new)))
            if change:
                yield change


def _sides(materials: Materials, key: str, numbers: Iterable[int]) -> tuple[Assessment | None, ...]:
    found = (materials.at(key, number) for number in numbers)
    return tuple(assess(material) if material else None for material in found)
