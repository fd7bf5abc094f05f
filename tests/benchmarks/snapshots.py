"""Two states of a dataset as the tools keep them that compare states: a repository of git with a
file of NDJSON for each kind, and two files of SQLite with a table for each. Kept for the next run.
"""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from service.model import KINDS, Reading
from service.store import records
from tests.benchmarks import tools
from tests.benchmarks.ground import say
from tests.benchmarks.stage import Stage

_NOBODY = ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgsign=off")
# A file of more than 512 MiB would be told to differ, and nothing else.
_LARGE = ("-c", "core.bigFileThreshold=16g", "-c", "gc.auto=0")


class Snapshots:
    """The dataset at two revisions, and the tools that tell how they differ."""

    def __init__(self, stage: Stage, old: int, new: int) -> None:
        tools.require("git", "sqldiff")
        self.stage, self.numbers = stage, (old, new)
        self.folder = stage.ground.folder / f"snapshots-{old}-{new}"
        self.repository = self.folder / "repository"
        if not (self.folder / "complete").exists():
            say(f"revisions {old} and {new} as snapshots: {self.folder}")
            shutil.rmtree(self.folder, ignore_errors=True)
            self._write()
            (self.folder / "complete").touch()

    def git(self) -> None:
        """Have git tell every line that differs."""
        self._git("diff", "--unified=0", "--no-renames", "--no-ext-diff", *map(_tag, self.numbers))

    def sqldiff(self) -> None:
        """Have sqldiff tell every row that differs."""
        _run("sqldiff", "--primarykey", *map(self._file, self.numbers))

    def _file(self, number: int) -> Path:
        return self.folder / f"{number}.sqlite"

    def _write(self) -> None:
        self.repository.mkdir(parents=True)
        self._git("init", "--quiet")
        for number in self.numbers:
            at = self.stage.at(number)
            for kind in KINDS:
                self._lines(at, kind)
            self._git("add", "--all")
            self._git(*_NOBODY, "commit", "--quiet", "--message", f"revision {number}")
            self._git("tag", _tag(number))
            self._rows(at)

    def _lines(self, at: Reading, kind: str) -> None:
        with (self.repository / f"{kind}.ndjson").open("w", encoding="utf-8") as file:
            file.writelines(body + "\n" for _, body in records.stream(self.stage.db, at, kind))

    def _rows(self, at: Reading) -> None:
        made = sqlite3.connect(self._file(at.revision.number))
        for kind in KINDS:
            made.execute(f"CREATE TABLE {kind} (id TEXT PRIMARY KEY, body TEXT NOT NULL)")
            rows = records.stream(self.stage.db, at, kind)
            made.executemany(f"INSERT INTO {kind} VALUES (?, ?)", rows)  # noqa: S608 - own names
        made.commit()
        made.close()

    def _git(self, *arguments: str) -> None:
        _run("git", *_LARGE, "-C", self.repository, *arguments)


def _tag(number: int) -> str:
    return f"revision-{number}"


def _run(*command: str | Path) -> None:
    nothing = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **nothing})
