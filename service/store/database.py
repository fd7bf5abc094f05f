"""The store that is open: one way to write SQL for SQLite and PostgreSQL.

A store that serves bounds each statement, and all those of one question together. Statements are
written once, with `?` for parameters, and run on both engines. Hot statements are fixed text:
peewee's query builder costs thirty times the look-up itself. Writing transactions of SQLite are
IMMEDIATE, so that a writer waits for its turn at the start and never fails midway.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from math import inf
from operator import methodcaller
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import peewee

from service.errors import Misconfigured, OutOfTime, Unavailable
from service.store.connections import Pace, Postgresql, Sqlite, bounded
from service.store.failures import FAILURES, meant

LOCK = 0x5EC0_5105
"""Number of the advisory lock by which processes take turns on PostgreSQL; SQLite has its own."""

_WRAPPED = vars(peewee)["__exception_wrapper__"]
"""Turns the errors of either driver into peewee's, as its own methods do."""

Row = Any
"""A row is a tuple of what the statement selects."""


class _Engine(NamedTuple):
    name: str
    text_type: str
    words_type: str
    or_fail: str
    version: str
    make: Callable[[str, Pace], Any]


_SQLITE = _Engine(
    "sqlite", "TEXT", "TEXT", " OR FAIL", "SELECT 'SQLite ' || sqlite_version()", Sqlite
)
_POSTGRESQL = _Engine(
    "postgresql", 'TEXT COLLATE "C"', "TSVECTOR", "", "SELECT version()", Postgresql
)


class Database:
    """A store that is open. Every method may raise `Unavailable`; each thread has its connection.

    `place` says in a message which store it is, without a password. `seconds` is how long a
    statement may take before it ends in `OutOfTime`, and how long all those of a `question`; None
    is no limit. `or_fail` follows INSERT in a transaction that ends with a statement that fails: to
    be able to undo that one alone, SQLite would first copy each page that it changes to a file.
    """

    def __init__(
        self, engine: _Engine, target: str, place: str, seconds: float | None = None
    ) -> None:
        self.engine = engine.name
        self.text_type = engine.text_type
        self.words_type = engine.words_type
        self.or_fail = engine.or_fail
        self.place = place
        self.seconds = seconds
        self._engine = engine
        self._guard = threading.Lock()
        self._pace = Pace()
        self.peewee = engine.make(target, self._pace)
        self.peewee.seconds = seconds

    @property
    def url(self) -> str:
        """The URL that opens it, with its password."""
        return f"sqlite:///{self.place}" if self.engine == "sqlite" else self.peewee.database

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return every row of a bounded question."""
        return list(self._ask(sql, parameters, _all))

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """Return the first row, or None."""
        return self._ask(sql, parameters, _one)

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement and return how many rows it changed."""
        return int(self._ask(sql, parameters, self.peewee.rows_affected))

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each row."""
        batch = list(rows)
        if batch:
            with self._answering(), _WRAPPED:
                self.peewee.cursor().executemany(_spelled(sql, self.engine), batch)

    def fill(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows: into PostgreSQL by COPY, which parses and plans nothing for each."""
        names = f"{table} ({', '.join(columns)})"
        if self.engine == "sqlite":
            marks = ", ".join("?" * len(columns))
            self.many(f"INSERT INTO {names} VALUES ({marks})", rows)
        elif rows:
            sql = f"COPY {names} FROM STDIN"
            with self._answering(), _WRAPPED, self.peewee.cursor().copy(sql) as copy:
                for row in rows:
                    copy.write_row(row)

    @contextmanager
    def question(self) -> Iterator[None]:
        """All statements of this thread together have the time limit; then `OutOfTime`."""
        if self.seconds is not None:
            self._pace.question = monotonic() + self.seconds
        try:
            yield
        finally:
            self._pace.question = self._pace.statement = inf

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """No time limit holds: a release is read, which has its own."""
        self._pace.hurried = False
        try:
            self._limit(None)
            try:
                yield
            finally:
                # Where the connection was lost, the next one has the limit from the start.
                with suppress(Unavailable):
                    self._limit(self.seconds)
        finally:
            self._pace.hurried = True

    def release(self) -> float:
        """Let another thread have the connection, and return the seconds that statements took."""
        spent, self._pace.spent = self._pace.spent, 0.0
        if not self.peewee.in_transaction():
            self.peewee.close()
        return spent

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that takes its turn among writers: all of it is stored, or none."""
        with self._answering(), self.peewee.atomic():
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A writing transaction that overlaps no other of its sort, in whatever process."""
        with self.writing():
            if self.engine == "postgresql":
                self.row("SELECT pg_advisory_xact_lock(?)", (LOCK,))
            yield

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """A transaction that takes no lock of the shared tables until it writes to one."""
        mode = ("DEFERRED",) if self.engine == "sqlite" else ()
        with self._answering(), self.peewee.atomic(*mode):
            yield

    def server_version(self) -> str:
        """Return the name and version of the database software."""
        row = self.row(self._engine.version)
        return str(row[0]) if row else ""

    def settings(self) -> dict[str, str]:
        """Return the settings of a connection that its promises rest on, as the server has them."""
        names = ("journal_mode", "synchronous", "busy_timeout") if self.engine == "sqlite" else (
            "synchronous_commit", "fsync", "full_page_writes")  # fmt: skip
        ask = "PRAGMA {}" if self.engine == "sqlite" else "SHOW {}"
        return {name: str((self.row(ask.format(name)) or "?")[0]) for name in names}

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._guard:
            self.peewee.close()
            for connection in self.peewee.opened:
                connection.close()
            self.peewee.idle.clear()
            self.peewee.opened.clear()

    def _ask(self, sql: str, parameters: Sequence[Any], take: Callable[[Any], Any]) -> Any:
        # As `_answering`, written out: a context of a generator takes as long as a small statement.
        pace, began = self._pace, monotonic()
        try:
            if not self.peewee.in_transaction():
                self._connected()
            if self.seconds is not None and pace.hurried:
                if began > pace.question:
                    raise OutOfTime("the question took longer than a question may")
                pace.statement = min(pace.question, began + self.seconds)
            return take(self.peewee.ask(_spelled(sql, self.engine), parameters))
        except FAILURES as error:
            if told := meant(error, self.place):
                raise told from error
            with _WRAPPED:
                raise
        finally:
            pace.spent += monotonic() - began

    def _limit(self, seconds: float | None) -> None:
        """Have the server bound the statements of this connection; SQLite asks `Pace` instead."""
        self._pace.statement = inf
        if self.seconds is not None and self.engine == "postgresql":
            self.run(bounded(seconds))

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Connect where this thread has no usable connection, and speak the domain's errors."""
        try:
            if not self.peewee.in_transaction():
                self._connected()
            yield
        except FAILURES as error:
            if told := meant(error, self.place):
                raise told from error
            raise

    def _connected(self) -> None:
        if not self.peewee.is_connection_usable():
            self.peewee.close()
            self.peewee.connect()


def open_database(url: str, seconds: float | None = None) -> Database:
    """Open the store that a URL names, and reach it once; `seconds` bounds its questions.

    `sqlite:///var/recension.db` is a path from here, `sqlite:////srv/recension.db` an absolute one;
    `postgresql://user@host/name` is a server. Raises `Misconfigured` for any other URL and
    `Unavailable` where the file cannot be written or the server not be reached.
    """
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        path = Path(url.removeprefix("sqlite:").removeprefix("///"))
        database = _sqlite(path, seconds)
    elif scheme in ("postgresql", "postgres"):
        parts = urlsplit(url)
        place = f"postgresql://{parts.hostname or ''}:{parts.port or 5432}{parts.path}"
        database = Database(_POSTGRESQL, url, place, seconds)
    else:
        raise Misconfigured(
            f"the database URL begins with {scheme!r}; use sqlite:///PATH or postgresql://HOST/NAME"
        )
    database.server_version()
    return database


def _sqlite(path: Path, seconds: float | None) -> Database:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"cannot make the folder {path.parent}: {error.strerror}") from error
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise Unavailable(f"cannot write the database file {path}")
    return Database(_SQLITE, str(path), str(path), seconds)


@lru_cache(maxsize=1024)
def _spelled(sql: str, engine: str) -> str:
    return sql if engine == "sqlite" else sql.replace("?", "%s")


_all, _one = methodcaller("fetchall"), methodcaller("fetchone")
