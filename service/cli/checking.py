"""`verify` and `doctor`."""

import platform
import sys
from typing import Any

import click

from service import __version__
from service.cli.outcome import REFUSED, config, print_json, store
from service.errors import RecensionError
from service.reading import datasets, verification
from service.store import open_database
from service.store.migrate import pending


@click.command()
@click.argument("dataset")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def verify(dataset: str, as_json: bool) -> None:
    """Recompute every digest and the chain of DATASET from the stored bodies."""
    with store() as db:
        found = datasets.at(db, dataset).dataset
        faults = list(verification.faults(db, found))
    head = found.head
    if as_json:
        print_json({"dataset": dataset, "revisions": head.number, "chain": head.chain,
                    "faults": faults})  # fmt: skip
    else:
        for fault in faults:
            click.echo(fault, err=True)
        verdict = f"{len(faults)} faults" if faults else f"all is as published, chain {head.chain}"
        click.echo(f"{dataset}: {head.number} revisions, {verdict}")
    if faults:
        sys.exit(REFUSED)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def doctor(as_json: bool) -> None:
    """Say what this installation is and whether it can work."""
    told: dict[str, Any] = {"recension": __version__, "python": platform.python_version()}
    try:
        told |= _store()
    except RecensionError as error:
        told["problem"] = error.message
    if as_json:
        print_json(told)
    else:
        for name, value in told.items():
            click.echo(f"{name}: {value}")
    if "problem" in told:
        sys.exit(REFUSED)


def _store() -> dict[str, Any]:
    settings = config()
    db = open_database(settings.database_url)
    try:
        told: dict[str, Any] = {
            "address": settings.base_url,
            "store": db.place,
            "server": db.server_version(),
            **db.settings(),
        }
        if missing := pending(db):
            return told | {"problem": f"not migrated: {', '.join(missing)} (recension migrate)"}
        heads = {found.name: found.head.number for found in datasets.every(db)}
        return told | {"datasets": heads}
    finally:
        db.close()
