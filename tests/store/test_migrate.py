"""Bringing a database to this version."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.errors import Unavailable
from service.store import Database, open_database
from service.store.migrate import migrate, pending, require_current
from tests import postgres, processes
from tests.store.states import actors, publish

MIGRATE = f"""
import sys
from service.store import open_database
from service.store.migrate import migrate
{processes.WAIT}
db = open_database(sys.argv[1])
migrate(db)
db.close()
"""


@pytest.fixture
def empty_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if engine == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = request.getfixturevalue("postgres_url")
    yield postgres.create_database(server, "empty")
    postgres.drop_database(server, "empty")


def test_a_migrated_database_lacks_nothing(db: Database) -> None:
    assert pending(db) == []


def test_migrating_again_does_nothing(db: Database) -> None:
    assert migrate(db) == []


def test_an_empty_database_is_migrated_and_works(empty_url: str) -> None:
    db = open_database(empty_url)
    assert pending(db) == ["0001_foundation"]

    done = migrate(db)

    assert done[0] == "0001_foundation"
    assert pending(db) == []
    assert publish(db, actors("a")).number == 1
    db.close()


def test_processes_that_migrate_at_once_all_end_well(empty_url: str) -> None:
    ends = processes.together(MIGRATE, empty_url, count=3)

    assert ends == [(0, "", "")] * 3
    db = open_database(empty_url)
    assert pending(db) == []
    kinds = db.rows("SELECT kind FROM derivations ORDER BY kind")
    assert [kind for (kind,) in kinds] == ["actors", "dataset", "events", "figures", "sources"]
    db.close()


def _of_a_newer_version(db: Database) -> None:
    with db.writing():
        db.run(
            "INSERT INTO schema_migration (name, applied) VALUES (?, ?)",
            ("0999_later", "2031-05-04 12:00:00"),
        )


def test_a_database_of_a_newer_version_is_refused(db: Database) -> None:
    _of_a_newer_version(db)

    for act in (migrate, pending, require_current):
        with pytest.raises(Unavailable, match=r"migrated by a newer version \(0999_later\)"):
            act(db)


def test_a_database_that_lacks_a_migration_is_refused_by_name(empty_url: str) -> None:
    db = open_database(empty_url)

    with pytest.raises(Unavailable, match="lacks 0001_foundation: run `recension migrate`"):
        require_current(db)
    db.close()
