"""Fixtures for every test.

Strategy: a test that touches the store asks for `db` and runs on SQLite and on PostgreSQL, each
time in a new database, copied from one that was migrated once. A missing engine is an error, never
a skip. Data is made in the test by `tests.builders`, not shared.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings

from service.store import Database, open_database
from service.store.migrate import migrate
from tests import postgres

# Modules and schemas make up a large heap that never dies: to look through it again and again takes
# a seventh of the time of the tests.
gc.freeze()
gc.set_threshold(50_000, 20, 50)

ENGINES = ("sqlite", "postgresql")
# The same examples in every run, unless others are asked for: what is red once is red again.
settings.register_profile("steady", derandomize="RECENSION_TEST_EXAMPLES" not in os.environ)
settings.load_profile("steady")


MEMORY = Path("/dev/shm")  # noqa: S108 - folders of our own are made in it
ROOM = 2 << 30
"""Bytes that have to be free there; the tests take less than a tenth of it."""

if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    # What is to survive the power is tried elsewhere (`tests.faults.power_loss`).
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


class Reader(FlaskClient):
    """A client that reads what it asked for to the end, as a server sees to: a stream that nobody
    reads or closes holds its turn.
    """

    def open(self, *asked: Any, buffered: bool = True, **options: Any) -> Any:
        """Ask, and read the answer unless the caller does."""
        return super().open(*asked, buffered=buffered, **options)


Flask.test_client_class = Reader

_versions: dict[str, str] = {}
_seconds: dict[str, float] = {}
_numbers = count(1)
_spare: list[str] = []
"""Databases of PostgreSQL that a test is done with and that are as if just copied."""


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
def emptier(postgres_url: str) -> Iterator[postgres.Emptier]:
    """Empties databases of the server."""
    emptier = postgres.Emptier()
    yield emptier
    emptier.close()


@pytest.fixture(scope="session")
def migrated_schema(postgres_url: str, migrated_postgres: str, emptier: postgres.Emptier) -> str:
    """What the schema of a migrated database is."""
    url = postgres_url.rpartition("/")[0] + "/" + migrated_postgres
    schema = emptier.emptied(url)
    # Nothing is copied while anyone is connected to it.
    emptier.forget(url)
    return schema


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
    schema, template = request.getfixturevalue("migrated_schema"), "migrated"
    emptier = request.getfixturevalue("emptier")
    # To empty one takes a fraction of the time that copying takes.
    url = _spare.pop() if _spare else postgres.create_database(
        server, f"test{next(_numbers)}", template)  # fmt: skip
    yield url
    if emptier.emptied(url) == schema:
        _spare.append(url)
    else:
        emptier.forget(url)
        postgres.drop_database(server, url.rpartition("/")[2])


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, the checks of all code and the servers of their own, so that
    no worker is left with one at the end.
    """
    items.sort(key=lambda item: item.path.parent != Path(__file__).parent)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the controlling process which servers this worker ran on."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["versions"] = _versions


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Gather what a worker told at its end."""
    _versions.update(getattr(node, "workeroutput", {}).get("versions", {}))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add the time of a test to its part, which is the folder or file below `tests/`."""
    part = report.nodeid.removeprefix("tests/").partition("::")[0].partition("/")[0]
    _seconds[part] = _seconds.get(part, 0.0) + report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what each part took, and which servers the tests ran on."""
    for part, seconds in sorted(_seconds.items()):
        terminalreporter.write_line(f"{seconds:7.1f} s  {part}")
    for name, version in sorted(_versions.items()):
        terminalreporter.write_line(f"{name}: {version}")
