"""What the loader did: one row for each run, also of those that were refused."""

from collections.abc import Collection
from typing import Any

import orjson

from service.model import Ingestion
from service.store.database import Database

_COLUMNS = "id, dataset, outcome, started_at, finished_at, release, revision, report"


def record(db: Database, ingestion: Ingestion) -> None:
    """Store the account of a run; within the publishing transaction where it published."""
    db.run(
        f"INSERT INTO ingestions ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            ingestion.id,
            ingestion.dataset,
            ingestion.outcome,
            ingestion.started_at,
            ingestion.finished_at,
            ingestion.release,
            ingestion.revision,
            orjson.dumps(ingestion.report).decode(),
        ),
    )


def note(db: Database, run: str, notices: Collection[str]) -> None:
    """Add notices to the account of a run that published."""
    with db.writing():
        row = db.row("SELECT report FROM ingestions WHERE id = ?", (run,))
        if row:
            report = orjson.dumps({**orjson.loads(row[0]), "notices": list(notices)}).decode()
            db.run("UPDATE ingestions SET report = ? WHERE id = ?", (report, run))


def published(db: Database, dataset: str, release: str) -> Ingestion | None:
    """Return the run that published a release of this digest in the dataset, or None."""
    row = db.row(
        f"SELECT {_COLUMNS} FROM ingestions"
        " WHERE dataset = ? AND release = ? AND outcome = 'published' LIMIT 1",
        (dataset, release),
    )
    return _ingestion(row) if row else None


def find(db: Database, run: str) -> Ingestion | None:
    """Return one run."""
    row = db.row(f"SELECT {_COLUMNS} FROM ingestions WHERE id = ?", (run,))
    return _ingestion(row) if row else None


def page(db: Database, dataset: str, before: tuple[str, str] | None, limit: int) -> list[Ingestion]:
    """Return runs on a dataset, newest first, that began before an instant and id."""
    rows = db.rows(
        f"SELECT {_COLUMNS} FROM ingestions WHERE dataset = ? AND (started_at, id) < (?, ?)"
        " ORDER BY started_at DESC, id DESC LIMIT ?",
        (dataset, *(before or ("~", "")), limit),
    )
    return [_ingestion(row) for row in rows]


def count(db: Database, dataset: str) -> int:
    """Return how many runs a dataset had."""
    row = db.row("SELECT count(*) FROM ingestions WHERE dataset = ?", (dataset,))
    return int(row[0]) if row else 0


def outcomes(db: Database) -> dict[str, int]:
    """Return how many runs had each outcome."""
    return dict(db.rows("SELECT outcome, count(*) FROM ingestions GROUP BY outcome"))


def that_published(db: Database, dataset: str, numbers: Collection[int]) -> dict[int, str]:
    """Return revision to the id of the run that published it."""
    if not numbers:
        return {}
    marks = ", ".join("?" * len(numbers))
    rows = db.rows(
        f"SELECT revision, id FROM ingestions WHERE dataset = ? AND revision IN ({marks})",
        (dataset, *sorted(numbers)),
    )
    return dict(rows)


def every(db: Database, dataset: str) -> list[Ingestion]:
    """Return the runs on a dataset, oldest first."""
    rows = db.rows(
        f"SELECT {_COLUMNS} FROM ingestions WHERE dataset = ? ORDER BY started_at, id", (dataset,)
    )
    return [_ingestion(row) for row in rows]


def _ingestion(row: Any) -> Ingestion:
    *plain, report = row
    return Ingestion(*plain, **{"report": orjson.loads(report)})
