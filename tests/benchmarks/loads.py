"""What loading costs, told against what the same bytes cost without a store.

A dataset is loaded for the first time, the same bytes again, a snapshot in which 1 % changed, and a
delta of a thousand changes, each in a process of its own, into a new store in each round. The
command measures SQLite; `python -m tests.benchmarks.loads --engine postgresql` the other engine.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from service.canonical import canonical
from service.store import open_database
from service.store.migrate import migrate
from tests import postgres
from tests.benchmarks.dataset import Generator
from tests.benchmarks.ground import CLOSING, say
from tests.benchmarks.measures import Figures, Part, Ratio, Work, measured, table
from tests.benchmarks.stage import Stage
from tests.servers import ROOT

SMALL = 10_000
"""Records of the dataset that the delta is tried on for comparison."""

LARGE = 1_000_000

Stores = Callable[[], AbstractContextManager[list[str]]]
"""Gives the URLs of two stores that are empty."""

SEVERAL = "first load by several processes"
FIRST, SAME, SECOND = "first load", "same bytes again", "snapshot with 1 % changed"
SMALL_FIRST = f"{FIRST} at {SMALL:,}"
DELTA, SMALL_DELTA = f"delta of {CLOSING:,}", f"delta of {CLOSING:,} at {SMALL:,}"


def loads(stage: Stage) -> Part:
    """All loads of a round, one after the other, on SQLite."""
    stores = partial(_sqlite, stage.scratch())
    return part(stage.ground.folder / "loads", stage.ground.records, stores)


def part(folder: Path, records: int, stores: Stores) -> Part:
    """Return the work of all loads into new stores, and its rows."""
    large, small = written(folder, records), written(folder, SMALL)
    work = Work("loads", lambda _: _round(records, large, small, stores))
    return Part([work], _ratios(records), _ABOUT)


_ABOUT = (
    "Records a second of processor time; the tutorial's are figures, in batches through its schema"
    " and `insert_many`."
)


def _ratios(records: int) -> list[Ratio]:
    least = 0.14 if records >= LARGE else 0.17
    return [
        Ratio("first load, every record judged", FIRST, f"{FIRST}: reference", least=least),
        Ratio("first load, every record judged", FIRST, "load of the reference service", least=6.5),
        Ratio("publishing of it alone", f"{FIRST}: publishing", f"{FIRST}: reference"),
        Ratio("first load, records/s", FIRST),
        Ratio(
            f"{SEVERAL}, in time that passes",
            f"{SEVERAL}: passing, 1/s",
            f"{SEVERAL}: reference passing, 1/s",
            least=least,
        ),
        Ratio(
            f"time that passes of a {SEVERAL}",
            f"{SEVERAL}: passing, s",
            f"{FIRST}: passing, s",
            most=0.75,
        ),
        Ratio("series and events judged after it", f"{FIRST}: judging, s", f"{FIRST}, s"),
        Ratio(SECOND, SECOND, f"{SECOND}: reference", least=1.0),
        Ratio(
            f"{SECOND}, in time that passes",
            f"{SECOND}: passing, 1/s",
            f"{SECOND}: reference passing, 1/s",
            least=1.0,
        ),
        Ratio(SAME, SAME, f"{SAME}: sha256", least=0.7),
        Ratio(f"time of a {DELTA}", f"{DELTA}, s", f"{SMALL_DELTA}, s", most=2),
        *(
            Ratio(f"part of a {name} in which others wait at once", f"{name}: held", most=0.35)
            for name in (FIRST, SEVERAL, SECOND)
        ),
        *(
            Ratio(f"peak memory of a {name}, MiB", f"{name}: peak, MiB", most=400)
            for name in (FIRST, SECOND, DELTA)
        ),
        Ratio(f"peak memory of a {FIRST}", f"{FIRST}: peak, MiB", f"{SMALL_FIRST}: peak, MiB"),
        Ratio("growth of the store by 1 % changed", "growth, bytes", "first, bytes", most=0.017),
    ]


def _round(records: int, large: list[Path], small: list[Path], stores: Stores) -> Figures:
    figures: dict[str, float] = {}
    with stores() as (url, other):
        figures |= _told(FIRST, records, _alone(url, large[0]))
        before = size(url)
        figures |= _told(SAME, records, _alone(url, large[0]))
        figures |= _told(SECOND, records, _alone(url, large[1]))
        figures |= {"first, bytes": before, "growth, bytes": size(url) - before}
        figures |= _told(DELTA, CLOSING, _alone(url, large[2]))
        figures |= _told(SMALL_FIRST, SMALL, _alone(other, small[0]))
        _alone(other, small[1])
        figures |= _told(SMALL_DELTA, CLOSING, _alone(other, small[2]))
    with stores() as (url, _):
        figures |= _told(SEVERAL, records, _alone(url, large[0], 0))
    tutorial = _alone("tutorial", large[0])
    return figures | {"load of the reference service": tutorial["figures"] / tutorial["load"]}


def _told(name: str, records: int, found: dict[str, Any]) -> Figures:
    """Return the figures of a load: records a second, and what it took beside."""
    return {
        name: records / found["load"],
        f"{name}: reference": records / found["reference"],
        f"{name}: sha256": records / found["sha256"],
        f"{name}, s": found["load"],
        f"{name}: judging, s": found["judging"],
        f"{name}: publishing": records / found["publishing"] if found["publishing"] else 0.0,
        f"{name}: held": found["held"],
        f"{name}: passing, s": found["passing"],
        f"{name}: passing, 1/s": records / found["passing"],
        f"{name}: reference passing, 1/s": records / found["reference passing"],
        f"{name}: peak, MiB": found["peak"],
        f"{name}: recognised": found["recognised"],
    }


def _alone(target: str, path: Path, processes: int = 1) -> dict[str, Any]:
    arguments = target, str(path), str(processes)
    command = [sys.executable, "-m", "tests.benchmarks.load_alone", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def written(folder: Path, records: int) -> list[Path]:
    """Write a first release, the next one as a snapshot, and a delta, unless they are there; return
    their paths.
    """
    paths = [folder / f"{records}-{name}.ndjson" for name in ("first", "second", "delta")]
    if paths[2].exists():
        return paths
    say(f"releases of {records} records to load: {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    generator = Generator(records)
    releases = generator.releases(2, (min(CLOSING, records // 2),))
    _write(paths[0], next(releases).lines)
    list(next(releases).lines)
    _write(paths[1], _snapshot(generator))
    _write(paths[2], next(releases).lines)
    return paths


def _write(path: Path, lines: Iterator[bytes]) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.writelines(line + b"\n" for line in lines)
    part.replace(path)


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


@contextmanager
def _sqlite(folder: Path) -> Iterator[list[str]]:
    with TemporaryDirectory(dir=folder) as made:
        yield _migrated(*(f"sqlite:///{made}/{name}.db" for name in ("large", "small")))


@contextmanager
def _postgresql(server: str, numbers: Iterator[int]) -> Iterator[list[str]]:
    names = [f"bench{next(numbers)}" for _ in range(2)]
    yield _migrated(*(postgres.create_database(server, name) for name in names))
    for name in names:
        postgres.drop_database(server, name)


def _migrated(*urls: str) -> list[str]:
    for url in urls:
        db = open_database(url)
        migrate(db)
        db.close()
    return list(urls)


def main() -> None:
    """Print the table for one engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000, metavar="N")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=1, metavar="N")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        stores: Stores = partial(_sqlite, folder)
        if given.engine == "postgresql":
            stores = partial(_postgresql, stack.enter_context(postgres.server()), count(1))
        made = part(folder, given.records, stores)
        print(table(made.ratios, measured(made.works, given.rounds)))


PARTS: dict[str, Callable[[Stage], Part]] = {"loads": loads}

if __name__ == "__main__":
    main()
