"""Records that had to be erased: what stands in their place, and what is taken out of the store.

The stub that a redacting revision publishes is put into every earlier version too, whose digest
stays as it was: so manifests hold, and a body that does not have its digest was erased.
"""

from typing import NamedTuple

import orjson

from service.canonical import digest
from service.model import Dataset, Revision
from service.store import derived
from service.store.database import Database
from service.store.standings import judging
from service.store.tables import OPEN, TABLES


class Stub(NamedTuple):
    """What is left of a record: when and why it was erased."""

    at: str
    why: str


def stub_of(body: str) -> Stub | None:
    """Return what a body says of its redaction, or None for a body that is a record.

    No record has a member `redacted`, and in canonical bytes it follows the id at once.
    """
    if not body.startswith('{"id":') or '","redacted":{' not in body[:120]:
        return None
    said = orjson.loads(body).get("redacted")
    return Stub(said["at"], said["why"]) if said else None


def erased(body: str, hexdigest: str) -> bool:
    """Say whether a version's own body was erased: a stub stands there under the old digest."""
    return stub_of(body) is not None and digest(body.encode()) != hexdigest


def standing(db: Database, dataset: int) -> set[tuple[str, str]]:
    """Return (kind, id) of the records whose stub no release may replace or remove."""
    rows = db.rows("SELECT kind, id FROM redactions WHERE dataset = ? AND NOT lifted", (dataset,))
    return set(rows)


def lift(db: Database, dataset: int, kind: str, record_id: str) -> bool:
    """Let releases replace or remove a stub again. Return whether it stood."""
    return bool(
        db.run(
            "UPDATE redactions SET lifted = ? WHERE dataset = ? AND kind = ? AND id = ?"
            " AND NOT lifted",
            (True, dataset, kind, record_id),
        )
    )


def erase(db: Database, dataset: int, kind: str, record_id: str, revision: Revision) -> None:
    """Put the stub in the place of every earlier body, within the transaction that publishes it.

    What derives from the bodies goes too, comparisons with them included, and so do the words of
    earlier changes and of the problems in earlier reports, which may repeat what was erased.
    """
    judging.forget(db, Dataset(dataset, revision.dataset, revision), kind, record_id)
    table = TABLES[kind]
    cleared = ", ".join(
        f"{name} = NULL" for name in ("fields", "why", "end_why", *derived.columns(kind))
    )
    db.run(
        f"UPDATE {table} SET {cleared}, body = (SELECT s.body FROM {table} s"
        f" WHERE s.dataset = ? AND s.id = ? AND s.until = {OPEN})"
        " WHERE dataset = ? AND id = ? AND since < ?",
        (dataset, record_id, dataset, record_id, revision.number),
    )
    for name in ("links", "terms", "texts"):
        db.run(
            f"DELETE FROM {name} WHERE dataset = ? AND kind = ? AND record = ?",
            (dataset, kind, record_id),
        )
    db.run("UPDATE datasets SET redactions = redactions + 1 WHERE id = ?", (dataset,))
    db.run(
        "INSERT INTO redactions (dataset, kind, id, revision, lifted) VALUES (?, ?, ?, ?, ?)",
        (dataset, kind, record_id, revision.number, False),
    )
    _clear_reports(db, revision.dataset)


def _clear_reports(db: Database, dataset: str) -> None:
    """Take the problems, which quote what was wrong, out of every report of the dataset, and forget
    the answers that are kept for retries: a dry run's holds records.
    """
    db.run("DELETE FROM answered WHERE dataset = ? AND status IS NOT NULL", (dataset,))
    for key, text in db.rows("SELECT id, report FROM ingestions WHERE dataset = ?", (dataset,)):
        report = orjson.loads(text)
        if report.pop("problems", None) is not None:
            db.run(
                "UPDATE ingestions SET report = ? WHERE id = ?",
                (orjson.dumps(report).decode(), key),
            )


def scrub(db: Database, kind: str) -> None:
    """Overwrite what the erased rows left in free space, after the transaction.

    SQLite rewrites its file and empties the write-ahead log; PostgreSQL rewrites the tables. Logs,
    replicas and backups that were taken before lie outside the store's reach.
    """
    if db.engine == "sqlite":
        # The index keeps deleted words until it is made again.
        db.run("INSERT INTO texts_index (texts_index) VALUES ('rebuild')")
        db.run("VACUUM")
        db.row("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    derived_tables = ("links", "terms", "texts", "standings")
    for table in (TABLES[kind], *derived_tables, "ingestions", "answered"):
        db.run(f"VACUUM (FULL) {table}")
