"""The rows of a large first release are stored ahead, table by table, under the key of no dataset.

SQLite has one writer at a time, and a million records with their indexes keep all others out for
more than a minute where they are stored as a whole. Rows of a key that no dataset has are found by
nobody; the transaction that publishes gives the key to the dataset. A following revision changes
what is found, so it is stored as a whole. Writers of PostgreSQL keep nobody out.

One process at a time stores ahead in a folder: a lock says which, and goes with the process however
that ends. So what is left under the key by then is of one that was killed, and the next publication
removes it.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from service.errors import Unavailable
from service.model import Revision
from service.store import intervals
from service.store.database import Database
from service.store.tables import TABLES

MANY = 100_000
"""Records that take longer to store than a writer waits for another."""

LONG_SECONDS = 1.0
"""How long a table may take before others are let in."""

PAUSE_SECONDS = 0.11
"""For how long: who waits for SQLite looks every tenth of a second whether it may write."""

_NOBODY = "~"
"""Stands in the place of a dataset's name, and is none."""


class Stored(NamedTuple):
    """Rows that are there: their key, and for how many seconds others were kept out, at once."""

    key: int
    locked: float


@contextmanager
def stored(db: Database, revision: Revision) -> Iterator[Stored | None]:
    """Store the rows of a first revision, if they are many, and yield where they are: within the
    block they are given to the dataset, else they are removed.
    """
    many = revision.number == 1 and sum(revision.records.values()) >= MANY
    if db.engine != "sqlite" or not (many or _left(db)):
        yield None
        return
    with _turn(db) as ours:
        if ours:
            _remove(db)
        if not (ours and many):
            yield None
            return
        try:
            yield _store(db, revision)
        except Exception:
            # Where the store cannot answer now, the next publication removes them.
            with suppress(Unavailable):
                _remove(db)
            raise


def give(db: Database, stored: Stored, revision: Revision) -> int:
    """Make the key that of the dataset, and return whether that was possible: 0 where another load
    published one of that name.
    """
    return db.run(
        "UPDATE datasets SET name = ?, head = ? WHERE id = ? AND name = ?"
        " AND NOT EXISTS (SELECT 1 FROM datasets WHERE name = ?)",
        (revision.dataset, revision.number, stored.key, _NOBODY, revision.dataset),
    )


def _left(db: Database) -> int | None:
    """Return the key that no dataset has, if there is one."""
    row = db.row("SELECT id FROM datasets WHERE name = ?", (_NOBODY,))
    return int(row[0]) if row else None


@contextmanager
def _turn(db: Database) -> Iterator[bool]:
    """Say whether this is the one process that may store ahead, for as long as that goes on."""
    with ExitStack() as stack:
        ours = False
        # Where folders cannot be locked it is stored as a whole.
        with suppress(OSError):
            folder = os.open(Path(db.place).parent, os.O_RDONLY)
            stack.callback(os.close, folder)
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours = True
        yield ours


def _store(db: Database, revision: Revision) -> Stored:
    db.run("INSERT INTO datasets (name, head, redactions) VALUES (?, 0, 0)", (_NOBODY,))
    key = _left(db)
    assert key is not None  # noqa: S101 - inserted just above
    return Stored(key, max(_apart(db, fill) for fill in _tables(db, key, revision)))


def _apart(db: Database, change: Callable[[], object]) -> float:
    """Make a change in a transaction of its own, and return for how long others were kept out."""
    with db.writing():
        began = monotonic()
        change()
        kept_out = monotonic() - began
    if kept_out > LONG_SECONDS:
        time.sleep(PAUSE_SECONDS)
    return kept_out


def _tables(db: Database, key: int, revision: Revision) -> Iterator[Callable[[], object]]:
    """Yield what fills one table after the other."""
    number, kinds = revision.number, revision.changes
    for kind in kinds:
        yield partial(intervals.begin, db, key, kind, number)
    for name in intervals.DERIVED:
        yield partial(_derive, db, name, key, revision)


def _derive(db: Database, name: str, key: int, revision: Revision) -> None:
    for kind in revision.changes:
        intervals.begin_derived(db, name, key, kind, revision.number, follows=False)


def _remove(db: Database) -> None:
    """Remove what stands under the key that no dataset has, and the key."""
    key = _left(db)
    if key is None:
        return
    for table in (*TABLES.values(), *intervals.DERIVED):
        _apart(db, partial(db.run, f"DELETE FROM {table} WHERE dataset = ?", (key,)))
    db.run("DELETE FROM datasets WHERE id = ? AND name = ?", (key, _NOBODY))
