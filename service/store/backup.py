"""A copy of a live store as it is at one moment, made while it is read and written.

SQLite is copied page by page through its backup interface; copying the file would lose what stands
in the write-ahead log. PostgreSQL is dumped by its own `pg_dump`, in the custom format.
"""

import os
import shutil
import subprocess
from pathlib import Path

import apsw

from service.errors import Refused, Unavailable
from service.store.database import Database

PAGES = 1000
"""Copied in one step, between which writers get their turn."""


def write(db: Database, path: Path) -> None:
    """Write the copy to a new file, complete or not at all.

    Raises `Refused` where something is at the path, and `Unavailable` where it cannot be written.
    """
    if path.exists():
        raise Refused(f"{path} exists; a backup is written to a new file", [])
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        (_copy if db.engine == "sqlite" else _dump)(db, part)
        _flush(part)
        part.rename(path)
    except (OSError, apsw.Error, subprocess.CalledProcessError) as error:
        part.unlink(missing_ok=True)
        raise Unavailable(f"cannot write the backup {path}: {error}") from error


def _copy(db: Database, path: Path) -> None:
    db.row("SELECT 1")
    target = apsw.Connection(str(path))
    try:
        with target.backup("main", db.peewee.connection(), "main") as copy:
            while not copy.done:
                copy.step(PAGES)
    finally:
        target.close()


def _dump(db: Database, path: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise OSError("pg_dump is not on the PATH; it comes with PostgreSQL's client programs")
    command = [program, "--format=custom", f"--file={path}", f"--dbname={db.peewee.database}"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)  # noqa: S603 - our own words


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
