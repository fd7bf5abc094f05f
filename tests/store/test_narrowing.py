"""A diff costs what changed, however it is narrowed: the plan of SQLite says so.

PostgreSQL plans by its statistics, so there is nothing to hold it to.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.store import Database, changes, open_database, revisions
from service.store.changes import Only, Span
from tests.store.states import NAME, actors, publish

BY_ENDS = {
    "events_until (dataset=? AND until>? AND until<?)",
    "events_since (dataset=? AND since>? AND since<?)",
}
BY_RECORD = ("id=?", "record=?")
QUESTIONS = {
    "all": Only(),
    "change": Only(change="added"),
    "erased": Only(erased=True),
    "path": Only(path="/title"),
    "source": Only(source="s"),
}


@pytest.fixture
def sqlite(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Database]:
    path = tmp_path / "plans.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    opened = open_database(f"sqlite:///{path}")
    publish(opened, actors("a"))
    yield opened
    opened.close()


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_side_is_found_by_the_ends_of_intervals(sqlite: Database, name: str) -> None:
    found = _searches(sqlite, QUESTIONS[name])

    assert set(found) >= BY_ENDS
    assert not [step for step in found if step not in BY_ENDS and not _is_by_record(step)]


def test_one_record_is_looked_up(sqlite: Database) -> None:
    found = _searches(sqlite, Only(id="a"))

    assert found
    assert all(map(_is_by_record, found))


def _is_by_record(step: str) -> bool:
    return any(column in step for column in BY_RECORD)


def _searches(db: Database, only: Only) -> list[str]:
    """Return each index that is searched and by what; nothing but the sides may be scanned."""
    span = Span(revisions.dataset(db, NAME), 1, 1)
    sql, parameters = changes._sides(db, span, "events", only)
    steps = [row[3] for row in db.rows(f"EXPLAIN QUERY PLAN SELECT count(*) {sql}", parameters)]
    assert {step for step in steps if step.startswith("SCAN")} <= {"SCAN c"}
    searches = [step.split(" INDEX ")[1] for step in steps if " INDEX " in step]
    return [step.removesuffix(" LEFT-JOIN") for step in searches]
