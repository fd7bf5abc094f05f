"""`migrate` and `openapi`."""

import click

from service.cli.outcome import config, store
from service.store import migrate as migration
from service.web import OPERATIONS
from service.web import openapi as description


@click.command()
def migrate() -> None:
    """Bring the database to this version. Safe to run again, and after a kill."""
    with store(current=False) as db:
        done = migration.migrate(db)
    for name in done:
        click.echo(f"migrated: {name}")
    if not done:
        click.echo("nothing to migrate")


@click.command()
def openapi() -> None:
    """Print the OpenAPI document of the service."""
    click.echo(description.document(OPERATIONS, config().base_url))
