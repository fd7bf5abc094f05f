"""When SQLite writes its log back to the file: after a publication, beside what follows it.

A commit is on the disk once it is in the log. Left to itself, the one that makes the log long also
writes it back before it returns, which after a publication takes as long as the commit. Of
PostgreSQL a process of the server does that, so nothing is done here.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from service.errors import Unavailable
from service.store.database import Database

_LONG = "PRAGMA wal_autocheckpoint"
"""From how many pages on the log is written back."""


@contextmanager
def put_off(db: Database) -> Iterator[None]:
    """Commits of this thread return without writing the log back."""
    usual = db.row(_LONG) if db.engine == "sqlite" else None
    if usual is None:
        yield
        return
    db.row(f"{_LONG} = 0")
    try:
        yield
    finally:
        with suppress(Unavailable):
            db.row(f"{_LONG} = {usual[0]:d}")


@contextmanager
def beside(db: Database) -> Iterator[None]:
    """Have another thread write the log back, if it is long, while this one goes on; at the end it
    is waited for. Where that fails nothing is lost: whoever commits next tries again.
    """
    if db.engine != "sqlite" or not _is_long(db):
        yield
        return
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(_write_back, db)
        yield
        done.result()


def _is_long(db: Database) -> bool:
    with suppress(Unavailable):
        long, log = db.row(_LONG), db.row("PRAGMA wal_checkpoint(NOOP)")
        return bool(long and log and log[1] >= long[0])
    return False


def _write_back(db: Database) -> None:
    try:
        with suppress(Unavailable):
            db.row("PRAGMA wal_checkpoint")
    finally:
        db.release()
