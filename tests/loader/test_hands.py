"""Large releases, whose lines other processes read: all is as if one had read them."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from service.errors import Refused
from service.lines import aside
from service.lines.plain import Known
from service.loader import Report, Request, hands, load, open_release
from service.loader.hands import LEAST, Hands
from service.loader.recognition import Recognition
from service.loader.release import files
from service.model import KINDS
from service.store import Database, derived, open_database, revisions
from tests.builders import DATASET
from tests.loader.releases import NOW, actor, numbered
from tests.loader.test_recognition import LINES, line
from tests.schemas import samples
from tests.servers import ROOT
from tests.store.states import census


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release of some kilobytes is large, and read in many blocks."""
    monkeypatch.setattr(hands, "LEAST", 0)
    monkeypatch.setattr(files, "_BLOCK", 3000)


SPELLED = [
    line("actors", actor("returned")) + b"\r",
    line("actors", actor("spaced")).replace(b'":', b'": '),
    orjson.dumps({"kind": "actors", "record": actor("told"), "reason": "source_added"}),
    line("actors", actor("accented", name="e\u0301")),
]
FAULTS = [
    b'{"kind":"actors"',
    b"",
    line("actors", actor("stray", stray=1)),
    line("actors", actor("returned")),
    line("actors", actor("lost", speaks_for={"actor": "no", "source": "no"})),
    line("events", samples.event() | {"id": "away", "place": {"id": "north-quay"}}),
    b'{"end":{"records":1}}',
    line("actors", actor("late")),
]


def written(path: Path, lines: list[bytes], **release: Any) -> Path:
    """Write a release of lines, among them many more actors."""
    first = {"dataset": samples.dataset(), "release": {"mode": "snapshot"} | release}
    more = [line("actors", each) for each in numbered(60)["actors"]]
    path.write_bytes(b"".join(each + b"\n" for each in [orjson.dumps(first), *more, *lines]))
    return path


def told(db: Database, path: Path, processes: int) -> tuple[Report, list[Any]]:
    """Load into the dataset of this many processes, and return the account and all rows."""
    name = f"by-{processes}"
    try:
        request = Request(name, processes=processes)
        report = load(db, open_release(str(path)), request, clock=lambda: NOW)
    except Refused as error:
        report = Report("", name, path.name, "refused", "", "", flaws=error.flaws)
    said = {"ingestion": "", "dataset": "", "chain": "", "message": "", "locked_seconds": 0}
    return replace(report, **said), rows(db, name)  # type: ignore[arg-type]


def rows(db: Database, name: str) -> list[Any]:
    """Return what the store has of a dataset, table by table."""
    dataset = revisions.find_dataset(db, name)
    found = []
    of_kinds = {
        k: ", ".join(["id", "digest", "body", "reason", *derived.columns(k)]) for k in KINDS
    }
    others = {
        "links": "kind, record, field, target_kind, target",
        "terms": "kind, record, field, value",
        "texts": "kind, record, words",
        "nodes": "path, ids, text",
    }
    for table, columns in (of_kinds | others).items():
        key = dataset.key if dataset else 0
        sql = f"SELECT {columns}, since, until FROM {table} WHERE dataset = ?"  # noqa: S608
        found.append(sorted(repr(row).replace(name, DATASET) for row in db.rows(sql, (key,))))
    return found


def test_a_release_that_others_read_is_loaded_as_by_one_process(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    valid = [line("events", samples.minimal_event()), *SPELLED[:3]]
    valid += [line("sources", samples.minimal_source())]
    releases = [
        written(tmp_path / "refused.ndjson", [*SPELLED, *LINES, *FAULTS]),
        written(tmp_path / "first.ndjson", valid, issued="2022-01-01"),
        written(
            tmp_path / "delta.ndjson",
            [line("actors", actor("returned", note="changed")), line("actors", actor("new"))],
            mode="delta",
        ),
    ]
    alone = [told(db, path, 1) for path in releases]
    monkeypatch.setattr(Recognition, "look", None)

    assert [told(db, path, 2) for path in releases] == alone
    assert [report.outcome for report, _ in alone] == ["refused", "published", "published"]
    assert len(alone[0][0].flaws) > len(FAULTS) - 3


def test_the_comparison_notices_a_line_that_is_told_otherwise(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "first.ndjson", [])
    alone = told(db, path, 1)
    known_of = aside.known_of

    def wrongly(answer: tuple[Any, ...] | None) -> Known | None:
        known = known_of(answer)
        made = known.said._replace(words="") if known else None  # type: ignore[union-attr]
        return known._replace(said=made) if known else None

    monkeypatch.setattr(aside, "known_of", wrongly)

    report, found = told(db, path, 2)

    assert report == alone[0]
    assert found != alone[1]


def test_what_was_read_before_a_file_broke_is_told() -> None:
    def blocks() -> Iterator[bytes]:
        yield from (each + b"\nno record\n" for each in LINES[:3])
        raise OSError("broken")

    def told() -> Iterator[str]:
        with Hands(2, {}) as others:
            try:
                for block, (known, odd) in others.read(blocks()):
                    yield f"{block.splitlines()[0] in LINES} {known is not None} {odd}"
            except OSError as error:
                yield str(error)

    assert list(told()) == [*["True True None"] * 3, "broken"]


@pytest.mark.parametrize(
    ("allowed", "size", "processes"),
    [(1, 1 << 40, 0), (2, 1 << 40, 2), (64, 1 << 40, 3), (2, None, 0), (2, 100, 0)],
)
def test_others_read_large_files_only(
    monkeypatch: pytest.MonkeyPatch, allowed: int, size: int | None, processes: int
) -> None:
    monkeypatch.setattr(hands, "LEAST", 101)

    assert hands.wanted(allowed, size) == processes


def test_on_one_processor_a_release_is_read_by_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {pid})

    assert hands.wanted(0, 1 << 40) == 0


# The command, on a release that is large by its words.


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "large.ndjson"
    actors = [line("actors", actor(f"a-{number}", note="x" * 2000)) for number in range(4200)]
    written(path, actors)
    assert path.stat().st_size > LEAST
    return path


@pytest.fixture
def command(migrated_sqlite: Path, tmp_path: Path, large: Path) -> Iterator[subprocess.Popen[str]]:
    """A load of the large release, at the head of a group of processes."""
    shutil.copy(migrated_sqlite, tmp_path / "store.db")
    settings = {"RECENSION_LOAD_PROCESSES": "2"}
    with subprocess.Popen(
        [sys.executable, "-m", "service", "load", str(large), "--dataset", DATASET],
        env={**os.environ, **settings, "RECENSION_DATABASE_URL": f"sqlite:///{tmp_path}/store.db"},
        cwd=ROOT, process_group=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield process
        process.kill()


def others_of(process: subprocess.Popen[str]) -> list[int]:
    """Wait until a load has others at work, and return their ids."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    for _ in range(3000):
        if len(found := listed.read_text(encoding="ascii").split()) == 2:
            return [int(each) for each in found]
        time.sleep(0.01)
    raise AssertionError("nobody else came")


def are_gone(others: list[int]) -> bool:
    """Wait until processes are no more."""
    for _ in range(1000):
        if not any(Path(f"/proc/{each}").exists() for each in others):
            return True
        time.sleep(0.01)
    return False


def test_where_one_of_the_others_is_killed_the_load_says_so_and_stores_nothing(
    command: subprocess.Popen[str], tmp_path: Path, large: Path
) -> None:
    others = others_of(command)
    os.kill(others[1], signal.SIGKILL)
    _, errors = command.communicate(timeout=60)

    assert command.returncode == 1
    assert errors.count("\n") == 1
    assert "a process that read lines of the release ended by signal 9" in errors
    assert are_gone(others)
    db = open_database(f"sqlite:///{tmp_path}/store.db")
    assert census(db) == dict.fromkeys(census(db), 0) | {"ingestions": 1}
    assert load(db, open_release(str(large)), Request(DATASET, processes=2)).revision == 1
    db.close()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_a_load_that_is_stopped_leaves_nobody_behind(
    command: subprocess.Popen[str], tmp_path: Path, stop: signal.Signals
) -> None:
    others = others_of(command)
    # As a terminal does it: to all of the group.
    os.killpg(command.pid, stop)
    _, errors = command.communicate(timeout=60)

    assert are_gone(others)
    assert command.returncode != 0
    assert "Traceback" not in errors
    db = open_database(f"sqlite:///{tmp_path}/store.db")
    assert census(db) == dict.fromkeys(census(db), 0)
    db.close()
