"""Answers that are kept for a while, so that a request that is sent again is answered alike.

A key stands for one request from its first arrival. Until the answer is known it is under way;
whoever takes longer than `LEASE` is taken for dead, and the next to come takes the request over.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from service.store.database import Database

KEPT = timedelta(hours=24)
LEASE = timedelta(minutes=5)

INSTANT = "%Y-%m-%dT%H:%M:%SZ"


class Kept(NamedTuple):
    """An answer as it was given; `location` is None where it had none."""

    status: int
    location: str | None
    media_type: str
    body: str


class Claim(NamedTuple):
    """A request under a key (the hash of it): its dataset, the digest of it all, and its run."""

    key: str
    dataset: str
    request: str
    ingestion: str


class Entry(NamedTuple):
    """What holds a key: the digest of its request, its run, and the answer once there is one."""

    request: str
    ingestion: str
    answer: Kept | None


def claim(db: Database, claimed: Claim, now: datetime) -> Entry | None:
    """Take a key for a request, and return None; or return what holds the key already."""
    with db.writing():
        db.run("DELETE FROM answered WHERE began_at < ?", (_instant(now - KEPT),))
        db.run(
            "DELETE FROM answered WHERE key = ? AND request = ? AND status IS NULL"
            " AND began_at < ?",
            (claimed.key, claimed.request, _instant(now - LEASE)),
        )
        taken = db.run(
            "INSERT INTO answered (key, dataset, request, ingestion, began_at)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
            (*claimed, _instant(now)),
        )
        return None if taken else find(db, claimed.key)


def find(db: Database, key: str) -> Entry | None:
    """Return what is known of a key."""
    row = db.row(
        "SELECT request, ingestion, status, location, media_type, body FROM answered WHERE key = ?",
        (key,),
    )
    if row is None:
        return None
    request, ingestion, status, *rest = row
    return Entry(request, ingestion, None if status is None else Kept(status, *rest))


def keep(db: Database, key: str, ingestion: str, answer: Kept) -> None:
    """Keep the answer to the run that holds the key."""
    with db.writing():
        db.run(
            "UPDATE answered SET status = ?, location = ?, media_type = ?, body = ?"
            " WHERE key = ? AND ingestion = ?",
            (*answer, key, ingestion),
        )


def release(db: Database, key: str, ingestion: str) -> None:
    """Give a key back, where its run concluded nothing: the same request may come again."""
    with db.writing():
        db.run("DELETE FROM answered WHERE key = ? AND ingestion = ?", (key, ingestion))


def _instant(moment: datetime) -> str:
    return moment.strftime(INSTANT)
