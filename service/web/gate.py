"""The gate before the application: as many requests at once as are worked on, and a few that wait.

The server has some threads more than work is done by. They hold the requests that wait, and a few
are left to turn away, at once and for next to nothing, what comes when too many wait already: a
client that is told to come again later is served better than one that waits for an answer that it
has given up on. What tells whether the process lives, and what it does, passes the gate.

An answer that is no stream is taken whole and leaves its thread before it is sent, so a client that
reads slowly holds none.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from time import perf_counter
from typing import Any

import orjson

from service.config import Config
from service.store import Database
from service.web import journal, problems, security, sharing
from service.web.metrics import NO_OPERATION, Metrics

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]

SPARE = 2
"""Threads that neither work nor hold a request that waits."""

WAIT_SECONDS = 5.0
"""How long a request waits for its turn: then its client is told to come again."""

PASSING = frozenset({"/healthz", "/metrics"})

OPERATION = "recension.operation"
STREAM = "recension.stream"
"""Where the application notes for the gate what answers, by its id in the document, and that the
answer is sent while it is made.
"""


def threads(config: Config) -> int:
    """Return how many threads the server needs for the gate to have its choice."""
    return config.threads + config.waiting + SPARE


class Gate:
    """A WSGI application before another."""

    def __init__(
        self, application: Application, db: Database, config: Config, metrics: Metrics
    ) -> None:
        self._application, self._db, self._metrics = application, db, metrics
        self._turns = Turns(config.threads, config.waiting)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer, or turn away."""
        passes = environ.get("PATH_INFO") in PASSING
        if not passes and not self._turns.take(WAIT_SECONDS):
            self._metrics.shed.inc()
            return _turned_away(environ, start)
        turns = None if passes else self._turns
        turn = _Turn(self._metrics, self._db, environ, turns)
        try:
            answer = self._application(environ, turn.starting(start))
            if environ.get(STREAM):
                return turn.over(answer)
            try:
                return list(answer)
            finally:
                _close(answer)
                turn.close()
        except BaseException:
            turn.close()
            raise


class Turns:
    """So many turns, and so many places to wait for one; who came first is first.

    A turn that is given back is handed to who waits longest, who only then wakes. Where it is free
    until then, as with a semaphore or a queue, whoever comes in between takes it, and the slowest
    of a hundred requests waits again and again.
    """

    def __init__(self, count: int, places: int) -> None:
        self._free, self._places = count, places
        self._waiting: deque[Lock] = deque()
        self._guard = Lock()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def take(self, seconds: float) -> bool:
        """Take a turn, and say whether there was one: at once, or within so many seconds where
        there was a place to wait.
        """
        with self._guard:
            if self._free:
                self._free -= 1
                return True
            if len(self._waiting) >= self._places:
                return False
            handed = Lock()
            handed.acquire()
            self._waiting.append(handed)
        if handed.acquire(timeout=seconds):
            return True
        with self._guard:
            if handed in self._waiting:
                self._waiting.remove(handed)
                return False
        # It was handed over just now.
        return True

    def give(self) -> None:
        """Give a turn back."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


class _Turn(Iterator[bytes]):
    """One request that is answered, and the parts of its answer where that is a stream."""

    def __init__(
        self, metrics: Metrics, db: Database, environ: Environ, turns: Turns | None
    ) -> None:
        self._metrics, self._db, self._environ, self._turns = metrics, db, environ, turns
        self._answer: Iterable[bytes] = ()
        self._parts: Iterator[bytes] = iter(())
        self._status = "500"
        self._ended = False
        self._began = perf_counter()
        metrics.begin()

    def starting(self, start: Start) -> Start:
        """Return the function by which the application starts its answer."""

        def noting(status: str, *rest: Any) -> Any:
            self._status = status
            return start(status, *rest)

        return noting

    def over(self, answer: Iterable[bytes]) -> "_Turn":
        """Return the turn, which lasts until the answer is at its end."""
        self._answer, self._parts = answer, iter(answer)
        return self

    def __next__(self) -> bytes:
        """Return the next part; after the last one the turn is over."""
        try:
            return next(self._parts)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the turn back, and count what was answered."""
        if self._ended:
            return
        self._ended = True
        try:
            _close(self._answer)
        finally:
            self._end()

    def _end(self) -> None:
        spent = self._db.release()
        if self._turns:
            self._turns.give()
        self._metrics.end(
            self._environ.get(OPERATION, NO_OPERATION),
            self._environ["REQUEST_METHOD"],
            self._status,
            perf_counter() - self._began,
            spent,
        )

    def __del__(self) -> None:
        self.close()


def _close(answer: Iterable[bytes]) -> None:
    close = getattr(answer, "close", None)
    if close:
        close()


_PROBLEM = problems.PROBLEMS[problems.Busy]
_OVERLOAD = orjson.dumps(_PROBLEM.told("as many requests wait as may; try again"))


def _turned_away(environ: Environ, start: Start) -> Iterable[bytes]:
    """Answer 503 without the application: it is busy."""
    method, request_id = environ["REQUEST_METHOD"], journal.identified(environ)
    headers = {
        "Content-Type": problems.MEDIA_TYPE,
        "Content-Length": str(len(_OVERLOAD)),
        "Cache-Control": "no-store",
        "Retry-After": problems.RETRY_AFTER,
        "X-Request-ID": request_id,
        **security.ALWAYS,
        **(sharing.SHARED if method in sharing.READS else {}),
    }
    path = environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace")
    told = b"" if method == "HEAD" else _OVERLOAD
    journal.note(method, path, _PROBLEM.status, len(told), 0.0, request_id)
    start(f"{_PROBLEM.status} SERVICE UNAVAILABLE", list(headers.items()))
    return [told]
