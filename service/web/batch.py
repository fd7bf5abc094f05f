"""What is noted of each request and written for many at once, by a thread of its own.

To write a line or a count after each request takes several times what it takes in a row: little of
what it needs is at hand in the processor's caches by then, and each write lets go of the
interpreter's lock, which whoever waits for it then takes.
"""

import logging
from collections import deque
from collections.abc import Callable
from threading import Lock, Thread
from time import sleep
from typing import Generic, TypeVar

log = logging.getLogger("recension.batch")

Note = TypeVar("Note")

SECONDS = 0.05
"""How long a note may wait to be written."""

MOST = 5_000
"""How many notes may wait. Whoever adds another writes them, and waits where the writing does."""


class Batch(Generic[Note]):
    """Notes that wait to be written together, in the order in which they came.

    The thread begins with a note and ends when none came for a while. The process does not end
    before it, so that what was noted is written.
    """

    def __init__(self, write: Callable[[list[Note]], None]) -> None:
        self._write = write
        self._notes: deque[Note] = deque()
        self._writing, self._beginning = Lock(), Lock()
        self._runs = False

    def add(self, note: Note) -> None:
        """Have a note written soon."""
        self._notes.append(note)
        if not self._runs:
            self._begin()
        if len(self._notes) > MOST:
            self.flush()

    def flush(self) -> bool:
        """Write what waits, and say whether anything did. What cannot be written is lost, and
        told; requests are answered all the same.
        """
        with self._writing:
            notes = [self._notes.popleft() for _ in range(len(self._notes))]
            try:
                if notes:
                    self._write(notes)
            except Exception:
                log.exception("notes of %d requests could not be written", len(notes))
        return bool(notes)

    def _begin(self) -> None:
        with self._beginning:
            if not self._runs:
                self._runs = True
                # Not as the threads of the server, for which the end of the process does not wait.
                Thread(target=self._run, daemon=False).start()

    def _run(self) -> None:
        while True:
            sleep(SECONDS)
            if not self.flush() and self._ends():
                return

    def _ends(self) -> bool:
        with self._beginning:
            # Said before it looks: whoever adds a note after the look finds that nobody writes.
            self._runs = False
            self._runs = bool(self._notes)
            return not self._runs
