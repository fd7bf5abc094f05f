"""Fixtures for every test.

Strategy: a test that touches the store asks for `db` and runs on SQLite and on PostgreSQL, each
time in a new database, copied from one that was migrated once. A missing engine is an error, never
a skip. Data is made in the test by `tests.builders`, not shared.
"""

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from service.store import Database, open_database
from service.store.migrate import migrate
from tests import postgres

ENGINES = ("sqlite", "postgresql")
_versions: dict[str, str] = {}
_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a running PostgreSQL server."""
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> str:
    """The name of a migrated database of the server, to be copied."""
    migrated(postgres.create_database(postgres_url, "migrated"))
    return "migrated"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "recension.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Each of the two engines in turn."""
    return str(request.param)


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a new, migrated database of the engine."""
    if engine == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "recension.db")
        yield f"sqlite:///{tmp_path / 'recension.db'}"
        return
    server = request.getfixturevalue("postgres_url")
    name = f"test{next(_numbers)}"
    yield postgres.create_database(server, name, request.getfixturevalue("migrated_postgres"))
    postgres.drop_database(server, name)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """An open, empty store on each engine."""
    database = open_database(database_url)
    yield database
    database.close()


def migrated(url: str) -> None:
    """Migrate a database, and note the version of its server for the closing lines."""
    database = open_database(url)
    migrate(database)
    _versions[database.engine] = database.server_version()
    database.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print which servers the tests ran on."""
    for name, version in sorted(_versions.items()):
        terminalreporter.write_line(f"{name}: {version}")
