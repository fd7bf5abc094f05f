"""`redact`."""

import click

from service.cli.outcome import store
from service.loader import redaction


@click.command()
@click.argument("dataset")
@click.argument("record", metavar="KIND/ID")
@click.option("--reason", metavar="TEXT", help="Why; it is published in the record's place.")
@click.option("--lift", is_flag=True, help="Let releases replace or remove the stub again.")
def redact(dataset: str, record: str, reason: str | None, lift: bool) -> None:
    """Erase every body of a record of DATASET, and publish a stub in its place."""
    kind, separator, record_id = record.partition("/")
    if not separator or lift == (reason is not None):
        raise click.UsageError("give KIND/ID, and either --reason TEXT or --lift")
    with store() as db:
        if lift:
            redaction.lift(db, dataset, kind, record_id)
            click.echo(f"releases may replace {record} of {dataset} again")
            return
        report = redaction.redact(db, dataset, kind, record_id, str(reason))
    click.echo(report.message)
    click.echo(
        "The digests of earlier versions are kept, so that manifests hold: who guesses what a body"
        " said can confirm the guess. Caches may keep pinned answers for a day; backups, replicas"
        " and logs made before lie outside."
    )
