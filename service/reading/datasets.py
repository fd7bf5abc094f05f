"""Datasets, and the revision of one that a question is about."""

from service.model import Dataset, Reading
from service.store import Database, revisions


def every(db: Database) -> list[Dataset]:
    """Return the datasets by name, each with its head."""
    return revisions.every_dataset(db)


def at(db: Database, name: str, number: int | None = None) -> Reading:
    """Return a dataset at a revision, or at its head. Raises `NotFound`, naming what exists."""
    dataset = revisions.dataset(db, name)
    if number is None:
        return Reading(dataset, dataset.head, pinned=False)
    return Reading(dataset, revisions.revision(db, dataset, number), pinned=True)
