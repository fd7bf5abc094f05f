"""The measurements: `python -m tests.benchmarks --records 100000 --parts pages,records`.

Makes the datasets by the real loader (or takes those that an earlier run left), starts the real
server, drives it, and prints tables: each row a ratio of two things measured in the same rounds. A
part that fails says so, the others go on, and the command ends with status 1.
"""

import argparse
import os
import platform
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks import (
    beside,
    counts,
    diffs,
    driving,
    engines,
    exports,
    filters,
    loads,
    reads,
    several,
    starts,
)
from tests.benchmarks.ground import Ground, prepared, say
from tests.benchmarks.measures import Part, figures_table, measured, table
from tests.benchmarks.stage import THREADS, WORKERS, Stage, staged

PARTS: dict[str, Callable[[Stage], Part]] = {
    **reads.PARTS,
    **filters.PARTS,
    **diffs.PARTS,
    **exports.PARTS,
    **beside.PARTS,
    **engines.PARTS,
    **counts.PARTS,
    **starts.PARTS,
    **loads.PARTS,
}
"""Name to what is measured at each size."""

ONCE = several.PARTS
"""Name to what is measured once, with all sizes at hand."""

PACKAGES = ("granian", "flask", "apsw", "peewee", "marshmallow", "orjson", "psycopg")


def main() -> None:
    """Measure, and print the tables."""
    given = _arguments()
    driving.require()
    # As an interrupt does: servers are stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    print(_machine(), flush=True)
    failed, grounds = [], []
    for records in given.records:
        grounds.append(prepared(given.folder, records, given.revisions))
        about = f"{records:,} records, {given.revisions} revisions"
        for name in filter(PARTS.__contains__, given.parts):
            make = PARTS[name]
            if not done(name, about, grounds[-1:], lambda stages, make=make: make(*stages), given):
                failed.append(f"{name} at {records:,}")
    sizes = ", ".join(f"{records:,}" for records in given.records)
    for name in filter(ONCE.__contains__, given.parts):
        if not done(name, f"{sizes} records", grounds, ONCE[name], given):
            failed.append(name)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def done(
    name: str,
    about: str,
    grounds: Sequence[Ground],
    make: Callable[[Sequence[Stage]], Part],
    given: argparse.Namespace,
) -> bool:
    """Measure a part and print its table, and say whether that went well."""
    say(f"{name}: {about}")
    print(f"\n**{name}**, {about}\n", flush=True)
    try:
        with ExitStack() as stack:
            stages = [stack.enter_context(staged(each, given.seconds)) for each in grounds]
            part = make(stages)
            if part.about:
                print(f"{part.about}\n", flush=True)
            found = measured(part.works, given.rounds, say)
    except Exception as error:
        traceback.print_exc()
        print(f"This part failed: {error}", flush=True)
        return False
    if part.ratios:
        print(table(part.ratios, found), flush=True)
    if given.figures and part.works:
        print(figures_table(found), flush=True)
    return True


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [*PARTS, *ONCE]
    parser.add_argument("--records", type=_sizes, default=[10_000, 100_000], metavar="N,…")
    parser.add_argument("--revisions", type=int, default=20, metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--seconds", type=int, default=2, help="of each work in a round")
    parser.add_argument(
        "--parts", type=_names, default=names, metavar="NAME,…", help=", ".join(names)
    )
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"))
    parser.add_argument("--figures", action="store_true", help="print what was measured, too")
    return parser.parse_args()


def _sizes(text: str) -> list[int]:
    return sorted({int(part) for part in text.split(",")})


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - {*PARTS, *ONCE}:
        known = ", ".join([*PARTS, *ONCE])
        raise argparse.ArgumentTypeError(f"no part {', '.join(unknown)}; there are: {known}")
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
