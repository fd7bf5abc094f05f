"""The databases that are measured, made by the real loader and kept for the next run."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import dataset
from tests.servers import ROOT

CLOSING = 1000
"""Changes of the last revision, the same at any size."""


@dataclass(frozen=True)
class Ground:
    """A dataset of a size: its releases, and the databases that were made of them."""

    folder: Path
    records: int
    revisions: int

    @property
    def releases(self) -> list[Path]:
        """The releases in order, the closing one last."""
        return sorted((self.folder / "releases").glob("*.ndjson"))

    @property
    def head(self) -> int:
        """The number of the newest revision."""
        return self.revisions + 1

    @property
    def url(self) -> str:
        """The database of the service."""
        return f"sqlite:///{self.folder / 'recension.db'}"

    @property
    def tutorial(self) -> Path:
        """The database of the reference service."""
        return self.folder / "tutorial.db"


def prepared(folder: Path, records: int, revisions: int) -> Ground:
    """Return a dataset whose databases are filled; what an earlier run made is kept."""
    ground = Ground(folder.absolute() / f"{records}-{revisions}", records, revisions)
    marker = ground.folder / "complete"
    if not marker.exists():
        say(f"{records} records, {revisions} revisions: made in {ground.folder}")
        dataset.write(ground.folder / "releases", records, revisions, closing=CLOSING)
        load(ground.url, ground.releases)
        command = [sys.executable, "-m", "tests.benchmarks.tutorial", ground.tutorial]
        subprocess.run([*command, *ground.releases], cwd=ROOT, check=True)
        marker.touch()
    recension(ground.url, "migrate")
    return ground


def load(url: str, releases: list[Path]) -> None:
    """Publish releases in a database, new or not, by the command that users have."""
    recension(url, "migrate")
    recension(url, "load", *releases, "--dataset", dataset.NAME)


def recension(url: str, *arguments: str | Path) -> None:
    """Run a command over a database."""
    subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        cwd=ROOT,
        env={**os.environ, "RECENSION_DATABASE_URL": url},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def say(text: str) -> None:
    """Tell on standard error how far it is: the table has standard output to itself."""
    print(text, file=sys.stderr, flush=True)
