"""One short transaction that makes a prepared release the head.

The head is swapped first, by compare-and-swap on its number: of two loads that were prepared
against one head the second changes no row and is told so. Then versions are inserted, intervals
closed, and the account of the run stored: a reader sees all of it or none.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from time import monotonic

import orjson

from service.errors import HeadMoved, Unavailable
from service.model import Dataset, Ingestion, Revision
from service.store import derived, ingestions, redactions
from service.store.database import Database
from service.store.tables import OPEN, TABLES


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
    """Store what is staged as the new head, and return for how many seconds others were kept out.

    The account of the run says it too, as `locked_seconds`; the commit itself comes after it.
    Raises `HeadMoved` if another came first.

    Raises `Unavailable` where nothing was stored, or where that cannot be found out: then a load of
    the same release answers `unchanged` if it was.
    """
    try:
        with db.writing():
            began = monotonic()
            key = _swap(db, publication)
            _insert_revision(db, key, publication.revision)
            for kind, words in publication.revision.changes.items():
                follows = words.keys() != {"added"}
                if follows:
                    _close_versions(db, key, kind, publication.revision.number)
                _insert_versions(db, key, kind, publication.revision.number, follows=follows)
            _insert_nodes(db, key, publication.revision.number)
            if publication.redacted:
                redactions.erase(db, key, *publication.redacted, publication.revision)
            locked = round(monotonic() - began, 3)
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


def _swap(db: Database, publication: Publication) -> int:
    """Move the head and return the dataset's key."""
    parent, revision = publication.parent, publication.revision
    if parent is None:
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


def _close_versions(db: Database, key: int, kind: str, number: int) -> None:
    """Close what ends with this revision, of records that it modifies or removes."""
    table = TABLES[kind]
    modified = f"SELECT id FROM staged_{table} WHERE known = 1"
    gone = "SELECT id FROM gone WHERE kind = ?"
    db.run(
        f"UPDATE{db.or_fail} {table} SET until = ?"
        f" WHERE dataset = ? AND until = {OPEN} AND id IN ({modified})",
        (number, key),
    )
    db.run(
        f"UPDATE{db.or_fail} {table} SET until = ?,"
        f" end_reason = (SELECT g.reason FROM gone g WHERE g.kind = ? AND g.id = {table}.id),"
        f" end_why = (SELECT g.why FROM gone g WHERE g.kind = ? AND g.id = {table}.id)"
        f" WHERE dataset = ? AND until = {OPEN} AND id IN ({gone})",
        (number, kind, kind, key, kind),
    )
    # Nothing but the record leads to rows here: a target may have as many as the dataset. Either
    # engine goes through all of a kind if it is asked otherwise.
    changed = f"{modified} UNION ALL {gone}"
    listed = f"IN ({changed})" if db.engine == "sqlite" else f"= ANY (ARRAY({changed}))"
    for name, members in DERIVED.items():
        staged = f"SELECT 1 FROM staged_{name} s WHERE {_same(members)}"
        kept = f" AND NOT EXISTS ({staged})" if name in derived.LASTING else ""
        db.run(
            f"UPDATE{db.or_fail} {name} AS h SET until = ?"
            f" WHERE dataset = ? AND kind = ? AND until = {OPEN} AND record {listed}{kept}",
            (number, key, kind, kind),
        )


def _insert_versions(db: Database, key: int, kind: str, number: int, *, follows: bool) -> None:
    """Insert what begins with this revision; `follows` where some of it was something before."""
    table = TABLES[kind]
    columns = ", ".join(("id", "digest", "body", "fields", "reason", "why", *derived.columns(kind)))
    db.run(
        f"INSERT{db.or_fail} INTO {table} (dataset, since, until, {columns})"
        f" SELECT ?, ?, {OPEN}, {columns} FROM staged_{table} ORDER BY id",
        (key, number),
    )
    for name, members in DERIVED.items():
        # Of what lasts a row stays open where the next version of its record has the same.
        there = f"SELECT 1 FROM {name} h WHERE h.dataset = {key:d} AND h.until = {OPEN}"
        new = f" AND NOT EXISTS ({there} AND {_same(members)})"
        columns = ", ".join(members)
        db.run(
            f"INSERT{db.or_fail} INTO {name} (dataset, kind, record, since, until, {columns})"
            f" SELECT ?, kind, record, ?, {OPEN}, {columns} FROM staged_{name} s WHERE kind = ?"
            f"{new if follows and name in derived.LASTING else ''}",
            (key, number, kind),
        )


DERIVED = {"texts": ("words",), **derived.LASTING}
"""Table of what goes with versions to its columns."""


def _same(members: Iterable[str]) -> str:
    same = "".join(f" AND s.{each} = h.{each} || ''" for each in members)
    return f"s.kind = h.kind AND s.record = h.record{same}"


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
