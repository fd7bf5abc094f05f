"""Two loads at once, as two processes: one is first, the other follows it or is refused."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import peewee
import pytest

from service.errors import NotFound
from service.store import Database, open_database, publishing
from tests import processes
from tests.builders import DATASET, load_release, write_release
from tests.faults.checking import added, examined
from tests.loader.releases import actors
from tests.schemas import samples
from tests.store.states import prepared

ROUNDS = int(os.environ.get("RECENSION_TEST_RACES", "20"))

LOADER = f"""
import sys
from service.errors import RecensionError
from service.loader import Request, load, open_release
from service.store import open_database
{processes.WAIT}
db = open_database(sys.argv[1])
print("open", flush=True)
for line in sys.stdin:
    try:
        report = load(db, open_release(line.strip()), Request({DATASET!r}))
        print(report.outcome, report.revision, flush=True)
    except RecensionError as error:
        print(type(error).__name__, flush=True)
db.close()
"""


@pytest.fixture
def loaders(database_url: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Two processes that load whatever path they are told, and tell the outcome."""
    started = [processes.start(LOADER, database_url) for _ in range(2)]
    processes.go(*started)
    assert [_line(process) for process in started] == ["open", "open"]
    yield started
    assert [end.errors for end in processes.ends(started)] == ["", ""]


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _tell(process: subprocess.Popen[str], path: Path) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{path}\n")
    process.stdin.flush()


def test_of_two_loads_at_once_one_is_first_and_nothing_is_mixed(
    db: Database, loaders: list[subprocess.Popen[str]], tmp_path: Path
) -> None:
    load_release(db, write_release(tmp_path / "first.ndjson", actors("a"), samples.dataset()))
    published: set[str] = set()

    for number in range(ROUNDS):
        given = [f"{side}-{number}" for side in ("left", "right")]
        for process, name in zip(loaders, given, strict=True):
            path = write_release(tmp_path / f"{name}.ndjson", actors([name]), mode="delta")
            _tell(process, path)
        told = [_line(process) for process in loaders]
        assert [outcome.partition(" ")[0] for outcome in told].count("published") >= 1
        assert {outcome.partition(" ")[0] for outcome in told} <= {"published", "HeadMoved"}
        published |= {
            name for name, outcome in zip(given, told, strict=True) if outcome != "HeadMoved"
        }

    head = examined(db)
    assert head == 1 + len(published)
    assert sorted(map(len, added(db))) == [1] * (head - 1)
    assert set().union(*added(db)) == published


def test_of_two_first_loads_one_is_first(
    db: Database, loaders: list[subprocess.Popen[str]], tmp_path: Path
) -> None:
    for process, name in zip(loaders, "ab", strict=True):
        release = actors([name, "common"])
        _tell(process, write_release(tmp_path / f"{name}.ndjson", release, samples.dataset()))

    told = [_line(process) for process in loaders]

    outcomes = {outcome.partition(" ")[0] for outcome in told}
    assert outcomes <= {"published", "HeadMoved"}
    assert examined(db) == len([outcome for outcome in told if outcome != "HeadMoved"])


def test_two_commands_at_once_end_in_order(db: Database, database_url: str, tmp_path: Path) -> None:
    load_release(db, write_release(tmp_path / "first.ndjson", actors("a"), samples.dataset()))
    paths = [
        write_release(tmp_path / f"{name}.ndjson", actors([name]), mode="delta") for name in "xy"
    ]

    started = [
        subprocess.Popen(
            [sys.executable, "-m", "service", "load", str(path), "--dataset", DATASET],
            env=os.environ | {"RECENSION_DATABASE_URL": database_url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for path in paths
    ]
    ends = processes.ends(started)

    done = [end for end in ends if end.status == 0]
    refused = [end for end in ends if end.status == 1]
    assert len(done) >= 1
    assert len(done) + len(refused) == 2
    assert all("load again to follow it" in end.errors for end in refused)
    assert examined(db) == 1 + len(done)


def test_without_the_comparison_of_the_head_the_constraints_still_refuse(
    db: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_release(db, write_release(tmp_path / "first.ndjson", actors("a"), samples.dataset()))
    other = open_database(database_url)

    with prepared(db, {("actors", "b"): {"id": "b"}}, DATASET) as ours:
        load_release(other, write_release(tmp_path / "x.ndjson", actors("x"), mode="delta"))
        other.close()
        monkeypatch.setattr(publishing, "_swap", lambda *_: ours.parent.key)
        with pytest.raises(peewee.IntegrityError):
            publishing.publish(db, ours)

    assert examined(db) == 2


@pytest.mark.parametrize(
    "defect",
    [
        "UPDATE actors SET since = 1 WHERE id = 'b'",
        "UPDATE revisions SET number = 3 WHERE number = 2",
        "UPDATE datasets SET head = 1",
    ],
)
def test_a_mix_or_a_gap_is_noticed(db: Database, tmp_path: Path, defect: str) -> None:
    # The control: what the races must not leave behind.
    load_release(db, write_release(tmp_path / "first.ndjson", actors("a"), samples.dataset()))
    load_release(db, write_release(tmp_path / "second.ndjson", actors("b"), mode="delta"))
    assert examined(db) == 2

    with db.writing():
        db.run(defect)

    with pytest.raises((AssertionError, NotFound)):
        examined(db)
