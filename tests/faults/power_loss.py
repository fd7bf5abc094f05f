"""What a power loss leaves of publishes that were acknowledged: run as root, on Linux.

    python -m tests.faults.power_loss [ROUNDS]

Each round publishes to a SQLite store on an XFS file system of its own, in a file that is mounted
as a disk, and notes outside of it what was acknowledged. At some moment the file system is shut
down as if the power had gone: what was not made durable is lost. After that the store must have
every acknowledged revision, whole. As many rounds follow with `synchronous=OFF`: a loss that the
test cannot see there would say that it sees none at all. Needs `xfsprogs` and loop devices.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from service.errors import RecensionError
from service.store import connections, open_database
from service.store.migrate import migrate
from tests.builders import DATASET, load_release, write_release
from tests.faults.checking import examined
from tests.loader.releases import actors
from tests.schemas import samples
from tests.servers import ROOT

SIZE = 400 * 1024 * 1024
RELEASES = 2000
RECORDS = 12
LONGEST_SECONDS = 2.5
TOOLS = ("mkfs.xfs", "xfs_io", "mount", "umount")

LOADER = """
import os, sys
from pathlib import Path
from service.store import connections, open_database
from tests.builders import load_release
url, folder, noted, synchronous = sys.argv[1:]
connections.PRAGMAS["synchronous"] = int(synchronous)
db = open_database(url)
sink = os.open(noted, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
for path in sorted(Path(folder).iterdir()):
    report = load_release(db, path)
    os.write(sink, f"{report.revision}\\n".encode())
"""


class Found(NamedTuple):
    """What one power loss left."""

    acknowledged: int
    head: int
    fault: str

    @property
    def lost(self) -> int:
        """How many acknowledged revisions are gone."""
        return max(0, self.acknowledged - self.head)

    def __str__(self) -> str:
        state = self.fault or "whole"
        return f"acknowledged {self.acknowledged}, head {self.head}, lost {self.lost}, {state}"


@contextmanager
def disk(folder: Path) -> Iterator[Path]:
    """Make a file system in a file, mount it until the block ends, and remove it."""
    image, at = folder / "disk", folder / "mounted"
    at.mkdir()
    with image.open("wb") as file:
        file.truncate(SIZE)
    try:
        _run("mkfs.xfs", "-q", image)
        mount(folder)
        yield at
    finally:
        if at.is_mount():
            _run("umount", "--lazy", at)
        image.unlink()
        at.rmdir()


def mount(folder: Path) -> None:
    """Mount the file system of a folder."""
    _run("mount", "-o", "loop", folder / "disk", folder / "mounted")


def power_loss(folder: Path, releases: Path, synchronous: int, seconds: float) -> Found:
    """Publish for some seconds, lose the power, and return what is there after a new start."""
    noted = folder / "acknowledged"
    noted.write_text("")
    with disk(folder) as at:
        url = f"sqlite:///{at / 'recension.db'}"
        _first(url, folder)
        _run("sync", "-f", at)
        process = subprocess.Popen(
            [sys.executable, "-c", LOADER, url, str(releases), str(noted), str(synchronous)],
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for_two(process, noted)
            time.sleep(seconds)
            _run("xfs_io", "-x", "-c", "shutdown", at)
        finally:
            process.kill()
            process.wait()
        _run("umount", at)
        mount(folder)
        acknowledged = int(noted.read_text().split()[-1])
        return Found(acknowledged, *_examined(url))


def _first(url: str, folder: Path) -> None:
    db = open_database(url)
    migrate(db)
    load_release(db, write_release(folder / "first.ndjson", actors("a"), samples.dataset()))
    db.close()


def _wait_for_two(process: subprocess.Popen[bytes], noted: Path) -> None:
    """The time that a start takes is no part of the moment."""
    while len(noted.read_text().split()) < 2:
        if process.poll() is not None:
            sys.exit(f"the loader ended with status {process.returncode}")
        time.sleep(0.01)


def _examined(url: str) -> tuple[int, str]:
    """Return the head and what is wrong with the store, if anything is."""
    try:
        db = open_database(url)
        row = db.row("SELECT head FROM datasets WHERE name = ?", (DATASET,))
        head = int(row[0]) if row else 0
        try:
            examined(db, max(1, head - 3))
        except (AssertionError, RecensionError) as error:
            return head, f"damaged: {str(error).splitlines()[:1]}"
        finally:
            db.close()
    except RecensionError as error:
        return 0, f"unreadable: {error.message}"
    return head, ""


def _releases(folder: Path) -> Path:
    folder.mkdir()
    for number in range(RELEASES):
        names = [f"r{number}-{index}" for index in range(RECORDS)]
        write_release(folder / f"{number:06}.ndjson", actors(names), mode="delta")
    return folder


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True)


def main() -> int:
    """Lose the power in some rounds as the service runs, and in as many without durability."""
    parser = argparse.ArgumentParser(description="Lose the power while releases are published.")
    parser.add_argument("rounds", type=int, nargs="?", default=50)
    rounds = parser.parse_args().rounds
    if os.geteuid() != 0:
        parser.error("mounting needs root")
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        parser.error(f"not installed: {', '.join(missing)} (Debian: apt-get install xfsprogs)")
    draw = random.Random()  # noqa: S311 - other moments in each run
    found: dict[int, list[Found]] = {connections.PRAGMAS["synchronous"]: [], 0: []}
    with tempfile.TemporaryDirectory(prefix="recension-power-") as name:
        releases = _releases(Path(name) / "releases")
        for synchronous, ends in found.items():
            for number in range(1, rounds + 1):
                seconds = draw.uniform(0.0, LONGEST_SECONDS)
                ends.append(power_loss(Path(name), releases, synchronous, seconds))
                print(f"synchronous={synchronous}, round {number}: {ends[-1]}", flush=True)
    held, control = found.values()
    bad = [end for end in held if end.lost or end.fault]
    seen = [end for end in control if end.lost or end.fault]
    print(f"{len(held)} rounds, {sum(end.acknowledged for end in held)} acknowledged: ", end="")
    print(f"{sum(end.lost for end in held)} lost, {len(bad)} rounds with a loss or damage")
    print(f"control, synchronous=OFF: {len(seen)} of {len(control)} rounds with a loss or damage")
    return 1 if bad or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
