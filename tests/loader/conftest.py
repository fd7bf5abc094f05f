"""Fixtures of the loader's tests."""

from pathlib import Path

import pytest

from service.store import Database
from tests.loader.releases import Releases


@pytest.fixture
def releases(db: Database, tmp_path: Path) -> Releases:
    """Releases for one dataset, on each engine."""
    return Releases(db, tmp_path)
