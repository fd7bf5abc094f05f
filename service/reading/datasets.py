"""Datasets, and the revision of one that a question is about."""

import orjson

from service.errors import NotFound
from service.model import Dataset, Reading, State
from service.reading.records import document
from service.store import Database, revisions
from service.store.revisions import Clock

MOST_LICENCES = 1000
_licences: dict[str, str] = {}
"""The licences that were asked for, by the chain of a revision, which commits to them."""


def every(db: Database) -> list[Dataset]:
    """Return the datasets by name, each with its head."""
    return revisions.every_dataset(db)


def state(db: Database, name: str) -> State:
    """Return the state of a dataset."""
    return revisions.state(db, name)


def as_of(db: Database, name: str, instant: str, clock: Clock = "issued") -> Reading:
    """Return a dataset as it was known at an instant. Raises `NotFound` before its first revision.

    A later revision never leaks into an earlier reading.
    """
    dataset = revisions.dataset(db, name)
    found = revisions.as_of(db, dataset, instant, clock)
    if found is None:
        first = revisions.revision(db, dataset, 1)
        begun = first.issued if clock == "issued" else first.published_at
        raise NotFound(
            f"nothing of {name} was {clock} by {instant}; its first revision was {begun}"
        )
    return Reading(dataset, found, pinned=False)


def at(db: Database, name: str, number: int | None = None) -> Reading:
    """Return a dataset at a revision, or at its head. Raises `NotFound`, naming what exists."""
    dataset = revisions.dataset(db, name)
    if number is None:
        return Reading(dataset, dataset.head, pinned=False)
    return Reading(dataset, revisions.revision(db, dataset, number), pinned=True)


def licence(db: Database, at: Reading) -> str:
    """Return the licence of a dataset at a revision, as an id of SPDX; empty if none is stated."""
    chain = at.revision.chain
    if chain not in _licences:
        if len(_licences) >= MOST_LICENCES:
            _licences.clear()
        _licences[chain] = str(orjson.loads(document(db, at).body).get("licence", ""))
    return _licences[chain]
