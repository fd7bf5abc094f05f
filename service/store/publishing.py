"""One short transaction that makes a prepared release the head.

The head is swapped first, by compare-and-swap on its number: of two loads that were prepared
against one head the second changes no row and is told so. Then versions are inserted, intervals
closed, and the account of the run stored: a reader sees all of it or none. The rows of a large
first release may be there by then (`ahead`).
"""

from dataclasses import dataclass, replace
from time import monotonic

import orjson

from service.errors import HeadMoved, Unavailable
from service.model import Dataset, Ingestion, Revision
from service.store import ahead, ingestions, intervals, redactions
from service.store.ahead import Stored
from service.store.database import Database
from service.store.tables import OPEN


@dataclass(frozen=True)
class Publication:
    """What is to become the head: the revision, its parent (None for the first), the run.

    `redacted` is the kind and id of a record whose earlier bodies are to be erased with it.
    """

    parent: Dataset | None
    revision: Revision
    ingestion: Ingestion
    redacted: tuple[str, str] | None = None


def publish(db: Database, publication: Publication) -> float:
    """Store what is staged as the new head, and return for how many seconds others were kept out,
    at once.

    The account of the run says it too, as `locked_seconds`; the commit itself comes after it.
    Raises `HeadMoved` if another came first.

    Raises `Unavailable` where nothing was stored, or where that cannot be found out: then a load of
    the same release answers `unchanged` if it was.
    """
    try:
        with ahead.stored(db, publication.revision) as stored, db.writing():
            began = monotonic()
            key = _swap(db, publication, stored)
            _insert_revision(db, key, publication.revision)
            if stored is None:
                _insert_versions(db, key, publication.revision)
            _insert_nodes(db, key, publication.revision.number)
            if publication.redacted:
                redactions.erase(db, key, *publication.redacted, publication.revision)
            locked = round(max(monotonic() - began, stored.locked if stored else 0), 3)
            ingestions.record(db, _timed(publication.ingestion, locked))
    except Unavailable:
        # A commit that failed may have happened all the same: look, and do not guess.
        if not _stands(db, publication):
            raise
    return locked


def _timed(run: Ingestion, locked: float) -> Ingestion:
    told = {**run.report, "locked_seconds": locked}
    return replace(run, report=told) if run.report else run


def _stands(db: Database, publication: Publication) -> bool:
    """Say whether the store holds the account of the run, which is written with the revision."""
    return db.row("SELECT 1 FROM ingestions WHERE id = ?", (publication.ingestion.id,)) is not None


def _swap(db: Database, publication: Publication, stored: Stored | None) -> int:
    """Move the head and return the dataset's key."""
    parent, revision = publication.parent, publication.revision
    if stored:
        swapped = ahead.give(db, stored, revision)
    elif parent is None:
        swapped = db.run(
            "INSERT INTO datasets (name, head, redactions) VALUES (?, ?, 0)"
            " ON CONFLICT (name) DO NOTHING",
            (revision.dataset, revision.number),
        )
    else:
        swapped = db.run(
            "UPDATE datasets SET head = ? WHERE id = ? AND head = ?",
            (revision.number, parent.key, parent.head.number),
        )
    if not swapped:
        raise _moved(publication)
    row = db.row("SELECT id FROM datasets WHERE name = ?", (revision.dataset,))
    assert row is not None  # noqa: S101 - inserted or updated just above
    return int(row[0])


def _moved(publication: Publication) -> HeadMoved:
    number = publication.revision.number
    return HeadMoved(
        f"another load published revision {number} of {publication.revision.dataset}"
        " while this one was prepared; nothing was changed: load again to follow it"
    )


def _insert_revision(db: Database, key: int, revision: Revision) -> None:
    db.run(
        "INSERT INTO revisions (dataset, number, digest, chain, issued, published_at, message,"
        " records, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            key,
            revision.number,
            revision.digest,
            revision.chain,
            revision.issued,
            revision.published_at,
            revision.message,
            orjson.dumps(revision.records).decode(),
            orjson.dumps(revision.changes).decode(),
        ),
    )


def _insert_versions(db: Database, key: int, revision: Revision) -> None:
    for kind, words in revision.changes.items():
        follows = words.keys() != {"added"}
        if follows:
            intervals.close(db, key, kind, revision.number)
        intervals.begin(db, key, kind, revision.number)
        for name in intervals.DERIVED:
            intervals.begin_derived(db, name, key, kind, revision.number, follows=follows)


def _insert_nodes(db: Database, key: int, number: int) -> None:
    db.run(
        f"UPDATE{db.or_fail} nodes SET until = ? WHERE dataset = ? AND until = {OPEN}"
        " AND path IN (SELECT path FROM staged_nodes)",
        (number, key),
    )
    db.run(
        f"INSERT{db.or_fail} INTO nodes (dataset, path, since, until, ids, text)"
        f" SELECT ?, path, ?, {OPEN}, ids, text FROM staged_nodes WHERE text <> ''",
        (key, number),
    )
