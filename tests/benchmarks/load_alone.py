"""One load in a process of its own, and what the same bytes cost without a store.

`python -m tests.benchmarks.load_alone URL PATH` loads a release and prints what it took, as JSON,
by one process or with a third argument by as many as `RECENSION_LOAD_PROCESSES` would say;
`… load_alone tutorial PATH` loads the first figures of it as the author of the reference service
would: each batch through its schema, then into its table. On SQLite processor time is told, which
says the same on a machine that others use; on PostgreSQL, which does its part elsewhere, the time
that passes. The reference reads the lines, parses them, writes them canonically and hashes that.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from marshmallow import EXCLUDE

from service.canonical import canonical, digest
from service.loader import Request, load, loading, open_release
from service.store import Database, open_database
from tests.benchmarks import tutorial
from tests.benchmarks.dataset import NAME

Clock = Callable[[], float]

TUTORIAL_FIGURES = 10_000
TUTORIAL_BATCH = 500
_STEP = 1 << 20


def reference(path: Path, clock: Clock) -> float:
    """Return the seconds that reading, parsing, writing and hashing each line takes."""
    began = clock()
    with path.open("rb") as lines:
        for line in lines:
            digest(canonical(orjson.loads(line)))
    return clock() - began


def hashing(path: Path, clock: Clock) -> float:
    """Return the seconds that sha256 of a file takes."""
    began, hashed = clock(), sha256()
    with path.open("rb") as file:
        while chunk := file.read(_STEP):
            hashed.update(chunk)
    return clock() - began


def alone(url: str, path: Path, processes: int = 1) -> dict[str, Any]:
    """Load a release in this process, and return what it took: seconds, `held` the part of them in
    which others cannot write because of its longest transaction, with the commit, `passing` the
    time that passed, `peak` in MiB. The judging of series, which follows a publication, is told
    beside; SQLite's log is written back in that time. `load` is without what other processes took,
    and `reference passing` the time that passed while the reference was measured.
    """
    clock = time.process_time if url.startswith("sqlite:") else time.perf_counter
    held: list[float] = []
    judging: list[float] = []
    passing: list[float] = []
    gc.freeze()  # As the command does.
    # The log is written back meanwhile, by another thread: that is a part of the load.
    own = time.thread_time if clock is time.process_time else clock
    keep = _timed(loading.judging.keep_if_possible, judging, own)
    publishing: list[float] = []
    loading.publish = _timed(loading.publish, publishing, clock)
    loading.judging.keep_if_possible = _timed(keep, passing, time.perf_counter)
    read: list[float] = []
    measured = _timed(reference, read, time.perf_counter)
    costs = {"reference": measured(path, clock), "sha256": hashing(path, clock)}
    db = open_database(url)
    Database.writing = _holding(Database.writing, held)  # type: ignore[method-assign]
    began, wall = clock(), time.perf_counter()
    report = load(db, open_release(str(path)), Request(NAME, processes=processes))
    took, wall = clock() - began, time.perf_counter() - wall
    return costs | {
        "outcome": report.outcome,
        "load": took - sum(judging),
        "judging": sum(judging),
        "publishing": sum(publishing),
        "passing": wall - sum(passing),
        "reference passing": sum(read),
        "held": max(held) / (wall - sum(passing)),
        "recognised": report.recognised,
        "peak": _peak(),
    }


def by_the_tutorial(path: Path) -> dict[str, Any]:
    """Load figures as the reference service would, and return how many, and the seconds."""
    schema = tutorial.FigureSchema(unknown=EXCLUDE, many=True)
    with TemporaryDirectory() as folder:
        tutorial.db.init(f"{folder}/tutorial.db")
        tutorial.db.create_tables([tutorial.Figure])
        began, count = time.process_time(), 0
        with path.open(encoding="utf-8") as lines, tutorial.db.atomic():
            figures = islice(_figures(lines), TUTORIAL_FIGURES)
            while batch := list(islice(figures, TUTORIAL_BATCH)):
                tutorial.Figure.insert_many(schema.load(batch)).execute()
                count += len(batch)
        return {"figures": count, "load": time.process_time() - began}


def _figures(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    for line in map(json.loads, lines):
        if line.get("kind") == "figures":
            record = line["record"]
            record |= {"event": record["of"]["event"], "place": record["place"]["id"]}
            yield record | {"asserted": record["asserted"]["date"]}


def _peak() -> float:
    """Return the most MiB that this process had, on Linux; a parent's are not among them."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _holding(writing: Callable[..., Any], held: list[float]) -> Callable[..., Any]:
    """Note how long each transaction is held that keeps others from writing."""

    @contextmanager
    def timed(db: Database) -> Iterator[None]:
        with writing(db):
            began = time.perf_counter()
            yield
        held.append(time.perf_counter() - began)

    return timed


def _timed(function: Callable[..., Any], told: list[float], clock: Clock) -> Callable[..., Any]:
    def timed(*arguments: Any) -> Any:
        began = clock()
        try:
            return function(*arguments)
        finally:
            told.append(clock() - began)

    return timed


def main(target: str, path: str, processes: str = "1") -> None:
    """Load, and print what it took."""
    if target == "tutorial":
        found = by_the_tutorial(Path(path))
    else:
        found = alone(target, Path(path), int(processes))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
