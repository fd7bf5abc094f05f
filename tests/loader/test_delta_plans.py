"""A delta costs what it changes: no statement of its load goes through all that the dataset has."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from service.store import Database, open_database
from tests.loader.releases import Releases, actor
from tests.schemas import samples

TABLES = r"(?:actors|events|figures|sources|links|terms|texts|nodes|standings|h|r)"
"""The tables of a dataset, and what statements call them; others are a release's own."""

WHOLE = re.compile(
    rf"SCAN {TABLES}\b|SEARCH (?:{TABLES}|[a-z]) .*\(dataset=\?(?: AND (?:kind|about)=\?)?"
    r"(?: AND (?:series|id)[<>]\?)*\)$"
)
"""A step of SQLite's plan that reads all of a dataset, or all of a kind in it."""


class Steps:
    """Gathers the steps of the plan of every statement that a store runs."""

    def __init__(self, db: Database, patch: pytest.MonkeyPatch) -> None:
        self.found: dict[str, list[str]] = {}
        ask = db._ask

        def explained(sql: str, parameters: Sequence[Any], take: Any) -> Any:
            if sql.startswith(("SELECT", "UPDATE", "INSERT", "DELETE")):
                rows = ask(f"EXPLAIN QUERY PLAN {sql}", parameters, list)
                self.found[sql] = [row[3] for row in rows]
            return ask(sql, parameters, take)

        patch.setattr(db, "_ask", explained)

    def whole(self) -> list[tuple[str, str]]:
        """Return the steps that read a whole dataset, each with its statement."""
        return [
            (step, sql) for sql, steps in self.found.items() for step in steps if WHOLE.match(step)
        ]


@pytest.fixture
def sqlite(migrated_sqlite: Path, tmp_path: Path) -> Database:
    """A store of SQLite, whose plans follow from the statements alone."""
    shutil.copy(migrated_sqlite, tmp_path / "recension.db")
    return open_database(f"sqlite:///{tmp_path / 'recension.db'}")


def test_no_statement_of_a_delta_reads_all_of_a_kind(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases = Releases(sqlite, tmp_path)
    releases.load(samples.records() | {"actors": [*samples.records()["actors"], actor("gone")]})
    steps = Steps(sqlite, monkeypatch)
    changed = {
        kind: [records[0] | {"note": "changed"}] for kind, records in samples.records().items()
    }

    report = releases.load(changed, mode="delta", removals=[("actors", "gone")])

    assert report.changes["figures"] == {"modified": 1}
    assert any("UPDATE OR FAIL links" in sql for sql in steps.found)
    assert steps.whole() == []


def test_a_statement_that_reads_all_of_a_kind_is_found(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps(sqlite, monkeypatch)

    sqlite.rows("SELECT record FROM links WHERE dataset = 1 AND kind = 'events' AND field = 'x'")
    sqlite.rows(
        "SELECT DISTINCT series FROM figures WHERE dataset = 1 AND series > '' AND since > 1"
    )

    assert len(steps.whole()) == 2
