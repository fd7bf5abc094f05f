"""The service on the bundled dataset, in this process, with a token that may publish."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from service import tokens
from service.app import create_app
from service.config import Config
from service.loader import Request, load, open_release, releases_in
from service.store import open_database
from tests.contested.dataset import SEEDS

SECRET, GRANT = tokens.made(tokens.ANY, may_create=True)


@pytest.fixture(scope="session")
def secret() -> str:
    """The token."""
    return SECRET


@pytest.fixture(scope="session")
def loaded(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the bundled dataset, to be copied."""
    path = tmp_path_factory.mktemp("loaded") / "recension.db"
    shutil.copy(migrated_sqlite, path)
    store = open_database(f"sqlite:///{path}")
    for release in releases_in(str(SEEDS)):
        load(store, open_release(release), Request(SEEDS.name))
    store.close()
    return path


@pytest.fixture(scope="module")
def seeded(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application over a copy of its own."""
    yield from served(loaded, tmp_path_factory.mktemp("seeded"))


@pytest.fixture
def unasked(loaded: Path, tmp_path: Path) -> Iterator[Flask]:
    """An application that has kept no answer yet."""
    yield from served(loaded, tmp_path)


def served(loaded: Path, folder: Path) -> Iterator[Flask]:
    """Yield an application over a copy of a database."""
    path = folder / "recension.db"
    shutil.copy(loaded, path)
    store = open_database(f"sqlite:///{path}")
    yield create_app(Config(public_url="http://localhost", tokens=(GRANT,)), store)
    store.close()
