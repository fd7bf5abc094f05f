"""`revisions`, `diff` and `export`."""

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

from service.cli import errata
from service.cli.outcome import print_json, store
from service.model import Revision
from service.reading import datasets, diffs, exports, tables
from service.reading import revisions as history
from service.store import Database
from service.web import telling

STEP = 1000


@click.command()
@click.argument("dataset")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def revisions(dataset: str, as_json: bool) -> None:
    """List the revisions of DATASET, newest first."""
    with store() as db:
        found = list(_revisions(db, dataset))
    if as_json:
        print_json([_revision(revision) for revision in found])
        return
    for revision in found:
        changes = sum(sum(words.values()) for words in revision.changes.values())
        click.echo(
            f"{revision.number}  {revision.issued}  {revision.digest[:12]}"
            f"  {sum(revision.records.values())} records, {changes} changes"
            f"  {revision.message or ''}".rstrip()
        )


def _revisions(db: Database, name: str) -> Iterator[Revision]:
    dataset = datasets.at(db, name).dataset
    before: int | None = None
    while page := history.page(db, dataset, before, STEP):
        yield from page
        before = page[-1].number


def _revision(revision: Revision) -> dict[str, Any]:
    return {name: value for name, value in vars(revision).items() if value is not None}


@click.command()
@click.argument("dataset")
@click.argument("old", metavar="FROM", type=click.IntRange(1))
@click.argument("new", metavar="TO", type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def diff(dataset: str, old: int, new: int, as_json: bool) -> None:
    """Print the net changes from revision FROM to revision TO of DATASET."""
    with store() as db:
        readings = datasets.at(db, dataset, old), datasets.at(db, dataset, new)
        changes = diffs.Stream(db, *readings)
        if as_json:
            sys.stdout.buffer.writelines(telling.line(telling.told(change)) for change in changes)
        else:
            lines = (line for change in changes for line in errata.lines(change))
            sys.stdout.writelines(f"{line}\n" for line in lines)


@click.command()
@click.argument("dataset")
@click.option("--revision", type=click.IntRange(1), help="A revision; else the head.")
@click.option(
    "--format",
    "form",
    type=click.Choice([*exports.STREAMS, *exports.DERIVED, "folder"]),
    default="ndjson",
    show_default=True,
)
@click.option("--output", metavar="PATH", help="A file or folder; else standard output.")
@click.option(
    "--escape", type=click.Choice(["formulas"]), help="Of CSV: so that spreadsheets run no cell."
)
def export(
    dataset: str, revision: int | None, form: str, output: str | None, escape: str | None
) -> None:
    """Write a whole revision of DATASET: NDJSON or JSON to load again, or files to check.

    A folder, or the zip of one, holds a file for each record: `sha256sum -c SHA256SUMS`. CSV is a
    zip of tables, to load again once it is unpacked; GeoJSON has what has a place.
    """
    if form == "folder" and output is None:
        raise click.UsageError("a folder needs --output PATH")
    if escape and form != "csv":
        raise click.UsageError("--escape goes with --format csv")
    with store() as db:
        reading = datasets.at(db, dataset, revision)
        if form == "folder":
            exports.folder(db, reading, Path(str(output)))
            return
        chunks = _stream(form, escaped=escape is not None)(db, reading)
        if output is None:
            sys.stdout.buffer.writelines(chunks)
        else:
            exports.file(chunks, Path(output))


def _stream(form: str, *, escaped: bool) -> exports.Stream:
    if escaped:
        return partial(tables.archive, escaped=True)
    return partial(exports.since, form) if form in exports.STREAMS else exports.DERIVED[form].stream
