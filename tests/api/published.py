"""Three releases of one dataset, and the way into the store that everyone takes: the loader."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from service.model import KINDS
from service.store import Database
from tests.builders import load_release, write_release
from tests.schemas import samples

NAME = "port-ember"
ADDED = 12

FIRST_OF = {kind: min(record["id"] for record in samples.records()[kind]) for kind in KINDS}
FIGURE = FIRST_OF["figures"]
GONE = "more-000"
CHANGED = samples.minimal_figure()["id"]


class Release(NamedTuple):
    """A snapshot: `dataset.json` and all records by kind."""

    document: dict[str, Any]
    records: dict[str, list[dict[str, Any]]]
    issued: str
    message: str


def publish(store: Database, release: Release, name: str = NAME) -> None:
    """Load a release as the next revision."""
    with TemporaryDirectory() as folder:
        told = {"issued": release.issued, "message": release.message}
        path = Path(folder) / "release.ndjson"
        load_release(store, write_release(path, release.records, release.document, **told), name)


def first() -> Release:
    """The samples."""
    return Release(samples.dataset(), samples.records(), "2022-01-06", "The first reports.")


def second() -> Release:
    """One figure modified, twelve added."""
    records = first().records
    plain = samples.minimal_figure()
    kept = [figure for figure in records["figures"] if figure["id"] != CHANGED]
    more = [plain | {"id": f"more-{number:03}"} for number in range(ADDED)]
    records["figures"] = [*kept, plain | {"note": "Counted again."}, *more]
    return Release(samples.dataset(), records, "2022-01-07", "Twelve more.")


def third() -> Release:
    """Only `dataset.json` modified."""
    document = samples.dataset() | {"description": "What the papers printed."}
    return second()._replace(document=document, issued="2022-01-08", message="A new description.")


def fourth() -> Release:
    """A figure removed, another added."""
    records = third().records
    kept = [figure for figure in records["figures"] if figure["id"] != GONE]
    records["figures"] = [*kept, samples.minimal_figure() | {"id": "zz-last"}]
    return third()._replace(records=records, issued="2022-01-09", message="One more.")
