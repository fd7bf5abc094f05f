"""Datasets and their revisions: the head, the numbers, the chain."""

from collections.abc import Collection
from typing import Any, Literal

import orjson

from service.errors import NotFound
from service.model import Dataset, Revision, State
from service.store.database import Database

Clock = Literal["issued", "published"]
"""By which instant `as_of` goes: the one a revision stands for, or when this service stored it."""

_COLUMNS = (
    "d.name, r.number, r.digest, r.chain, r.issued, r.published_at, r.message, r.records, r.changes"
)
_HEADS = (
    f"SELECT d.id, d.redactions, {_COLUMNS} FROM datasets d"
    " JOIN revisions r ON r.dataset = d.id AND r.number = d.head"
)
_REVISIONS = f"SELECT {_COLUMNS} FROM datasets d JOIN revisions r ON r.dataset = d.id"


def every_dataset(db: Database) -> list[Dataset]:
    """Return the datasets by name, each with its head."""
    return [_dataset(row) for row in db.rows(f"{_HEADS} ORDER BY d.name")]


def state(db: Database, name: str) -> State:
    """Return the state of a dataset."""
    row = db.row("SELECT redactions, head FROM datasets WHERE name = ?", (name,))
    return tuple(row) if row else ()


def find_dataset(db: Database, name: str) -> Dataset | None:
    """Return a dataset with its head, or None before its first revision."""
    row = db.row(f"{_HEADS} WHERE d.name = ?", (name,))
    return _dataset(row) if row else None


def dataset(db: Database, name: str) -> Dataset:
    """Return a dataset with its head. Raises `NotFound`, naming those that exist."""
    found = find_dataset(db, name)
    if found is None:
        names = ", ".join(known.name for known in every_dataset(db)) or "none yet"
        raise NotFound(f"there is no dataset {name!r}; the datasets are: {names}")
    return found


def revision(db: Database, of: Dataset, number: int) -> Revision:
    """Return one revision. Raises `NotFound`, naming the numbers that exist."""
    if number == of.head.number:
        return of.head
    if not 0 < number < of.head.number:
        last = of.head.number
        span = "only revision 1 exists" if last == 1 else f"revisions 1 to {last} exist"
        raise NotFound(f"there is no revision {number} of {of.name}; {span}")
    row = db.row(f"{_REVISIONS} WHERE d.id = ? AND r.number = ?", (of.key, number))
    assert row is not None  # noqa: S101 - numbers are gapless
    return _revision(row)


def page(db: Database, of: Dataset, before: int | None, limit: int) -> list[Revision]:
    """Return revisions below a number, newest first."""
    rows = db.rows(
        f"{_REVISIONS} WHERE d.id = ? AND r.number < ? ORDER BY r.number DESC LIMIT ?",
        (of.key, of.head.number + 1 if before is None else before, limit),
    )
    return [_revision(row) for row in rows]


def as_of(db: Database, of: Dataset, instant: str, clock: Clock) -> Revision | None:
    """Return the newest revision that a clock had shown by an instant, or None before the first."""
    column = {"issued": "issued", "published": "published_at"}[clock]
    row = db.row(
        f"{_REVISIONS} WHERE d.id = ? AND r.{column} <= ? ORDER BY r.number DESC LIMIT 1",
        (of.key, instant),
    )
    return _revision(row) if row else None


def issued(db: Database, of: Dataset, numbers: Collection[int]) -> dict[int, str]:
    """Return number to the instant that the revision stands for."""
    if not numbers:
        return {}
    marks = ", ".join("?" * len(numbers))
    rows = db.rows(
        f"SELECT number, issued FROM revisions WHERE dataset = ? AND number IN ({marks})",
        (of.key, *sorted(numbers)),
    )
    return dict(rows)


def _dataset(row: Any) -> Dataset:
    key, redactions, *columns = row
    head = _revision(columns)
    return Dataset(key, head.dataset, head, redactions)


def _revision(row: Any) -> Revision:
    *plain, records, changes = row
    return Revision(*plain, *map(orjson.loads, (records, changes)))
