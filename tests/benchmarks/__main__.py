"""The measurements: `python -m tests.benchmarks --records 100000 --parts pages,records`.

Makes the datasets by the real loader (or takes those that an earlier run left), starts the real
server, drives it, and prints tables: each row a ratio of two things measured in the same rounds.
"""

import argparse
import os
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks import driving, reads
from tests.benchmarks.ground import prepared, say
from tests.benchmarks.measures import Part, figures_table, measured, table
from tests.benchmarks.stage import THREADS, WORKERS, Stage, staged

PARTS: dict[str, Callable[[Stage], Part]] = {**reads.PARTS}

PACKAGES = ("granian", "flask", "apsw", "peewee", "marshmallow", "orjson", "psycopg")


def main() -> None:
    """Measure, and print the tables."""
    given = _arguments()
    driving.require()
    print(_machine())
    for records in given.records:
        ground = prepared(given.folder, records, given.revisions)
        for name in given.parts:
            say(f"{records} records: {name}")
            with staged(ground, given.seconds) as stage:
                part = PARTS[name](stage)
                found = measured(part.works, given.rounds)
            print(f"\n**{name}**, {records:,} records, {given.revisions} revisions\n")
            print(table(part.ratios, found))
            if given.figures:
                print(figures_table(found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=_sizes, default=[10_000, 100_000], metavar="N,…")
    parser.add_argument("--revisions", type=int, default=20, metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each work in a round")
    parser.add_argument("--parts", type=_names, default=list(PARTS), metavar="NAME,…")
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"))
    parser.add_argument("--figures", action="store_true", help="print what was measured, too")
    return parser.parse_args()


def _sizes(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(PARTS):
        raise argparse.ArgumentTypeError(f"no part {unknown}; there are: {', '.join(PARTS)}")
    return names


def _machine() -> str:
    """Return what was measured with and on, as far as it says what to expect elsewhere."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()},"
        f" {platform.python_implementation()} {platform.python_version()}; {packages};"
        f" wrk with {driving.THREADS} threads and {driving.CONNECTIONS} connections,"
        f" {WORKERS} workers of {THREADS} threads."
    )


if __name__ == "__main__":
    main()
