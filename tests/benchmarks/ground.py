"""The databases that are measured, made by the real loader and kept for the next run."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tests.benchmarks import dataset
from tests.benchmarks.dataset import CHANGED, LEAST, Generator
from tests.servers import ROOT

CLOSING = 1000
"""Changes of the revision after the walk, the same at any size."""

_BEGAN = time.monotonic()


@dataclass(frozen=True)
class Ground:
    """A dataset of a size: its releases, and the databases that were made of them.

    After the `revisions` of the walk come two more: one of a thousand changes, and one of as many
    as those of the walk have together. Neither changes more than half of the records.
    """

    folder: Path
    records: int
    revisions: int
    changed: float = CHANGED

    @property
    def closing(self) -> tuple[int, int]:
        """How many changes the last two revisions have."""
        each = max(LEAST, round(self.records * self.changed))
        most = self.records // 2
        return min(CLOSING, most), min((self.revisions - 1) * each, most)

    @property
    def head(self) -> int:
        """The number of the newest revision."""
        return self.revisions + len(self.closing)

    @property
    def releases(self) -> list[Path]:
        """The releases in order."""
        return sorted((self.folder / "releases").glob("*.ndjson"))

    @property
    def url(self) -> str:
        """The database of the service."""
        return f"sqlite:///{self.database}"

    @property
    def database(self) -> Path:
        """The file of the database of the service."""
        return self.folder / "recension.db"

    @property
    def tutorial(self) -> Path:
        """The database of the reference service, filled."""
        path = self.folder / "tutorial.db"
        if not _marker(path).exists():
            say(f"the reference service is filled: {path}")
            command = [sys.executable, "-m", "tests.benchmarks.tutorial", path]
            subprocess.run([*command, *self.releases], cwd=ROOT, check=True)
            _marker(path).touch()
        return path


def prepared(folder: Path, records: int, revisions: int, changed: float = CHANGED) -> Ground:
    """Return a dataset whose store is filled. What an earlier run made is kept, unless the
    generator or the tables have changed since.
    """
    name = f"{records}-{revisions}"
    ground = Ground(folder.absolute() / name, records, revisions, changed)
    marker = _marker(ground.database)
    if not marker.exists() or marker.read_text(encoding="ascii") != _recipe(ground):
        say(f"{records} records, {revisions} revisions: made in {ground.folder}")
        shutil.rmtree(ground.folder, ignore_errors=True)
        drawn = Generator(records, changed=changed)
        dataset.write(ground.folder / "releases", drawn.releases(revisions, ground.closing))
        say(f"{records} records, {revisions} revisions: loaded")
        load(ground.url, ground.releases)
        marker.write_text(_recipe(ground), encoding="ascii")
    recension(ground.url, "migrate")
    return ground


def load(url: str, releases: list[Path]) -> None:
    """Publish releases in a database, new or not, by the command that users have."""
    recension(url, "migrate")
    recension(url, "load", *releases, "--dataset", dataset.NAME)


def recension(url: str, *arguments: str | Path) -> None:
    """Run a command over a database."""
    process = started(url, *arguments)
    if process.wait():
        raise RuntimeError(f"recension {arguments[0]} ended with status {process.returncode}")


def started(url: str, *arguments: str | Path) -> "subprocess.Popen[bytes]":
    """Start a command over a database."""
    return subprocess.Popen(
        [sys.executable, "-m", "service", *arguments],
        cwd=ROOT,
        env={**os.environ, "RECENSION_DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
    )


def say(text: str) -> None:
    """Tell on standard error how far it is: the table has standard output to itself."""
    print(f"{time.monotonic() - _BEGAN:7.1f} s  {text}", file=sys.stderr, flush=True)


def _marker(made: Path) -> Path:
    return made.with_suffix(".complete")


def _recipe(ground: Ground) -> str:
    """Return a digest of what a store is made by."""
    migrations = sorted((ROOT / "service" / "store" / "migrations").glob("*.py"))
    made_by = b"".join(path.read_bytes() for path in (Path(dataset.__file__), *migrations))
    return sha256(made_by + repr((ground.changed, ground.closing)).encode()).hexdigest()
