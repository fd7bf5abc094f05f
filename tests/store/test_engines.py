"""The two engines: their settings, their faults, and what the caller is told of those."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import peewee
import psycopg
import pytest

from service.errors import Misconfigured, Unavailable
from service.store import (
    Database,
    connections,
    failures,
    health,
    ingestions,
    open_database,
    publishing,
    revisions,
)
from service.store.tables import DESCRIBED, TABLES
from tests import postgres
from tests.store.states import NAME, actors, at, census, prepared, publish


@pytest.fixture
def sqlite_path(tmp_path: Path, migrated_sqlite: Path) -> Path:
    """A new, migrated SQLite file."""
    path = tmp_path / "store.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    return path


@pytest.fixture
def sqlite(sqlite_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A store in the file, whose writers wait for a moment only."""
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.05)
    found = open_database(f"sqlite:///{sqlite_path}")
    yield found
    found.close()


@pytest.fixture
def postgresql_url(postgres_url: str, migrated_postgres: str) -> Iterator[str]:
    """The URL of a new, migrated database of PostgreSQL."""
    yield postgres.create_database(postgres_url, "engines", migrated_postgres)
    postgres.drop_database(postgres_url, "engines")


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Database]:
    """A store in that database."""
    found = open_database(postgresql_url)
    yield found
    found.close()


def test_sqlite_keeps_what_is_acknowledged(sqlite: Database) -> None:
    assert sqlite.settings() | {"busy_timeout": ""} == {
        "journal_mode": "wal",
        "synchronous": "2",
        "busy_timeout": "",
    }
    assert sqlite.row("PRAGMA foreign_keys") == (1,)


def test_postgresql_tells_its_settings(postgresql: Database) -> None:
    # The server of the tests runs without fsync; a real one has to say so too.
    assert postgresql.settings() == {
        "synchronous_commit": "off",
        "fsync": "off",
        "full_page_writes": "off",
    }


def test_a_database_that_cannot_keep_a_write_ahead_log_is_refused() -> None:
    with pytest.raises(Unavailable, match="does not take journal_mode=wal"):
        open_database("sqlite:///:memory:")


def test_a_setting_that_does_not_stick_is_refused(
    sqlite_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PRAGMAS", {"synchronous": 7})

    with pytest.raises(Unavailable, match="does not take synchronous=7"):
        open_database(f"sqlite:///{sqlite_path}")


def test_every_thread_has_the_settings(sqlite: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: sqlite.settings()["synchronous"], range(8)))

    assert set(told) == {"2"}


@pytest.mark.parametrize("url", ["mysql://host/name", "recension.db", ""])
def test_a_url_of_another_engine_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured, match="use sqlite:///PATH or postgresql://HOST/NAME"):
        open_database(url)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("This is a text of more than a hundred bytes. " * 20)

    with pytest.raises(Unavailable, match="not a database"):
        open_database(f"sqlite:///{tmp_path / 'text.db'}")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Unavailable, match="cannot make the folder"):
        open_database(f"sqlite:///{tmp_path / 'file' / 'store.db'}")


def test_a_server_that_is_not_there_is_named_without_a_password() -> None:
    with pytest.raises(Unavailable) as caught:
        open_database("postgresql://me:secret@127.0.0.1:1/none")

    assert "postgresql://127.0.0.1:1/none" in caught.value.message
    assert "secret" not in caught.value.message


def test_a_database_that_was_not_migrated_is_unavailable(tmp_path: Path) -> None:
    found = open_database(f"sqlite:///{tmp_path / 'empty.db'}")

    with pytest.raises(Unavailable, match="run `recension migrate`"):
        health.ready(found)
    found.close()


@pytest.mark.parametrize(
    ("wrong", "parameters"),
    [
        ("SELECT 1 FROM nowhere", ()),
        ("SELECT nothing FROM datasets", ()),
        ("SELECT FROM WHERE", ()),
        ("SELECT id FROM datasets WHERE id = ?", ()),
    ],
)
def test_a_wrong_statement_is_no_fault_of_the_store(
    db: Database, wrong: str, parameters: tuple[object, ...]
) -> None:
    with pytest.raises(failures.FAILURES):
        db.row(wrong, parameters)

    assert db.row("SELECT 1") == (1,)


def test_a_full_disk_is(sqlite: Database) -> None:
    publish(sqlite, actors("a"))
    sqlite.row("PRAGMA max_page_count = 1")

    with pytest.raises(Unavailable, match="full"), sqlite.writing():
        sqlite.many(
            "INSERT INTO datasets (name, head, redactions) VALUES (?, 1, 0)",
            [(f"{number}-{'x' * 1000}",) for number in range(1000)],
        )

    assert at(sqlite).revision.number == 1


def test_a_migrated_database_is_ready(db: Database) -> None:
    health.ready(db)


@pytest.fixture
def locked(sqlite: Database, sqlite_path: Path) -> Iterator[Database]:
    """A store in which another connection is writing, longer than anyone waits."""
    publish(sqlite, actors("a"))
    holder = apsw.Connection(str(sqlite_path))
    holder.execute("BEGIN IMMEDIATE")
    yield sqlite
    holder.close()


def test_a_writer_that_waits_too_long_is_told_that_the_store_is_unavailable(
    locked: Database,
) -> None:
    before = census(locked)

    with prepared(locked, actors("b")) as publication:
        with pytest.raises(Unavailable, match="locked"), locked.writing():
            raise AssertionError("the writer did not wait for its turn")
        with pytest.raises(Unavailable, match="locked"):
            ingestions.record(locked, publication.ingestion)

    assert census(locked) == before


def test_readers_go_on_while_another_writes(locked: Database) -> None:
    assert at(locked).revision.records["actors"] == 1


def test_opening_a_store_in_which_another_writes_is_no_fault(
    locked: Database, sqlite_path: Path
) -> None:
    found = open_database(f"sqlite:///{sqlite_path}")

    assert revisions.dataset(found, NAME).head.number == 1
    found.close()


def test_a_writer_goes_on_once_the_other_is_done(sqlite: Database, sqlite_path: Path) -> None:
    publish(sqlite, actors("a"))
    holder = apsw.Connection(str(sqlite_path))
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        publish(sqlite, actors("b"))
    holder.close()

    assert publish(sqlite, actors("b")).number == 2


def _terminate(url: str) -> None:
    """End every other connection to the database, as a restart of the server does."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_after_a_lost_connection_the_next_call_is_answered(
    postgresql: Database, postgresql_url: str
) -> None:
    publish(postgresql, actors("a"))
    _terminate(postgresql_url)

    with pytest.raises(Unavailable, match="does not answer"):
        postgresql.row("SELECT 1")

    assert revisions.dataset(postgresql, NAME).head.number == 1


def test_after_a_connection_is_lost_in_a_transaction_the_next_is_answered(
    postgresql: Database, postgresql_url: str
) -> None:
    publish(postgresql, actors("a"))

    def lose() -> None:
        with postgresql.writing():
            postgresql.run("UPDATE datasets SET head = 7")
            _terminate(postgresql_url)
            postgresql.run("UPDATE datasets SET head = 8")

    with pytest.raises(Unavailable):
        lose()

    assert revisions.dataset(postgresql, NAME).head.number == 1
    assert publish(postgresql, actors("b")).number == 2


def test_a_connection_that_is_lost_while_a_release_is_prepared_publishes_nothing(
    postgresql: Database, postgresql_url: str
) -> None:
    publish(postgresql, actors("a"))

    def lose() -> None:
        with prepared(postgresql, actors("b")) as publication:
            _terminate(postgresql_url)
            publishing.publish(postgresql, publication)

    with pytest.raises(Unavailable):
        lose()

    assert revisions.dataset(postgresql, NAME).head.number == 1
    assert publish(postgresql, actors("b")).number == 2


def test_texts_that_are_keys_or_filters_sort_by_code_point_on_postgresql(
    postgresql: Database,
) -> None:
    collations = {
        (table, column): collation
        for table, column, collation in postgresql.rows(
            "SELECT table_name, column_name, collation_name FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        )
    }

    keys = [("datasets", "name"), ("nodes", "path"), ("revisions", "issued"),
            ("links", "record"), ("links", "target"), ("terms", "value")]  # fmt: skip
    keys += [(table, "id") for table in TABLES.values()]
    keys += [(TABLES[kind], column.name) for kind, described in DESCRIBED.items()
             for column in described.columns if column.type in ("text", "date")]  # fmt: skip
    assert {key: collations[key] for key in keys} == dict.fromkeys(keys, "C")


def test_text_sorts_by_code_point_on_both_engines(db: Database) -> None:
    words = ["Z", "a", "á", "z", "Ω", "😀", "-", "0"]
    with db.writing():
        for word in words:
            db.run(
                "INSERT INTO terms (dataset, kind, record, field, value, since, until)"
                " VALUES (1, 'actors', 'a', 'x', ?, 1, 2)", (word,))  # fmt: skip

    found = [word for (word,) in db.rows("SELECT value FROM terms ORDER BY value")]

    assert found == sorted(words)


def test_a_broken_constraint_is_told_as_such(db: Database) -> None:
    publish(db, {})

    with pytest.raises(peewee.IntegrityError), db.writing():
        db.run("INSERT INTO datasets (name, head, redactions) VALUES (?, 1, 0)", (NAME,))


def test_closing_closes_every_thread_and_opening_again_goes_on(db: Database) -> None:
    publish(db, actors("a"))

    db.close()

    assert revisions.dataset(db, NAME).head.number == 1
