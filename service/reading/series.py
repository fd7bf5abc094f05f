"""Series at a revision, judged as they are asked for; and what became of them between two."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from service.contested import (
    Assessment,
    Family,
    Material,
    Parts,
    Point,
    Resolution,
    SeriesChange,
    Step,
    assess,
    compare,
    family,
    hierarchy,
    points,
    resolve,
    step,
    title,
)
from service.errors import NotFound
from service.model import Reading
from service.reading import judging
from service.reading.judging import Only
from service.store import Database, revisions
from service.store import series as stored
from service.store.series import Window
from service.store.standings import families, listing, rows
from service.store.standings.judging import require
from service.store.standings.materials import Materials
from service.store.standings.rows import Row

MOST_CHANGES = 1000
"""Series that one comparison of revisions judges."""

KEPT = 500
"""Counts of series that a process keeps."""

NEAR = 100
"""Keys before and after an unknown one among which those like it are looked for."""


class View(NamedTuple):
    """How series are looked at: without some sources, with a value, with points, with steps."""

    without: tuple[str, ...] = ()
    resolve: str | None = None
    points: bool = False
    steps: bool = False


PLAIN = View()


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
    require(db, at)
    keys, total = _asked(db, at, only, view.without, after or "", limit + 1)
    return Page(list(_told(db, at, keys[:limit], view)), len(keys) > limit, total)


def every(db: Database, at: Reading, only: Only, view: View) -> Iterator[Series]:
    """Yield all series that are asked for, read in short steps."""
    after: str | None = None
    while found := page(db, at, only, view, after, judging.BATCH).series:
        yield from found
        after = found[-1].key


def one(db: Database, at: Reading, key: str, view: View) -> Series:
    """Return a series with its points and steps. Raises `NotFound`, naming keys that are near."""
    judging.require_sources(db, at, view.without)
    require(db, at)
    for found in _told(db, at, [key], view._replace(points=True, steps=True)):
        return found
    place = f"revision {at.revision.number} of {at.dataset.name}"
    near = judging.nearest(key, listing.near(db, at, key, NEAR))
    raise NotFound(f"there is no series {key!r} in {place}; {near}")


def _asked(
    db: Database, at: Reading, only: Only, without: Collection[str], after: str, limit: int
) -> tuple[list[str], int]:
    """Return the keys that are asked for after one, and how many there are in all.

    Where it matters that sources are left out, the series of theirs are judged anew.
    """
    kept = judging.kept_only(db, at, only)
    total = _total(_Counted(at.revision.chain, at.dataset.head.chain, kept, at, db))
    if not (without and kept.judged):
        return [row.id for row in listing.page(db, at, kept, after, limit)], total
    anew = judging.affected(db, at, only, without)
    admitted = [key for key, each in anew.items() if judging.admits(only, each)]
    total += len(admitted) - len(listing.some(db, at, "series", kept, anew))
    untouched = (row.id for row in listing.page(db, at, kept, after, limit + len(anew)))
    keys = {key for key in untouched if key not in anew} | {key for key in admitted if key > after}
    return sorted(keys)[:limit], total


@dataclass(frozen=True)
class _Counted:
    """Series that are counted: of a revision there are as many until something is erased, by which
    the head becomes another. The chains tell both, whatever the database.
    """

    chain: str
    head: str
    only: listing.Only
    at: Reading = field(compare=False)
    db: Database = field(compare=False)


@lru_cache(maxsize=KEPT)
def _total(of: _Counted) -> int:
    """Return how many there are. A walk asks at each page, and to count takes what a page does."""
    return listing.count(of.db, of.at, "series", of.only)


def _told(db: Database, at: Reading, keys: list[str], view: View) -> Iterator[Series]:
    materials = Materials(db, stored.only(at), keys)
    found = {key: materials.at(key, at.revision.number) for key in keys}
    judged = {key: assess(each, without=view.without) for key, each in found.items() if each}
    document = judging.document(db, at)
    parts = [each.parts for each in judged.values()]
    names = judging.names_of(db, at, parts, document)
    related = _families(db, at, parts, found.values(), document)
    steps = steps_of(db, at, list(judged), view.without) if view.steps else {}
    for key, assessment in judged.items():
        yield Series(
            assessment,
            title(assessment.parts, names),
            related[key],
            _standing(found[key]),
            points(assessment) if view.points else None,
            steps.get(key),
            resolve(assessment, view.resolve) if view.resolve else None,
        )


def _families(
    db: Database,
    at: Reading,
    series: list[Parts],
    materials: Iterable[Material | None],
    document: Mapping[str, Any],
) -> dict[str, Family]:
    """Return the families of some series by their keys."""
    figures = [figure["id"] for each in materials if each for figure in each.figures]
    printed: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for part, whole in families.printed_parts(db, at, figures):
        printed[part].append((part, whole))
        printed[whole].append((part, whole))
    lines = families.lines(db, at, {parts.of for parts in series if parts.subject == "event"})
    wholes: dict[str, list[dict[str, str]]] = defaultdict(list)
    for part, whole in lines:
        wholes[part].append({"type": "part_of", "event": whole})
    within = hierarchy(document, [{"id": n, "relations": each} for n, each in wholes.items()])
    around: dict[str, set[str]] = {parts.of: {parts.of} for parts in series}
    for event, wider in within.events.items():
        around.setdefault(event, {event}).update(wider)
        for each in wider:
            around.setdefault(each, {each}).add(event)
    # Of all series of a measure only those of such events can contain one, or lie in it.
    others: dict[tuple[str, str], list[Parts]] = defaultdict(list)
    for parts in listing.within(db, at, {each.measure for each in series}, around.keys()):
        others[parts.measure, parts.of].append(parts)
    return {
        each.key: family(
            each,
            [other for of in around[each.of] for other in others[each.measure, of]],
            within,
            printed[each.key],
        )
        for each in series
    }


def _standing(material: Material | None) -> dict[str, str]:
    """Return the sources of a series that do not stand as they were printed."""
    if material is None:
        return {}
    ids = {figure["evidence"][0]["source"] for figure in material.figures}
    standing = {name: material.sources[name].get("standing", "current") for name in sorted(ids)}
    return {name: word for name, word in standing.items() if word != "current"}


def steps_of(
    db: Database, at: Reading, keys: list[str], without: Collection[str] = ()
) -> dict[str, list[DatedStep]]:
    """Return for each of some series a step for each revision in which it came to something else.

    They are kept; as if sources had not been read they are found from the records.
    """
    if without:
        materials = Materials(db, Window(at.dataset, 1, at.revision.number), keys)
        told = {key: list(_distinct(_computed(materials, key, without))) for key in keys}
    else:
        spans: dict[str, list[Row]] = defaultdict(list)
        for row in rows.until(db, at.dataset, "series", keys, at.revision.number):
            spans[row.id].append(row)
        told = {key: list(_distinct(_kept(spans[key], at.revision.number))) for key in keys}
    numbers = {each.revision for steps in told.values() for each in steps}
    issued = revisions.issued(db, at.dataset, numbers)
    return {k: [DatedStep(each, issued[each.revision]) for each in told[k]] for k in keys}


def _kept(spans: list[Row], number: int) -> Iterator[Step]:
    """Yield the steps of rows, with an empty one wherever no figure was."""
    for row, following in zip(spans, (*spans[1:], None), strict=True):
        yield row.step
        if row.until <= number and (following is None or following.since > row.until):
            yield _empty(row.until)


def _computed(materials: Materials, key: str, without: Collection[str]) -> Iterator[Step]:
    for number in materials.turns(key):
        material = materials.at(key, number)
        yield step(number, assess(material, without=without)) if material else _empty(number)


def _empty(number: int) -> Step:
    return Step(number, "empty", "none", None, None, ())


def _distinct(every: Iterable[Step]) -> Iterator[Step]:
    """Yield the steps that differ from the one before; nothing before there was a figure."""
    last: Step | None = None
    for each in every:
        if (last or _empty(0))._replace(revision=each.revision) != each:
            yield each
            last = each


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
