"""Three releases of one dataset, and the way into the store that everyone takes: the loader."""

from copy import deepcopy
from io import BytesIO
from typing import Any, NamedTuple

from service.canonical import canonical
from service.loader.loading import Request, load
from service.loader.release.opening import open_release
from service.store import Database
from tests.schemas import samples

NAME = "port-ember"
FIRST_OF = {kind: sorted(r["id"] for r in records)[0] for kind, records in samples.records().items()}
FIGURE = FIRST_OF["figures"]
ADDED = 12


class Release(NamedTuple):
    """A snapshot: `dataset.json` and all records by kind."""

    document: dict[str, Any]
    records: dict[str, list[dict[str, Any]]]
    issued: str
    message: str

    @property
    def lines(self) -> bytes:
        """The release in the interchange form."""
        head = {"mode": "snapshot", "issued": self.issued, "message": self.message}
        items: list[dict[str, Any]] = [{"dataset": self.document, "release": head}]
        for kind, records in self.records.items():
            items += [{"kind": kind, "record": record} for record in records]
        return b"\n".join(map(canonical, items)) + b"\n"


def publish(store: Database, name: str, release: Release) -> None:
    """Load a release as the next revision."""
    stream = BytesIO(release.lines)
    load(store, open_release("-", stdin=stream, name="release"), Request(dataset=name))


def first() -> Release:
    """The samples."""
    return Release(samples.dataset(), samples.records(), "2022-01-06", "The first reports.")


def second() -> Release:
    """One figure modified, twelve added, an actor removed."""
    records = first().records
    figures = records["figures"]
    plain = figures[-1]
    figures[-1] = plain | {"note": "Counted again."}
    figures += [deepcopy(plain) | {"id": f"more-{number:03}"} for number in range(ADDED)]
    return Release(samples.dataset(), records, "2022-01-07", "Twelve more.")


def third() -> Release:
    """Only `dataset.json` modified."""
    document = samples.dataset() | {"description": "What the papers printed."}
    return second()._replace(document=document, issued="2022-01-08", message="A new description.")
