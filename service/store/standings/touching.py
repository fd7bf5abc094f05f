"""Which events may come to something else by what changed between two revisions."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from service.contested import hierarchy
from service.model import DATASET, Dataset
from service.store import Database, series
from service.store.series import Window

WHOLE = ("speaks_for.actor", "member_of.actor")
"""The fields by which an actor stands for another where accounts are compared."""


def events(db: Database, within: Window) -> set[str]:
    """Return the events of which something that their accounts rest on changed after `low`."""
    ends = (within.dataset.key, within.low, within.high)
    found = {
        name
        for end in series.ENDS
        for (name,) in db.rows(f"SELECT DISTINCT id FROM events WHERE {end}", ends)
    }
    members = ("speaks_for", "member_of", "anonymity")
    actors = series.changed(db, within, "actors", members)
    sources = series.changed(db, within, "sources", ("standing",))
    found |= _of_actors(db, within, actors)
    found |= _linking(db, within, "accounts.evidence.source", "sources", sources)
    return found | _linking(db, within, "accounts.place.id", "places", _places(db, within))


def resting_on(db: Database, of: Dataset, kind: str, record_id: str) -> set[str]:
    """Return the events whose accounts rest on a record, or ever did."""
    within = Window(of, 1, of.head.number)
    if kind == "actors":
        return _of_actors(db, within, {record_id})
    if kind == "sources":
        return _linking(db, within, "accounts.evidence.source", "sources", {record_id})
    return {record_id} if kind == "events" else set()


def _of_actors(db: Database, within: Window, actors: set[str]) -> set[str]:
    every = series.leading_to(db, within, actors, WHOLE)
    return _linking(db, within, "accounts.participants.actor", "actors", every)


def _linking(db: Database, within: Window, field: str, kind: str, ids: set[str]) -> set[str]:
    return series.linking(db, within, "events", [field], kind, ids)


def _places(db: Database, within: Window) -> set[str]:
    """Return the places of which it changed what contains them, and all that contain these."""
    documents = list(series.records(db, within, DATASET, [within.dataset.name]))
    states = [dict(hierarchy(held.record).places) for held in documents]
    return {
        name
        for old, new in pairwise(states)
        for place in old.keys() | new.keys()
        if old.get(place) != new.get(place)
        for name in (place, *_containing(old, new, place))
    }


def _containing(old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> Iterator[str]:
    yield from old.get(place, ())
    yield from new.get(place, ())
