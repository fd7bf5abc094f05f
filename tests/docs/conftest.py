"""One served dataset for all examples: the service as `recension run` starts it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from service import tokens
from tests.docs.shell import Served
from tests.servers import ROOT, START_SECONDS, serving


@pytest.fixture(scope="session")
def commands() -> Iterator[Path]:
    """The socket of the command line, ready to be forked."""
    with TemporaryDirectory(prefix="recension-") as folder:
        path = Path(folder) / "socket"
        environ = {**os.environ, "LC_ALL": "C.UTF-8"}
        command = (sys.executable, "-m", "tests.docs.ready", path)
        process = subprocess.Popen(command, cwd=ROOT, env=environ)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not path.exists():
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield path
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def served(commands: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The bundled dataset, served from a database of its own, and a token to publish to it."""
    folder = tmp_path_factory.mktemp("docs")
    url = f"sqlite:///{folder}/recension.db"
    token, grant = tokens.made(tokens.ANY, may_create=True)
    with serving(url, log=folder / "log", tokens=str(grant)) as base:
        yield Served(base, url, commands, token)
