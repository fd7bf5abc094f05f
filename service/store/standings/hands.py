"""More hands where there is much to judge: other processes make some of the batches.

To judge is Python's work, on one core in one process. Each process has the store open for itself,
and stores what it makes. One that ends leaves its batches to this process, which meets what ended
it, if it was more than that.
"""

from collections import deque
from collections.abc import Iterable
from contextlib import ExitStack, suppress

from service.hand import Ended, Hand, processors
from service.store import Database
from service.store.standings import aside
from service.store.standings.making import Batch, Task, make

LEAST = 10_000
"""Series or events that are worth it: a process takes most of a second to start."""

MOST = 4
"""Processes that are of use: only one of them can write at a time."""

AHEAD = 2
"""Batches that a process is handed: it goes on to the next while this one is busy with its own."""


def wanted(allowed: int, names: int) -> int:
    """Return how many processes are to judge so many series or events beside this one.

    `allowed` is the most that there may be in all, 0 for one for each processor.
    """
    return min(allowed or processors(), MOST) - 1 if names >= LEAST else 0


def share(db: Database, task: Task, batches: Iterable[Batch], count: int) -> None:
    """Have each batch made, by so many other processes and this one. Raises `Overtaken`."""
    helpers: list[_Helper] = []
    with ExitStack() as stack:
        with suppress(OSError):  # There is no room for another.
            for _ in range(count):
                helpers.append(_Helper(stack.enter_context(Hand(aside.__name__)), db, task))
        for batch in batches:
            if not any(helper.takes(batch) for helper in helpers):
                make(db, task, batch)
        for helper in helpers:
            for batch in helper.left():
                make(db, task, batch)


class _Helper:
    """Another process, and the batches that it has not answered yet."""

    def __init__(self, hand: Hand, db: Database, task: Task) -> None:
        self._hand = hand
        self._waiting: deque[Batch] = deque()
        self._ended = False
        self._give((db.url, task.dataset.name, *task[1:]))

    def takes(self, batch: Batch) -> bool:
        """Hand a batch over, if it can be made soon."""
        self._settle(waiting=False)
        if self._ended or len(self._waiting) >= AHEAD:
            return False
        self._give(tuple(batch))
        self._waiting.append(batch)
        return True

    def left(self) -> Iterable[Batch]:
        """Wait for the answers, and return the batches that none will come for."""
        self._settle(waiting=True)
        return self._waiting

    def _give(self, value: object) -> None:
        try:
            self._hand.give(value)
        except Ended:
            self._ended = True

    def _settle(self, *, waiting: bool) -> None:
        try:
            while self._waiting and (waiting or self._hand.has_answered()):
                self._hand.take()
                self._waiting.popleft()
        except Ended:
            self._ended = True
