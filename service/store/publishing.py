"""One short transaction that makes a prepared release the head.

The head is swapped first, by compare-and-swap on its number: of two loads that were prepared
against one head the second changes no row and is told so. Then versions are inserted, intervals
closed, and the account of the run stored: a reader sees all of it or none.
"""

from dataclasses import dataclass, replace
from time import monotonic
from typing import NamedTuple

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
            for kind in publication.revision.changes:
                _insert_versions(db, key, kind, publication.revision.number)
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


def _insert_versions(db: Database, key: int, kind: str, number: int) -> None:
    """Close what ends with this revision, then insert what begins with it."""
    table = TABLES[kind]
    modified = f"SELECT id FROM staged_{table} WHERE known = 1"
    gone = "SELECT id FROM gone WHERE kind = ?"
    db.run(
        f"UPDATE {table} SET until = ? WHERE dataset = ? AND until = {OPEN} AND id IN ({modified})",
        (number, key),
    )
    db.run(
        f"UPDATE {table} SET until = ?,"
        f" end_reason = (SELECT g.reason FROM gone g WHERE g.kind = ? AND g.id = {table}.id),"
        f" end_why = (SELECT g.why FROM gone g WHERE g.kind = ? AND g.id = {table}.id)"
        f" WHERE dataset = ? AND until = {OPEN} AND id IN ({gone})",
        (number, kind, kind, key, kind),
    )
    columns = ", ".join(("id", "digest", "body", "fields", "reason", "why", *derived.columns(kind)))
    db.run(
        f"INSERT INTO {table} (dataset, since, until, {columns})"
        f" SELECT ?, ?, {OPEN}, {columns} FROM staged_{table} ORDER BY id",
        (key, number),
    )
    changed = f"{modified} UNION ALL {gone}"
    _insert_derived(db, key, kind, number, _Derivative("texts", ("words",), changed))
    for name, members in derived.LASTING.items():
        lasting = number > 1
        _insert_derived(db, key, kind, number, _Derivative(name, members, changed, lasting))


class _Derivative(NamedTuple):
    """A table of what goes with versions, its columns, and which records change.

    Of what is `lasting` a row stays open where the next version of its record has the same.
    """

    table: str
    members: tuple[str, ...]
    changed: str
    lasting: bool = False


def _insert_derived(db: Database, key: int, kind: str, number: int, of: _Derivative) -> None:
    # Nothing but the record leads to rows here: a target may have as many as the dataset.
    same = "".join(f" AND s.{each} = h.{each} || ''" for each in of.members)
    either = f"s.kind = h.kind AND s.record = h.record{same}"
    kept = f" AND NOT EXISTS (SELECT 1 FROM staged_{of.table} s WHERE {either})"
    there = f" AND NOT EXISTS (SELECT 1 FROM {of.table} h WHERE h.dataset = {key:d}"
    there += f" AND h.until = {OPEN} AND {either})"
    # Either engine goes through all of a kind if it is asked otherwise.
    listed = f"IN ({of.changed})" if db.engine == "sqlite" else f"= ANY (ARRAY({of.changed}))"
    db.run(
        f"UPDATE {of.table} AS h SET until = ? WHERE dataset = ? AND kind = ? AND until = {OPEN}"
        f" AND record {listed}{kept if of.lasting else ''}",
        (number, key, kind, kind),
    )
    columns = ", ".join(of.members)
    db.run(
        f"INSERT INTO {of.table} (dataset, kind, record, since, until, {columns})"
        f" SELECT ?, kind, record, ?, {OPEN}, {columns} FROM staged_{of.table} s WHERE kind = ?"
        f"{there if of.lasting else ''}",
        (key, number, kind),
    )


def _insert_nodes(db: Database, key: int, number: int) -> None:
    db.run(
        f"UPDATE nodes SET until = ? WHERE dataset = ? AND until = {OPEN}"
        " AND path IN (SELECT path FROM staged_nodes)",
        (number, key),
    )
    db.run(
        "INSERT INTO nodes (dataset, path, since, until, ids, text)"
        f" SELECT ?, path, ?, {OPEN}, ids, text FROM staged_nodes WHERE text <> ''",
        (key, number),
    )
