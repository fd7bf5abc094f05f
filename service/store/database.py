"""One connection a thread to SQLite (through apsw) or PostgreSQL (through psycopg 3).

Statements are written once, with `?` for parameters, and run on both engines. Hot statements are
fixed text: peewee's query builder costs thirty times the look-up itself. Writing transactions of
SQLite are IMMEDIATE, so that a writer waits for its turn at the start and never fails midway.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import peewee
from playhouse.apsw_ext import APSWDatabase

from service.errors import Misconfigured, Unavailable

CODE_POINTS = "CODEPOINTS"
"""Column type of text that sorts by code point on both engines."""

WAIT_SECONDS = 5.0
"""How long a writer waits for another, and a connection for its server."""

PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
"""Set on every SQLite connection and read back. 2 is FULL: what is acknowledged is on the disk."""

CACHE_KIB = 65_536

LOCK = 0x5EC0_5105
"""Number of the advisory lock by which processes take turns on PostgreSQL; SQLite has its own."""

_WRAPPED = vars(peewee)["__exception_wrapper__"]
"""Turns the errors of either driver into peewee's, as its own methods do."""

Row = Any
"""A row is a tuple of what the statement selects."""


class _Sqlite(APSWDatabase):  # type: ignore[misc]
    """SQLite with the settings that the promises need, verified on each connection."""

    def __init__(self, path: str, opened: list[Any]) -> None:
        super().__init__(
            path,
            timeout=WAIT_SECONDS,
            lock_type="IMMEDIATE",
            autoconnect=False,
            field_types={CODE_POINTS: "TEXT"},
        )
        self._opened = opened

    def _connect(self) -> Any:
        connection = super()._connect()
        connection.pragma("cache_size", -CACHE_KIB)
        # apsw binds SQLite's own types only; the table of migrations has a date.
        connection.convert_binding = lambda _cursor, _number, value: str(value)
        for name, wanted in PRAGMAS.items():
            connection.pragma(name, wanted)
            if connection.pragma(name) != wanted:
                connection.close()
                raise peewee.OperationalError(f"{self.database} does not take {name}={wanted}")
        self._opened.append(connection)
        return connection


class _Postgresql(peewee.PostgresqlDatabase):
    """PostgreSQL with text columns in code point order, whatever the locale of the server."""

    def __init__(self, url: str, opened: list[Any]) -> None:
        super().__init__(
            url,
            autoconnect=False,
            prefer_psycopg3=True,
            connect_timeout=int(WAIT_SECONDS),
            field_types={CODE_POINTS: 'TEXT COLLATE "C"'},
        )
        self._opened = opened

    def _connect(self) -> Any:
        connection: Any = super()._connect()  # type: ignore[misc]
        self._opened.append(connection)
        return connection


class _Engine(NamedTuple):
    name: str
    text_type: str
    version: str
    make: Callable[[str, list[Any]], Any]


_SQLITE = _Engine("sqlite", "TEXT", "SELECT 'SQLite ' || sqlite_version()", _Sqlite)
_POSTGRESQL = _Engine("postgresql", 'TEXT COLLATE "C"', "SELECT version()", _Postgresql)


class Database:
    """A store that is open. Every method may raise `Unavailable`; each thread has its connection.

    `place` says in a message which store it is, without a password.
    """

    def __init__(self, engine: _Engine, target: str, place: str) -> None:
        self.engine = engine.name
        self.text_type = engine.text_type
        self.place = place
        self._engine = engine
        self._opened: list[Any] = []
        self._guard = threading.Lock()
        self.peewee = engine.make(target, self._opened)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return every row of a bounded question."""
        with self._answering():
            return list(self._execute(sql, parameters).fetchall())

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """Return the first row, or None."""
        with self._answering():
            return self._execute(sql, parameters).fetchone()

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement and return how many rows it changed."""
        with self._answering():
            return int(self.peewee.rows_affected(self._execute(sql, parameters)))

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each row."""
        batch = list(rows)
        if batch:
            with self._answering(), _WRAPPED:
                self.peewee.cursor().executemany(_spelled(sql, self.engine), batch)

    def fill(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows; a row costs PostgreSQL a third by COPY of what it does by INSERT."""
        names = f"{table} ({', '.join(columns)})"
        if self.engine == "sqlite":
            marks = ", ".join("?" * len(columns))
            self.many(f"INSERT INTO {names} VALUES ({marks})", rows)
        elif rows:
            cursor = self.peewee.cursor()
            with self._answering(), _WRAPPED, cursor.copy(f"COPY {names} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

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
            for connection in self._opened:
                connection.close()
            self._opened.clear()

    def _execute(self, sql: str, parameters: Sequence[Any]) -> Any:
        return self.peewee.execute_sql(_spelled(sql, self.engine), parameters)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Connect where this thread has no usable connection, and speak the domain's errors."""
        try:
            if not self.peewee.in_transaction():
                self._connected()
            yield
        except peewee.IntegrityError:
            raise
        except (peewee.PeeweeException, OSError) as error:
            raise Unavailable(
                f"the store at {self.place} does not answer: {_first(error)}"
            ) from error

    def _connected(self) -> None:
        if not self.peewee.is_closed() and not self.peewee.is_connection_usable():
            self.peewee.close()
        self.peewee.connect(reuse_if_open=True)


def open_database(url: str) -> Database:
    """Open the store that a URL names, and reach it once.

    `sqlite:///var/recension.db` is a path from here, `sqlite:////srv/recension.db` an absolute one;
    `postgresql://user@host/name` is a server. Raises `Misconfigured` for any other URL and
    `Unavailable` where the file cannot be written or the server not be reached.
    """
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        path = Path(url.removeprefix("sqlite:").removeprefix("///"))
        database = _sqlite(path)
    elif scheme in ("postgresql", "postgres"):
        parts = urlsplit(url)
        place = f"postgresql://{parts.hostname or ''}:{parts.port or 5432}{parts.path}"
        database = Database(_POSTGRESQL, url, place)
    else:
        raise Misconfigured(
            f"the database URL begins with {scheme!r}; use sqlite:///PATH or postgresql://HOST/NAME"
        )
    database.server_version()
    return database


def _sqlite(path: Path) -> Database:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"cannot make the folder {path.parent}: {error.strerror}") from error
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise Unavailable(f"cannot write the database file {path}")
    return Database(_SQLITE, str(path), str(path))


@lru_cache(maxsize=1024)
def _spelled(sql: str, engine: str) -> str:
    return sql if engine == "sqlite" else sql.replace("?", "%s")


def _first(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
