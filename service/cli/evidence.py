"""`verify-evidence`."""

import sys
from collections.abc import Iterator
from typing import Any

import click

from service.cli.outcome import REFUSED, print_json
from service.loader import open_release, releases_in
from service.loader.evidence import Documents, Tally, Verification
from service.model import Flaw


@click.command(name="verify-evidence")
@click.argument("releases", nargs=-1, required=True, metavar="RELEASE...")
@click.option(
    "--documents",
    required=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False),
    help="The folder of the documents, found by name and sha256.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def verify_evidence(releases: tuple[str, ...], documents: str, as_json: bool) -> None:
    """Hold the evidence of each RELEASE against the documents in which it is counted.

    The releases are taken in order as states of one dataset: a snapshot replaces what was before,
    a delta changes it. Each item of evidence has to select the text whose sha256 it states, whole
    words of it; a figure's number has to stand there in the form stated; and no text of a release
    may share nine words in a row with a document, titles of sources excepted.
    """
    verification = Verification(Documents(documents))
    flaws: list[Flaw] = []
    for flaw in _flaws(verification, releases):
        if as_json:
            flaws.append(flaw)
        else:
            click.echo(flaw)
    if as_json:
        print_json(_told(verification.tally, flaws))
    else:
        click.echo(_verdict(verification.tally))
    if verification.tally.faults:
        sys.exit(REFUSED)


def _flaws(verification: Verification, places: tuple[str, ...]) -> Iterator[Flaw]:
    for place in places:
        for name in releases_in(place):
            with open_release(name) as release:
                yield from verification.apply(release)


def _verdict(tally: Tally) -> str:
    counted = (
        f"{tally.evidence} evidence items in {tally.records} records of {tally.releases} releases"
    )
    lengths = f"median length {tally.median:g} code points, longest {tally.longest}"
    if not tally.faults:
        return f"{counted} resolve; {lengths}"
    faults = "1 fault" if tally.faults == 1 else f"{tally.faults} faults"
    return f"{faults}; {tally.resolved} of {counted} resolve; {lengths}"


def _told(tally: Tally, flaws: list[Flaw]) -> dict[str, Any]:
    return {
        "releases": tally.releases,
        "records": tally.records,
        "evidence": tally.evidence,
        "resolved": tally.resolved,
        "median": tally.median,
        "longest": tally.longest,
        "faults": [_fault(flaw) for flaw in flaws],
    }


def _fault(flaw: Flaw) -> dict[str, Any]:
    told = {**flaw.place._asdict(), "detail": flaw.detail}
    return {name: value for name, value in told.items() if value not in (None, "")}
