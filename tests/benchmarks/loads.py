"""What loading costs, told against what the same bytes cost without a store.

`python -m tests.benchmarks.loads --records 100000` loads a synthetic dataset for the first time,
the same bytes again, a snapshot in which 1 % changed, and a delta of a thousand changes, each in a
process of its own. What a load ends with, the judging of series, stands in a row of its own with
`--judging` and is left out without. On SQLite processor time is compared, which says the same on a
machine that others use; on PostgreSQL, which does its part elsewhere, the time that passes. The
reference reads the lines, parses them, writes them canonically and hashes that, in one thread; it
is measured before each load anew.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import orjson

from service.canonical import canonical, digest
from service.loader import Request, load, loading, open_release
from service.store import Database, open_database
from service.store.migrate import migrate
from tests import postgres
from tests.benchmarks.dataset import NAME, Generator

CLOSING = 1000
"""Changes of the delta, the same at any size."""

SMALL = 10_000
"""Records of the dataset that the delta is tried on for comparison."""

_STEP = 1 << 20


clock = time.process_time


class Row(NamedTuple):
    """One line of the table. `goal` is written as it is read."""

    what: str
    against: str
    ratio: float
    goal: str


def reference(path: Path) -> float:
    """Return the seconds that reading, parsing, writing and hashing each line takes."""
    began = clock()
    with path.open("rb") as lines:
        for line in lines:
            digest(canonical(orjson.loads(line)))
    return clock() - began


def hashing(path: Path) -> float:
    """Return the seconds that sha256 of a file takes."""
    began, hashed = clock(), sha256()
    with path.open("rb") as file:
        while chunk := file.read(_STEP):
            hashed.update(chunk)
    return clock() - began


def alone(url: str, path: Path, judged: bool) -> None:
    """Load a release in this process, and print what it took."""
    global clock
    clock = time.process_time if url.startswith("sqlite:") else time.perf_counter
    judging: list[float] = []
    publish, keep = loading.publish, loading.judging.keep_if_possible
    held: list[float] = []
    loading.publish = _timed(publish, held, time.perf_counter)  # type: ignore[assignment]
    if not judged:
        keep = _left_out
    loading.judging.keep_if_possible = _timed(keep, judging, clock)
    costs = [reference(path), hashing(path)]
    db = open_database(url)
    began, wall = clock(), time.perf_counter()
    report = load(db, open_release(str(path)), Request(NAME))
    took, wall = clock() - began, time.perf_counter() - wall
    told = {
        "outcome": report.outcome,
        "reference": costs[0],
        "sha256": costs[1],
        "load": took - sum(judging),
        "judging": sum(judging),
        "held": sum(held) / wall,
        "recognised": report.recognised,
        "peak": _peak(),
    }
    print(json.dumps(told))


def _peak() -> float:
    """Return the most MiB that this process had, on Linux; a parent's are not among them."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _left_out(db: Database, name: str) -> None:
    pass


def _timed(
    function: Callable[..., Any], told: list[float], clock: Callable[[], float]
) -> Callable[..., Any]:
    def timed(*arguments: Any) -> Any:
        began = clock()
        try:
            return function(*arguments)
        finally:
            told.append(clock() - began)

    return timed


def loaded(url: str, path: Path, judged: bool = False) -> dict[str, Any]:
    """Load a release in a process of its own, and return what it took."""
    command = [sys.executable, "-m", "tests.benchmarks.loads", "--alone", url, str(path)]
    command += ["--judging"] if judged else []
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def written(folder: Path, records: int) -> list[Path]:
    """Write a first release, the next one as a snapshot, and a delta; return their paths."""
    generator = Generator(records)
    paths = [folder / f"{records}-{part}.ndjson" for part in ("first", "second", "delta")]
    releases = generator.releases(2, CLOSING)
    with paths[0].open("wb") as file:
        file.writelines(line + b"\n" for line in next(releases).lines)
    list(next(releases).lines)
    with paths[1].open("wb") as file:
        file.writelines(line + b"\n" for line in _snapshot(generator))
    with paths[2].open("wb") as file:
        file.writelines(line + b"\n" for line in next(releases).lines)
    return paths


def _snapshot(generator: Generator) -> Iterator[bytes]:
    """Yield the present state whole, in the order of an export."""
    keys = sorted(generator.states)
    first = next(iter(Generator(10).releases(1))).lines
    opening = orjson.loads(next(first))
    opening["release"]["issued"] = "2022-01-03"
    yield canonical(opening)
    for kind, number in keys:
        yield canonical({"kind": kind, "record": generator.record(kind, number)})
    yield canonical({"end": {"records": len(keys)}})


def size(url: str) -> int:
    """Return the bytes that a store takes, its log written back."""
    db = open_database(url)
    if db.engine == "sqlite":
        db.row("PRAGMA wal_checkpoint(TRUNCATE)")
    sql = {
        "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
        "postgresql": "SELECT pg_database_size(current_database())",
    }[db.engine]
    row = db.row(sql)
    db.close()
    return int(row[0]) if row else 0


def rows(url: str, small: str, folder: Path, records: int, judged: bool) -> Iterator[Row]:
    """Measure, and yield the rows of the table."""
    first, second, delta = written(folder, records)
    one = loaded(url, first, judged)
    rate = records / one["load"]
    yield Row(f"first load ({rate:,.0f}/s)", "reference", one["reference"] / one["load"], "≥ 0.17")
    if judged:
        ratio = one["judging"] / one["reference"]
        yield Row("series and events judged after it", "reference", ratio, "")
    yield Row("part of it in which others wait", "load", one["held"], "≤ 0.35")
    yield Row("peak memory, MiB", "", one["peak"], "≤ 400")
    before = size(url)
    same = loaded(url, first)
    yield Row("same bytes", "sha256", same["sha256"] / same["load"], "≥ 0.7")
    two = loaded(url, second)
    name = f"1 % changed ({two['recognised']:,} recognised)"
    yield Row(name, "reference", two["reference"] / two["load"], "≥ 1.0")
    yield Row("part of it in which others wait", "load", two["held"], "≤ 0.35")
    yield Row("peak memory, MiB", "", two["peak"], "≤ 400")
    yield Row("growth of the store", "first load", (size(url) - before) / before, "≤ 0.017")
    three = loaded(url, delta)
    paths = written(folder, SMALL)
    for path in paths[:2]:
        loaded(small, path)
    few = loaded(small, paths[2])
    yield Row(f"delta of {CLOSING}", f"at {SMALL:,}", three["load"] / few["load"], "≤ 2")


@contextmanager
def _stores(engine: str, folder: Path) -> Iterator[list[str]]:
    """Yield the URLs of two empty stores."""
    with ExitStack() as stack:
        if engine == "sqlite":
            urls = [f"sqlite:///{folder / name}.db" for name in ("large", "small")]
        else:
            server = stack.enter_context(postgres.server())
            urls = [postgres.create_database(server, name) for name in ("large", "small")]
        for url in urls:
            db = open_database(url)
            migrate(db)
            db.close()
        yield urls


def main() -> None:
    """Print the table for one engine."""
    parser = argparse.ArgumentParser(description="Measure loading.")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--judging", action="store_true")
    parser.add_argument("--alone", nargs=2, metavar=("URL", "PATH"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        alone(given.alone[0], Path(given.alone[1]), given.judging)
        return
    with TemporaryDirectory() as made:
        folder = Path(made)
        print("| measured | against | ratio | goal |\n|---|---|---|---|")
        with _stores(given.engine, folder) as (url, small):
            for row in rows(url, small, folder, given.records, given.judging):
                print(f"| {row.what} | {row.against} | {row.ratio:.3g} | {row.goal} |", flush=True)


if __name__ == "__main__":
    main()
