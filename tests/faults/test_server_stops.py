"""A PostgreSQL that stops at once while a release is published has the old head or the new.

The server is its own. `RECENSION_TEST_STOPS=50` stops it that often.
"""

import os
import random
import shutil
import socket
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.store import open_database
from service.store.migrate import migrate
from tests import postgres
from tests.builders import load_release, write_release
from tests.faults import steps
from tests.faults.checking import examined
from tests.loader.releases import actors
from tests.schemas import samples

STOPS = int(os.environ.get("RECENSION_TEST_STOPS", "8"))
SEED = int(os.environ.get("RECENSION_TEST_SEED", "1931"))
RECORDS = 12
AIMS = ("insert", "commit", "insert", "after", "insert", "swap", "insert", "staging")


class Server:
    """A server that can be stopped as if it had been killed, and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self.url = f"postgresql://tests@127.0.0.1:{self._port}/postgres"
        self._run("initdb", "-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")

    def start(self) -> None:
        # The machine goes on, so that what was written needs no disk to be there afterwards.
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-l", str(self._folder / "log"), "-w", "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-m", "immediate", "stop")

    def recovered(self) -> int:
        """Return how many starts had to recover from a stop that was no orderly end."""
        return (self._folder / "log").read_text().count("was not properly shut down")

    def _run(self, command: str, *arguments: str) -> None:
        as_root = os.geteuid() == 0
        subprocess.run(
            [postgres.BINARIES / command, "-D", self._folder / "data", *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            user="nobody" if as_root else None,
            group="nogroup" if as_root else None,
            cwd="/",
        )


@contextmanager
def _started() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="recension-pg-"))
    # PostgreSQL refuses to run as root, so another user must be able to write here.
    folder.chmod(0o777)
    try:
        server = Server(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of the test alone, with a migrated store."""
    with _started() as started:
        db = open_database(started.url)
        migrate(db)
        db.close()
        yield started


def _delta(folder: Path, number: int) -> Path:
    names = ["a", *(f"r{number}-{index}" for index in range(RECORDS))]
    release = actors(names, note=str(number))
    return write_release(folder / f"delta-{number}.ndjson", release, mode="delta")


def test_a_server_that_stops_at_once_has_the_old_head_or_the_new(
    server: Server, tmp_path: Path
) -> None:
    draw = random.Random(SEED)  # noqa: S311 - the same steps in every run
    db = open_database(server.url)
    load_release(db, write_release(tmp_path / "first.ndjson", actors("a"), samples.dataset()))
    head, stopped = 2, Counter[str]()

    with steps.loader(server.url) as loader:
        whole = loader.load(_delta(tmp_path, 0))
        assert whole.said == "acknowledged 2"
        for number in range(1, STOPS + 1):
            step, path = AIMS[(number - 1) % len(AIMS)], _delta(tmp_path, number)
            with loader.held(path, steps.chosen(draw, whole.steps, step)) as ended:
                server.stop()
                # The loader learns of it while the server is away, or when it is back.
                if number % 2:
                    server.start()
            if not number % 2:
                server.start()
            stopped[step] += 1
            db.close()
            assert not ended[0].said.startswith("acknowledged") or step == "after"
            assert examined(db, head) == head + (step == "after")

            again = load_release(db, path)

            assert again.outcome == ("unchanged" if step == "after" else "published")
            head += 1

    assert examined(db, head) == head
    db.close()
    print(f"postgresql: {stopped.total()} stops: {steps.summary(stopped)}")
    assert server.recovered() == STOPS
