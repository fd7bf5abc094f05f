"""How a command ends: what it prints, and with which exit status."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import orjson

from service.config import Config
from service.errors import ApprovalNeeded, RecensionError, Refused
from service.loader.report import SHOWN
from service.store import Database, open_database
from service.store.migrate import require_current

REFUSED = 1
HELD = 3


class Outcomes(click.Group):
    """A group whose commands end in one clear line where the domain refuses, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and map the domain's errors to exit statuses."""
        try:
            return super().invoke(ctx)
        except RecensionError as error:
            _complain(error)
            sys.exit(HELD if isinstance(error, ApprovalNeeded) else REFUSED)


def config() -> Config:
    """Return the settings of the environment. Raises `Misconfigured`."""
    return Config.from_environ(os.environ)


@contextmanager
def store(*, current: bool = True) -> Iterator[Database]:
    """Open the configured store, by default only if it is migrated, and close it in the end."""
    db = open_database(config().database_url)
    try:
        if current:
            require_current(db)
        yield db
    finally:
        db.close()


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def _complain(error: RecensionError) -> None:
    flaws = error.flaws if isinstance(error, Refused) else ()
    for flaw in flaws[:SHOWN]:
        click.echo(str(flaw), err=True)
    if len(flaws) > SHOWN:
        click.echo(f"… and {len(flaws) - SHOWN} more", err=True)
    advice = ""
    if isinstance(error, ApprovalNeeded):
        advice = f"; if that is right, load it again with --approve {error.digest}"
    click.echo(f"recension: {error.message}{advice}", err=True)
