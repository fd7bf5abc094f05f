"""A dataset of three revisions, published by the real loader, and an application over it.

Revision 1 holds the samples. Revision 2 modifies one figure and adds many. Revision 3 changes
`dataset.json` alone. Answers are the same on both engines, which the tests of the store
hold; so these run on SQLite, where a copy of the filled file is a new store.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.app import create_app
from service.config import Config
from service.loader import Request, load, open_release, releases_in
from service.store import Database, open_database
from service.web.front import Front
from tests.api.contract import Contract
from tests.api.published import first, publish, second, third
from tests.api.sending import FIRST, Sender
from tests.api.walking import BASE, HERE
from tests.conftest import ENGINES
from tests.contested.dataset import SEEDS
from tests.postgres import create_database


@pytest.fixture(scope="session")
def filled(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with three revisions, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "recension.db"
    shutil.copy(migrated_sqlite, path)
    store = open_database(f"sqlite:///{path}")
    for release in (first(), second(), third()):
        publish(store, release)
    store.close()
    return path


@pytest.fixture(scope="session")
def app(filled: Path) -> Iterator[Flask]:
    """The application over the three revisions, for tests that only read. It keeps no answers, so
    that a planted fault is met; the other applications do.
    """
    opened = open_database(f"sqlite:///{filled}")
    yield create_app(Config(public_url=BASE, cache_bytes=0), opened)
    opened.close()


@pytest.fixture(scope="session")
def client(app: Flask) -> FlaskClient:
    """A client of the application."""
    return app.test_client()


@pytest.fixture(scope="session")
def document(client: FlaskClient) -> dict[str, Any]:
    """The OpenAPI document as it is served."""
    return dict(client.get("/openapi.json").get_json())


@pytest.fixture(scope="session")
def contract(document: dict[str, Any]) -> Contract:
    """The document, to hold answers against."""
    return Contract(document)


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Iterator[Database]:
    """A store of the test's own with the three revisions, to publish more."""
    shutil.copy(filled, tmp_path / "recension.db")
    opened = open_database(f"sqlite:///{tmp_path / 'recension.db'}")
    yield opened
    opened.close()


@pytest.fixture
def empty(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """A store of the test's own without any data."""
    shutil.copy(migrated_sqlite, tmp_path / "empty.db")
    opened = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    yield opened
    opened.close()


@pytest.fixture
def publishing(store: Database) -> FlaskClient:
    """A client over the store of the test's own."""
    return create_app(Config(public_url=BASE), store).test_client()


@pytest.fixture(scope="session", params=ENGINES)
def bundled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The bundled dataset, loaded by the real loader, on each engine in turn."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("bundled") / "recension.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        url = f"sqlite:///{path}"
    else:
        template = request.getfixturevalue("migrated_postgres")
        url = create_database(request.getfixturevalue("postgres_url"), "bundled", template)
    opened = open_database(url)
    for release in releases_in(str(SEEDS)):
        load(opened, open_release(release), Request(SEEDS.name))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def real(bundled: Database) -> FlaskClient:
    """A client over the bundled dataset."""
    return create_app(Config(public_url=BASE), bundled).test_client()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each path that the application answers, and not what stands before it."""
    reached: list[str] = []
    first_time = Front._first

    def noting(self: Front, key: Any, environ: Any, start: Any) -> Any:
        reached.append(environ["PATH_INFO"].removeprefix(HERE))
        return first_time(self, key, environ, start)

    monkeypatch.setattr(Front, "_first", noting)
    return reached


@pytest.fixture
def sender(db: Database, contract: Contract) -> Sender:
    """Sends releases to an empty store, on each engine."""
    return Sender(db, contract)


@pytest.fixture
def settled(sender: Sender) -> Sender:
    """The same once the first release is published."""
    assert sender.post(FIRST).status_code == 201
    return sender
