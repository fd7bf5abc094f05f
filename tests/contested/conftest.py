"""The first dataset, loaded once."""

import pytest

from tests.contested.dataset import State, published


@pytest.fixture(scope="session")
def states(tmp_path_factory: pytest.TempPathFactory) -> dict[int, State]:
    """Revision number to the state of the dataset."""
    return published(tmp_path_factory.mktemp("contested"))
