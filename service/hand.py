"""Another process of this program that works for this one, over its two pipes.

What it runs is a module of ours: it takes what it is handed, one value after the other, and answers
each. Values are what `marshal` writes, in half of the time of pickles; both ends are the same
interpreter. It ends when its standard input does, so also where this process is killed.
"""

import marshal
import os
import select
import subprocess
import sys
from contextlib import suppress
from io import BufferedReader, RawIOBase
from typing import Any, BinaryIO, Self, cast

_LENGTH = 8


class Ended(Exception):
    """The process is gone. `how` says by which signal, or with what status."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class Hand:
    """One process, within a `with`."""

    def __init__(self, module: str) -> None:
        # It finds what this one finds, and nothing else; an interrupt at the terminal is not its.
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and a module of ours
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            start_new_session=True,
        )
        self._asked = cast(BinaryIO, self._process.stdin)
        # Bare: what a buffer had read ahead, nobody would see waiting.
        self._answers = cast(BufferedReader, self._process.stdout).detach()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        # What was not handed over is not wanted any more.
        with suppress(BrokenPipeError):
            self._asked.close()
        self._answers.close()
        self._process.wait()

    def give(self, value: Any) -> None:
        """Hand something over. Raises `Ended`."""
        try:
            send(self._asked, value)
        except BrokenPipeError:
            raise self._ended() from None

    def has_answered(self) -> bool:
        """Say whether an answer can be taken at once, or the process is gone."""
        return bool(select.select([self._answers], [], [], 0)[0])

    def take(self) -> Any:
        """Return the answer to the first of what has none yet. Raises `Ended`."""
        try:
            return receive(self._answers)
        except EOFError:
            raise self._ended() from None

    def _ended(self) -> Ended:
        status = self._process.wait()
        return Ended(f"by signal {-status}" if status < 0 else f"with status {status}")


def send(stream: BinaryIO, value: Any) -> None:
    """Write a value for the process at the other end."""
    data = marshal.dumps(value)
    rest = memoryview(len(data).to_bytes(_LENGTH) + data)
    while rest:
        # Where nothing is buffered (`PYTHONUNBUFFERED`) a write that is stopped takes only a part.
        rest = rest[stream.write(rest) :]
    stream.flush()


def receive(stream: RawIOBase | BinaryIO) -> Any:
    """Return the value that comes next. Raises `EOFError` where the other process is gone."""
    data = _read(stream, int.from_bytes(_read(stream, _LENGTH)))
    return marshal.loads(data)  # noqa: S302 - of a process that this one started, or that did


def _read(stream: RawIOBase | BinaryIO, length: int) -> bytearray:
    data = bytearray()
    while len(data) < length:
        if not (part := stream.read(length - len(data))):
            raise EOFError
        data += part
    return data


def processors() -> int:
    """Return how many processes can work at once."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
