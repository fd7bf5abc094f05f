"""Records by what they say, the records that they refer to, and how many there are of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from schemas import KINDS
from schemas.filters import Filter
from service.errors import BadQuery
from service.model import Reading
from service.reading import records
from service.reading.records import Page
from service.store import Database, selecting, series
from service.store.filtering import Way
from service.store.selecting import Selection

MOST_INCLUDED = 1000
"""Records that one answer includes beside its own."""


@dataclass(frozen=True)
class Box:
    """A part of the globe in degrees. Where west is greater than east it crosses 180°."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, latitude: float, longitude: float) -> bool:
        """Say whether a point lies within it, its edges included."""
        if not self.south <= latitude <= self.north:
            return False
        if self.west <= self.east:
            return self.west <= longitude <= self.east
        return longitude >= self.west or longitude <= self.east


def page(
    db: Database,
    at: Reading,
    selection: Selection,
    after: str | None,
    limit: int,
    way: Way | None = None,
) -> Page:
    """Return the records of a selection that follow an id, in its order."""
    if selection.plain:
        return records.page(db, at, selection.kind, after, limit)
    rows = selecting.page(db, at, selection, after, limit + 1, way)
    shown = rows[:limit]
    return Page([body for _, body in shown], shown[-1][0] if shown else None, len(rows) > limit)


def walk(db: Database, at: Reading, selection: Selection, limit: int) -> Callable[[str], Page]:
    """Return what reads the pages of a selection: how to go about it is found once for all."""
    known: list[Way] = []

    def read(after: str) -> Page:
        if not known:
            known.append(selecting.way_of(db, at, selection))
        return page(db, at, selection, after, limit, known[0])

    return read


def total(db: Database, at: Reading, selection: Selection) -> int:
    """Return how many records a selection has; of a whole kind the revision knows it."""
    if not selection.filters:
        return at.revision.records.get(selection.kind, 0)
    return selecting.count(db, at, selection)


def located(db: Database, at: Reading, kind: str, box: Box) -> Filter:
    """Return the filter for records of a kind whose place lies in a box."""
    declared = orjson.loads(records.document(db, at).body).get("places", ())
    return Filter(KINDS[kind].filters["place.id"], "in", tuple(_places(declared, box)))


def voiced(db: Database, at: Reading, kind: str, voice: str) -> Filter:
    """Return the filter for records of a kind with a claim whose voice is an actor."""
    speakers = series.speakers(db, at, voice)
    return Filter(KINDS[kind].filters["asserter"], "in", tuple(speakers))


def _places(places: Iterable[Mapping[str, Any]], box: Box) -> Iterator[str]:
    """Yield the places in the box by their own coordinates or, without, by those around them."""
    known = {place["id"]: place for place in places}
    yield from (name for name in known if _lies_in(known, name, box))


def _lies_in(known: Mapping[str, Any], name: str, box: Box) -> bool:
    if name not in known:
        return False
    looked_up = known[name].get("reference", {})
    if "latitude" in looked_up and "longitude" in looked_up:
        return box.holds(looked_up["latitude"], looked_up["longitude"])
    return any(_lies_in(known, around, box) for around in known[name].get("within", ()))


def included(
    db: Database, at: Reading, kind: str, bodies: Sequence[str], paths: Sequence[str]
) -> dict[str, list[str]]:
    """Return the bodies of the records to which records refer at some paths: kind to bodies by id.

    Each is there once. Raises `BadQuery` where they are too many for one answer.
    """
    wanted: dict[str, set[str]] = {KINDS[kind].targets[path]: set() for path in paths}
    for record in map(orjson.loads, bodies):
        for path in paths:
            wanted[KINDS[kind].targets[path]].update(KINDS[kind].targeted(record, path))
    if (many := sum(map(len, wanted.values()))) > MOST_INCLUDED:
        raise BadQuery(
            f"include leads to {many} records, and {MOST_INCLUDED} is the most of one answer:"
            " ask for a smaller limit, or for fewer references",
            "include",
        )
    return {
        target: _included(db, at, target, sorted(ids)) for target, ids in sorted(wanted.items())
    }


def _included(db: Database, at: Reading, target: str, ids: list[str]) -> list[str]:
    if target in KINDS:
        return selecting.bodies(db, at, target, ids)
    declared = orjson.loads(records.document(db, at).body).get(target, ())
    known = {each["id"]: each for each in declared}
    return [orjson.dumps(known[name]).decode() for name in ids if name in known]
