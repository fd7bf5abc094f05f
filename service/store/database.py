"""Connections to SQLite (through apsw) or PostgreSQL (through psycopg 3), one a thread at a time.

A thread that is done with its connection releases it, and another takes it up: there are as many as
are used at once, however many threads come and go. A store that serves bounds each statement, and
all those of one question together.

Statements are written once, with `?` for parameters, and run on both engines. Hot statements are
fixed text: peewee's query builder costs thirty times the look-up itself. Writing transactions of
SQLite are IMMEDIATE, so that a writer waits for its turn at the start and never fails midway.
"""

import os
import select
import threading
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from math import inf
from operator import methodcaller
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import peewee
from playhouse.apsw_ext import APSWDatabase

from service.errors import Misconfigured, OutOfTime, Unavailable
from service.store.failures import FAILURES, meant, patiently

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

LOCK = 0x5EC0_5105
"""Number of the advisory lock by which processes take turns on PostgreSQL; SQLite has its own."""

_WRAPPED = vars(peewee)["__exception_wrapper__"]
"""Turns the errors of either driver into peewee's, as its own methods do."""

Row = Any
"""A row is a tuple of what the statement selects."""


class _Pace(threading.local):
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


class _Handed(peewee.Database):
    """Connections that are handed from thread to thread."""

    seconds: float | None = None
    """How long a statement may take, if there is a limit."""

    def __init__(self, target: str, pace: _Pace, **options: Any) -> None:
        self.idle: list[Any] = []
        self.opened: set[Any] = set()
        self.pace = pace
        super().__init__(target, autoconnect=False, **options)

    def _connect(self) -> Any:
        """Take up a connection that is alive, or open one."""
        while self.idle:
            connection = self.idle.pop()
            if self._is_alive(connection):
                return connection
            self.opened.discard(connection)
            connection.close()
        connection = self._open()
        self.opened.add(connection)
        return connection

    def _close(self, connection: Any) -> None:
        """Leave a connection to the next thread."""
        self.idle.append(connection)

    @abstractmethod
    def _open(self) -> Any:
        """Open a connection."""

    @abstractmethod
    def _is_alive(self, connection: Any) -> bool:
        """Say whether a connection that was left can be taken up."""


class _Sqlite(_Handed, APSWDatabase):  # type: ignore[misc]
    """SQLite with the settings that the promises need, verified on each connection."""

    def __init__(self, path: str, pace: _Pace) -> None:
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

    def _is_alive(self, connection: Any) -> bool:
        return True


class _Postgresql(_Handed, peewee.PostgresqlDatabase):
    """PostgreSQL with text columns in code point order, whatever the locale of the server."""

    def __init__(self, url: str, pace: _Pace) -> None:
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
            connection.execute(_bounded(self.seconds))
        return connection

    def _is_alive(self, connection: Any) -> bool:
        """Say whether the server is still there: one that is silent where nothing was asked."""
        if connection.closed:
            return False
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN)
        return not waiting.poll(0)


class _Engine(NamedTuple):
    name: str
    text_type: str
    words_type: str
    version: str
    make: Callable[[str, _Pace], Any]


_SQLITE = _Engine("sqlite", "TEXT", "TEXT", "SELECT 'SQLite ' || sqlite_version()", _Sqlite)
_POSTGRESQL = _Engine("postgresql", 'TEXT COLLATE "C"', "TSVECTOR", "SELECT version()", _Postgresql)


class Database:
    """A store that is open. Every method may raise `Unavailable`; each thread has its connection.

    `place` says in a message which store it is, without a password. `seconds` is how long a
    statement may take before it ends in `OutOfTime`, and how long all those of a `question`; None
    is no limit.
    """

    def __init__(
        self, engine: _Engine, target: str, place: str, seconds: float | None = None
    ) -> None:
        self.engine = engine.name
        self.text_type = engine.text_type
        self.words_type = engine.words_type
        self.place = place
        self.seconds = seconds
        self._engine = engine
        self._guard = threading.Lock()
        self._pace = _Pace()
        self.peewee = engine.make(target, self._pace)
        self.peewee.seconds = seconds

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
        if not self.peewee.is_closed() and not self.peewee.in_transaction():
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
            with _WRAPPED:
                cursor = self.peewee.cursor()
                cursor.execute(_spelled(sql, self.engine), parameters)
            return take(cursor)
        except FAILURES as error:
            if told := meant(error, self.place):
                raise told from error
            raise
        finally:
            pace.spent += monotonic() - began

    def _limit(self, seconds: float | None) -> None:
        """Have the server bound the statements of this connection; SQLite asks `_Pace` instead."""
        self._pace.statement = inf
        if self.seconds is not None and self.engine == "postgresql":
            self.run(_bounded(seconds))

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
        if not self.peewee.is_closed():
            if self.peewee.is_connection_usable():
                return
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


def _bounded(seconds: float | None) -> str:
    """Return the statement that bounds those after it on PostgreSQL."""
    return f"SET statement_timeout = {0 if seconds is None else max(1, round(seconds * 1000))}"


_all, _one = methodcaller("fetchall"), methodcaller("fetchone")
