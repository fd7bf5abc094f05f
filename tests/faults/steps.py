"""A loader that tells each step before it takes it, and can be killed or held at any of them.

It is the loader of the service: only the methods of the store by which it speaks are wrapped. Each
load is a fork of one process that has imported everything and opened nothing. That process also
kills: what it has not waited for yet cannot be another's process by now.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from service.errors import RecensionError
from service.loader import Request, load, open_release
from service.store import Database, ahead, connections, open_database
from tests import processes
from tests.builders import DATASET

SCRIPT = f"""
from tests.faults import steps
{processes.WAIT}
steps.serve(sys.argv[1])
"""

BEFORE_COMMIT = ("reading", "staging", "tree", "swap", "insert")

SETTINGS = {"small": (connections, "CACHE_KIB", 16), "ahead": (ahead, "MANY", 1)}
"""How a load may be done: with a cache so small that SQLite writes pages of a transaction to the
log before it commits; or with a first release that counts as large.
"""


class Told(NamedTuple):
    """What became of a load: the last step that it told, and its end."""

    killed: bool
    step: str
    said: str
    """`acknowledged N`, the name of an error, or nothing."""
    steps: tuple[str, ...]


class Loader:
    """Loads releases in processes of their own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def load(self, path: Path, how: str = "") -> Told:
        """Load a release to its end, as `SETTINGS` say."""
        self._tell("run", path, -1, 0.0, how)
        return self._told()

    def kill(self, path: Path, at: int, after: float | None, how: str = "") -> Told:
        """Load a release and kill that some seconds after step number `at` was told.

        Where `after` is None it waits there for its death.
        """
        word = "hold" if after is None else "run"
        self._tell(word, path, at, after or 0.0, how)
        return self._told()

    @contextmanager
    def held(self, path: Path, at: int) -> Iterator[list[Told]]:
        """Begin a load and hold it before a step; when the block ends it goes on to its end."""
        told: list[Told] = []
        self._tell("wait", path, at, 0.0)
        assert self._line() == "held"
        yield told
        self._tell("go")
        told.append(self._told())

    def _tell(self, *words: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()

    def _told(self) -> Told:
        said = ""
        while not (line := self._line()).startswith("ended "):
            said = line
        _, how, *steps = line.split()
        return Told(how == "killed", steps[-1], said, tuple(steps))

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the loader itself ended"
        return line.strip()


@contextmanager
def loader(url: str) -> Iterator[Loader]:
    """Start a loader of a store."""
    process = processes.start(SCRIPT, url)
    processes.go(process)
    yield Loader(process)
    (end,) = processes.ends([process])
    assert end.errors == ""


def chosen(draw: random.Random, steps: Iterable[str], step: str) -> int:
    """Return the number of one of the statements of a step."""
    return draw.choice([number for number, name in enumerate(steps) if name == step])


def summary(landed: Counter[str]) -> str:
    """Say in one line where kills landed."""
    return ", ".join(f"{landed[step]} in {step}" for step in (*BEFORE_COMMIT, "commit", "after"))


def serve(url: str) -> None:
    """Load what standard input names, line by line."""
    for line in sys.stdin:
        mode, path, at, *more = line.split()
        source, sink = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(source)
            if more[-1] in SETTINGS:
                setattr(*SETTINGS[more[-1]])
            _load(url, path, _Steps(sink, int(at), mode))
        os.close(sink)
        with open(source, encoding="ascii") as told:
            steps = _until(told, int(at)) if mode != "wait" else []
            if mode != "wait" and len(steps) == int(at) + 1:
                time.sleep(float(more[0]))
                os.kill(child, signal.SIGKILL)
            steps += _until(told, -1)
        _, status = os.waitpid(child, 0)
        how = "killed" if os.WIFSIGNALED(status) else "alone"
        os.write(1, f"ended {how} {' '.join(steps)}\n".encode())


def _until(told: Iterable[str], number: int) -> list[str]:
    steps: list[str] = []
    for line in told:
        steps.append(line.strip())
        if len(steps) == number + 1:
            break
    return steps


class _Steps:
    """Tells the steps of one load, and stops at one of them."""

    def __init__(self, sink: int, at: int, mode: str) -> None:
        self._sink, self._at, self._mode = sink, at, mode
        self._number = -1
        self._phase = "before"

    def reach(self, step: str) -> None:
        self._number += 1
        os.write(self._sink, f"{step}\n".encode())
        if self._number == self._at and self._mode == "hold":
            signal.pause()
        if self._number == self._at and self._mode == "wait":
            os.write(1, b"held\n")
            os.read(0, 64)

    def statement(self, sql: str) -> None:
        if "INTO datasets " in sql or sql.startswith("UPDATE datasets "):
            self._phase = "publishing"
            return self.reach("swap")
        if self._phase != "before":
            return self.reach("after" if self._phase == "after" else "insert")
        if sql.startswith("SELECT"):
            return self.reach("reading")
        tree = "staged_nodes" in sql and not sql.startswith(("CREATE", "DROP"))
        return self.reach("tree" if tree else "staging")

    def commit(self, commit: Callable[[], None]) -> Callable[[], None]:
        def told() -> None:
            if self._phase != "publishing":
                return commit()
            self.reach("commit")
            commit()
            self._phase = "after"
            self.reach("after")

        return told


def _load(url: str, path: str, steps: _Steps) -> None:
    """Load a release, say how that ended, and end this process."""
    for name in ("rows", "row", "run", "many"):
        setattr(Database, name, _telling(getattr(Database, name), steps))
    try:
        db = open_database(url)
        db.peewee.commit = steps.commit(db.peewee.commit)
        report = load(db, open_release(path), Request(DATASET))
        os.write(1, f"acknowledged {report.revision}\n".encode())
        os._exit(0)
    except RecensionError as error:
        os.write(1, f"{type(error).__name__}\n".encode())
        os._exit(1)


def _telling(method: Callable[..., Any], steps: _Steps) -> Callable[..., Any]:
    def told(self: Database, sql: str, *arguments: Any) -> Any:
        steps.statement(sql)
        return method(self, sql, *arguments)

    return told
