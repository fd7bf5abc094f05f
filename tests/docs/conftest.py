"""One served dataset for all examples: the service as `recension run` starts it."""

from collections.abc import Iterator

import pytest

from tests.docs.shell import Served
from tests.servers import serving


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The bundled dataset, served from a database of its own."""
    folder = tmp_path_factory.mktemp("docs")
    url = f"sqlite:///{folder}/recension.db"
    with serving(url, log=folder / "log") as base:
        yield Served(base, url)
