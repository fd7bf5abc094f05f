"""`migrate`, `backup` and `openapi`."""

from pathlib import Path

import click

from service.cli.outcome import config, store
from service.store import backup as copy
from service.store import migrate as migration
from service.web import OPERATIONS
from service.web import openapi as description


@click.command()
def migrate() -> None:
    """Bring the database to this version. Safe to run again, and after a kill."""
    with store(current=False) as db:
        done = migration.migrate(db, config().load_processes)
    for name in done:
        click.echo(f"migrated: {name}")
    if not done:
        click.echo("nothing to migrate")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
def backup(path: Path) -> None:
    """Write a copy of the live store, as it is at one moment, to a new file at PATH."""
    with store() as db:
        copy.write(db, path)
    click.echo(f"wrote {path}")


@click.command()
def openapi() -> None:
    """Print the OpenAPI document of the service."""
    click.echo(description.document(OPERATIONS, config().base_url))
