"""`verify` and `doctor`."""

import platform
import sys
from typing import Any

import click

from service import __version__, canonical
from service.cli.outcome import REFUSED, config, print_json, store
from service.cli.remote import Remote
from service.errors import RecensionError
from service.reading import datasets, verification
from service.store import open_database
from service.store.migrate import pending


@click.command()
@click.argument("dataset", metavar="D|URL")
@click.option("--since", metavar="CHAIN", help="A chain kept earlier: history must still hold it.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def verify(dataset: str, since: str | None, as_json: bool) -> None:
    """Recompute the digests and the chain of a dataset, in the store or behind a URL."""
    verdict = (_remote if "://" in dataset else _local)(dataset, since)
    faults = verdict["faults"]
    if as_json:
        print_json(verdict)
    else:
        for fault in faults:
            click.echo(fault, err=True)
        said = f"{len(faults)} faults" if faults else f"as published, chain {verdict['chain']}"
        click.echo(f"{dataset}: {verdict['revisions']} revisions, {said}")
    if faults:
        sys.exit(REFUSED)


def _local(name: str, since: str | None) -> dict[str, Any]:
    with store() as db:
        dataset = datasets.at(db, name).dataset
        faults = list(verification.faults(db, dataset, since))
    head = dataset.head
    return {"dataset": name, "revisions": head.number, "chain": head.chain, "faults": faults}


def _remote(url: str, since: str | None) -> dict[str, Any]:
    remote = Remote(url)
    revisions = remote.revisions()
    return {
        "dataset": url,
        "revisions": len(revisions),
        "chain": revisions[-1]["chain"] if revisions else canonical.NO_CHAIN,
        "faults": list(remote.faults(revisions, since)),
    }


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
