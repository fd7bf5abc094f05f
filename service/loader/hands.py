"""More hands for a large release: its lines are read by other processes, in their order.

To read a line is Python's work, on one core in one process, and most of a first load. These
processes know nothing of the store: each is handed some lines, and answers with what is known of
them. One of them has one block of lines at a time, so memory is bounded, and neither end ever waits
for the other to read.
"""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import Any, BinaryIO, Self, cast

from service.errors import Interrupted
from service.lines import aside
from service.lines.places import Within
from service.lines.plain import Known

LEAST = 8 << 20
"""Bytes of a release that is worth it: a process takes a third of a second to start."""

MOST = 3
"""Processes that are of use: as many keep the one busy that stages what they read."""

Answers = Sequence[Known | None]


def wanted(allowed: int, size: int | None) -> int:
    """Return how many processes are to read a release of some bytes, if known, beside this one.

    `allowed` is the most that there may be, 0 for one for each processor. One alone is no gain.
    """
    most = min(allowed or _processors(), MOST)
    return most if most > 1 and size is not None and size >= LEAST else 0


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Hands:
    """Processes that read lines for this one, within a `with`: they end with it."""

    def __init__(self, count: int, within: Within) -> None:
        with ExitStack() as stack:
            self._hands = [stack.enter_context(_Hand()) for _ in range(count)]
            for hand in self._hands:
                hand.give(dict(within))
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def read(self, blocks: Iterable[bytes]) -> Iterator[tuple[bytes, Answers]]:
        """Yield each block with what is known of its lines, None for each to be read with care.

        Raises `Interrupted` where one of the processes ends before this one lets it.
        """
        handed: deque[tuple[_Hand, bytes]] = deque()
        idle = list(self._hands)
        broken: OSError | None = None
        try:
            for block in blocks:
                hand, done = (idle.pop(), None) if idle else _next(handed)
                hand.give(block)
                handed.append((hand, block))
                if done:
                    yield done
        except OSError as error:
            # What was read of a file before that counts as well.
            broken = error
        while handed:
            yield _next(handed)[1]
        if broken:
            raise broken


class _Hand:
    """One process, within a `with`."""

    def __init__(self) -> None:
        # It finds what this one finds, and nothing else; an interrupt at the terminal is not its.
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and a module of ours
            [sys.executable, "-P", "-m", aside.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            start_new_session=True,
        )
        self._asked = cast(BinaryIO, self._process.stdin)
        self._answers = cast(BinaryIO, self._process.stdout)

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
        """Hand something over; the answer to what came before is taken already."""
        try:
            aside.send(self._asked, value)
        except BrokenPipeError:
            raise self._ended() from None

    def take(self) -> Answers:
        """Return the answer to what was handed over last."""
        try:
            return [aside.known_of(answer) for answer in aside.receive(self._answers)]
        except EOFError:
            raise self._ended() from None

    def _ended(self) -> Interrupted:
        status = self._process.wait()
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        return Interrupted(
            f"a process that read lines of the release ended {how}, and nothing was published;"
            " load it again, if memory is short with RECENSION_LOAD_PROCESSES=1"
        )


def _next(handed: deque[tuple[_Hand, bytes]]) -> tuple[_Hand, tuple[bytes, Answers]]:
    hand, block = handed.popleft()
    return hand, (block, hand.take())
