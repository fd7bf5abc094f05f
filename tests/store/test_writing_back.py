"""What a publication adds to SQLite's log goes back to the file beside what follows, and all of it
by the end.
"""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from service.errors import Unavailable
from service.loader import loading
from service.store import Database, open_database, publishing, writing_back
from service.store.database import Row
from service.store.publishing import Publication
from tests.loader.releases import Releases, numbered


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path}/store.db")
    database.run("CREATE TABLE blobs (bytes BLOB NOT NULL)")
    yield database
    database.close()


def fill(db: Database, pages: int) -> None:
    with db.writing():
        for _ in range(pages):
            db.run("INSERT INTO blobs VALUES (randomblob(4000))")


def lacking(db: Database) -> int:
    """Return how many pages of the log are not in the file."""
    row = db.row("PRAGMA wal_checkpoint(NOOP)")
    assert row is not None
    return int(row[1] - row[2])


def test_a_long_commit_writes_the_log_back_itself_unless_that_is_put_off(db: Database) -> None:
    fill(db, 1100)
    assert lacking(db) == 0
    with writing_back.put_off(db):
        fill(db, 1100)
        assert lacking(db) > 1100

    fill(db, 1)

    assert lacking(db) == 0


def test_what_was_put_off_is_done_beside_what_follows(db: Database) -> None:
    with writing_back.put_off(db):
        fill(db, 1100)
    assert lacking(db) > 1100

    with writing_back.beside(db):
        assert db.row("SELECT count(*) FROM blobs") == (1100,)

    assert lacking(db) <= 10


def test_a_short_log_stays_as_it_is(db: Database) -> None:
    with writing_back.put_off(db):
        fill(db, 10)
    short = lacking(db)

    with writing_back.beside(db):
        pass

    assert lacking(db) == short > 0


def test_a_load_has_it_done_by_its_end(
    migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "recension.db")
    db = open_database(f"sqlite:///{tmp_path}/recension.db")
    db.row("PRAGMA wal_autocheckpoint = 10")
    published: list[int] = []

    def publish(db: Database, publication: Publication) -> float:
        locked = publishing.publish(db, publication)
        published.append(lacking(db))
        return locked

    monkeypatch.setattr(loading, "publish", publish)

    report = Releases(db, tmp_path).load(numbered(40))

    assert report.outcome == "published"
    assert published[0] > 10
    assert lacking(db) < published[0]
    assert db.row("PRAGMA wal_autocheckpoint") == (10,)
    db.close()


def test_a_store_that_fails_meanwhile_leaves_what_follows_alone(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = Database.row
    asked: list[str] = []

    def failing(self: Database, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        asked.append(sql)
        if sql == "PRAGMA wal_checkpoint":
            raise Unavailable("no room")
        return row(self, sql, parameters)

    with writing_back.put_off(db):
        fill(db, 1100)
    monkeypatch.setattr(Database, "row", failing)

    with writing_back.beside(db):
        done = True

    assert done
    assert asked[-1] == "PRAGMA wal_checkpoint"
    assert lacking(db) > 1100


def test_a_fault_of_this_code_is_not_passed_over(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Database) -> None:
        raise TypeError("broken")

    with writing_back.put_off(db):
        fill(db, 1100)
    monkeypatch.setattr(writing_back, "_write_back", broken)

    with pytest.raises(TypeError, match="broken"), writing_back.beside(db):
        pass
