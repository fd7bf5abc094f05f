"""Connections to SQLite (through apsw) or PostgreSQL (through psycopg 3), one a thread at a time.

A thread that is done with its connection leaves it, and another takes it up: there are as many as
are used at once, however many threads come and go.
"""

import select
import threading
from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from math import inf
from time import monotonic
from typing import Any

import peewee
from playhouse.apsw_ext import APSWDatabase

from service.store.failures import patiently

CODE_POINTS = "CODEPOINTS"
"""Column type of text that sorts by code point on both engines."""

WORDS = "WORDS"
"""Column type of the words of a version, with spaces between, for the search index."""

WAIT_SECONDS = 5.0
"""How long a writer waits for another, and a connection for its server."""

PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
"""Set on every SQLite connection and read back. 2 is FULL: what is acknowledged is on the disk."""

CACHE_KIB = 65_536

STEPS = 10_000
"""After how many steps SQLite asks whether a statement has to end: some thousandths of a second."""


class Pace(threading.local):
    """How long the statements of a thread may take, as instants of the monotonic clock."""

    question: float = inf
    """When the question has to be done, of which a statement is a part."""
    statement: float = inf
    """When the statement that runs has to be done."""
    hurried: bool = True
    """Whether the limit holds."""
    spent: float = 0.0
    """Seconds that statements took since this was last set to nothing."""

    def is_over(self) -> bool:
        """Say whether the statement that runs has to end."""
        return monotonic() > self.statement


class Handed(peewee.Database):
    """Connections that are handed from thread to thread."""

    seconds: float | None = None
    """How long a statement may take, if there is a limit."""
    _state: Any
    """What the library knows of the connection of a thread, and of its transactions."""

    def __init__(self, target: str, pace: Pace, **options: Any) -> None:
        self.idle: list[Any] = []
        self.opened: dict[Any, Any] = {}
        """Connection to what executes its statements."""
        self.pace = pace
        super().__init__(target, autoconnect=False, **options)

    # Both as the library has them, without what models need: that takes as long as a statement.
    def connect(self, reuse_if_open: bool = False) -> bool:
        """Have this thread take up a connection."""
        self._state.set_connection(self._connect())
        return True

    def close(self) -> bool:
        """Leave the connection of this thread, if it has one, to the next."""
        if self._state.closed:
            return False
        self.idle.append(self._state.conn)
        self._state.reset()
        return True

    def _connect(self) -> Any:
        """Take up a connection that is alive, or open one."""
        while self.idle:
            connection = self.idle.pop()
            if self._is_alive(connection):
                return connection
            self.opened.pop(connection, None)
            connection.close()
        connection = self._open()
        self.opened[connection] = self._executor(connection)
        return connection

    def ask(self, sql: str, parameters: Sequence[Any]) -> Any:
        """Run a statement by the connection of this thread, and return its cursor. What it found is
        to be fetched before the next one.
        """
        return self.opened[self._state.conn].execute(sql, parameters)

    @abstractmethod
    def _open(self) -> Any:
        """Open a connection."""

    @abstractmethod
    def _executor(self, connection: Any) -> Any:
        """Return what executes the statements of a connection."""

    @abstractmethod
    def _is_alive(self, connection: Any) -> bool:
        """Say whether a connection that was left can be taken up."""


class Sqlite(Handed, APSWDatabase):  # type: ignore[misc]
    """SQLite with the settings that the promises need, verified on each connection."""

    def __init__(self, path: str, pace: Pace) -> None:
        super().__init__(
            path,
            pace,
            timeout=WAIT_SECONDS,
            lock_type="IMMEDIATE",
            field_types={CODE_POINTS: "TEXT", WORDS: "TEXT"},
        )

    def _open(self) -> Any:
        connection = APSWDatabase._connect(self)
        connection.pragma("cache_size", -CACHE_KIB)
        # apsw binds SQLite's own types only; the table of migrations has a date.
        connection.convert_binding = lambda _cursor, _number, value: str(value)
        for name, wanted in PRAGMAS.items():
            patiently(partial(connection.pragma, name, wanted), WAIT_SECONDS)
            if connection.pragma(name) != wanted:
                connection.close()
                raise peewee.OperationalError(f"{self.database} does not take {name}={wanted}")
        if self.seconds is not None:
            connection.set_progress_handler(self.pace.is_over, STEPS)
        return connection

    def _executor(self, connection: Any) -> Any:
        # A cursor of its own for each: one of which a row was fetched would go on reading.
        return connection

    def _is_alive(self, connection: Any) -> bool:
        return True


class Postgresql(Handed, peewee.PostgresqlDatabase):
    """PostgreSQL with text columns in code point order, whatever the locale of the server."""

    def __init__(self, url: str, pace: Pace) -> None:
        super().__init__(
            url,
            pace,
            prefer_psycopg3=True,
            connect_timeout=int(WAIT_SECONDS),
            field_types={CODE_POINTS: 'TEXT COLLATE "C"', WORDS: "TSVECTOR"},
        )

    def _open(self) -> Any:
        connection: Any = peewee.PostgresqlDatabase._connect(self)  # type: ignore[attr-defined]
        if self.seconds is not None:
            connection.execute(bounded(self.seconds))
        return connection

    def _executor(self, connection: Any) -> Any:
        # One cursor for all: to make one takes the driver a third of the time of a small question.
        return connection.cursor()

    def _is_alive(self, connection: Any) -> bool:
        """Say whether the server is still there: one that is silent where nothing was asked."""
        if connection.closed:
            return False
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN)
        return not waiting.poll(0)


def bounded(seconds: float | None) -> str:
    """Return the statement that bounds those after it on PostgreSQL."""
    return f"SET statement_timeout = {0 if seconds is None else max(1, round(seconds * 1000))}"
