"""More hands for a large release: its lines are read by other processes, in their order.

To read a line is Python's work, on one core in one process, and most of a first load. These
processes know nothing of the store: each is handed some lines, and answers with what is known of
them. One of them has one block of lines at a time, so memory is bounded, and neither end ever waits
for the other to read.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Self

from service.errors import Interrupted
from service.hand import Ended, Hand, processors
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
    most = min(allowed or processors(), MOST)
    return most if most > 1 and size is not None and size >= LEAST else 0


class Hands:
    """Processes that read lines for this one, within a `with`: they end with it."""

    def __init__(self, count: int, within: Within) -> None:
        with ExitStack() as stack:
            self._hands = [stack.enter_context(Hand(aside.__name__)) for _ in range(count)]
            with _telling():
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
        with _telling():
            yield from self._read(blocks)

    def _read(self, blocks: Iterable[bytes]) -> Iterator[tuple[bytes, Answers]]:
        handed: deque[tuple[Hand, bytes]] = deque()
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


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except Ended as error:
        raise Interrupted(
            f"a process that read lines of the release ended {error.how}, and nothing was"
            " published; load it again, if memory is short with RECENSION_LOAD_PROCESSES=1"
        ) from None


def _next(handed: deque[tuple[Hand, bytes]]) -> tuple[Hand, tuple[bytes, Answers]]:
    hand, block = handed.popleft()
    return hand, (block, [aside.known_of(answer) for answer in hand.take()])
