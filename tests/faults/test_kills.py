"""A loader that is killed at any moment leaves the old head or the new, and never a part."""

import os
import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.store import Database, publishing
from tests import processes
from tests.builders import DATASET, load_release, write_release
from tests.faults.checking import added, examined
from tests.loader.releases import actors
from tests.schemas import samples
from tests.store.states import prepared

ROUNDS = int(os.environ.get("RECENSION_TEST_KILLS", "10"))
SEED = int(os.environ.get("RECENSION_TEST_SEED", "1931"))
RECORDS = 30

# Each load is a fork of one process that has imported everything and opened nothing. That process
# also kills: what it has not waited for yet cannot be another's process by now.
LOADER = f"""
import os, signal, sys, time
from service.loader import Request, load, open_release
from service.store import open_database
{processes.WAIT}
for line in sys.stdin:
    path, delay = line.split()
    child = os.fork()
    if child == 0:
        db = open_database(sys.argv[1])
        report = load(db, open_release(path), Request({DATASET!r}))
        os.write(1, f"acknowledged {{report.revision}}\\n".encode())
        os._exit(0)
    if delay != "never":
        time.sleep(float(delay))
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.write(1, b"ended\\n")
"""


class Loader:
    """Loads releases in processes of their own, and kills them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def load(self, path: Path, kill_after: float | None = None) -> list[str]:
        """Load a release, kill that after some seconds, and return what was said."""
        delay = "never" if kill_after is None else f"{kill_after:.4f}"
        assert self._process.stdin is not None
        self._process.stdin.write(f"{path} {delay}\n")
        self._process.stdin.flush()
        said = [self._line()]
        while said[-1] != "ended":
            said.append(self._line())
        return said

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the loader itself ended"
        return line.strip()


@pytest.fixture
def loader(database_url: str) -> Iterator[Loader]:
    """A loader on the store of the test."""
    process = processes.start(LOADER, database_url)
    processes.go(process)
    yield Loader(process)
    (end,) = processes.ends([process])
    assert end.errors == ""


def _delta(folder: Path, number: int) -> Path:
    names = [f"r{number}-{index}" for index in range(RECORDS)]
    return write_release(folder / f"delta-{number}.ndjson", actors(names), mode="delta")


def test_a_load_that_is_killed_leaves_the_old_head_or_the_new(
    db: Database, loader: Loader, tmp_path: Path
) -> None:
    moments = random.Random(SEED)  # noqa: S311 - the same moments in every run
    load_release(db, write_release(tmp_path / "first.ndjson", actors("a"), samples.dataset()))
    started = time.monotonic()
    assert "acknowledged 2" in loader.load(_delta(tmp_path, 0))
    lasts = time.monotonic() - started

    head, killed = 2, 0
    for number in range(1, ROUNDS + 1):
        path = _delta(tmp_path, number)
        moment = lasts * (number - 1 + moments.random()) / ROUNDS
        said = loader.load(path, kill_after=moment)
        acknowledged = any(line.startswith("acknowledged") for line in said)
        killed += not acknowledged
        after = examined(db, head)
        assert after in ({head + 1} if acknowledged else {head, head + 1})

        again = load_release(db, path)

        assert again.outcome in ("published", "unchanged")
        head = examined(db, head)
        assert set().union(*added(db)[-1:]) == {f"r{number}-{index}" for index in range(RECORDS)}

    assert head == 2 + ROUNDS
    assert killed > 0


def test_a_publisher_that_commits_in_two_steps_is_noticed(db: Database, tmp_path: Path) -> None:
    # The control: a kill between two transactions must not pass the checks.
    load_release(db, write_release(tmp_path / "first.ndjson", actors("a"), samples.dataset()))

    with prepared(db, {("actors", "b"): {"id": "b"}}, DATASET) as publication, db.writing():
        key = publishing._swap(db, publication)
        publishing._insert_revision(db, key, publication.revision)

    with pytest.raises(AssertionError):
        examined(db)
