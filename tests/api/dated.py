"""A dataset that was published on other days than it stands for, kept also as it was each time.

revision   1           2           3           4
issued     2022-01-06  2022-01-07  2022-01-08  2022-01-08, two of one instant
published  2022-02-01  2022-02-03  2022-02-03  2022-02-09, two of one instant
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

from service.app import create_app
from service.config import Config
from service.loader import Request, load, open_release
from service.store import Database, open_database
from tests.api.published import NAME, Release, first, fourth, second, third
from tests.api.walking import BASE
from tests.builders import write_release

ISSUED = ("2022-01-06", "2022-01-07", "2022-01-08", "2022-01-08")
PUBLISHED = ("2022-02-01", "2022-02-03", "2022-02-03", "2022-02-09")
RELEASES = (first, second, third, lambda: fourth()._replace(issued=ISSUED[3]))

INSTANTS = [
    "2022-01-05",
    *(f"{day}{time}" for day in sorted({*ISSUED, *PUBLISHED}) for time in ("T23:59:58Z", "")),
    "2022-01-08T23:59:59Z",
    "2099-12-31",
]
"""The last second before each day of the table is over, and that in which it is."""


def resolved(instant: str, clock: str) -> int:
    """Return the number of the revision of an instant, or 0, as the model has it."""
    until = instant if "T" in instant else f"{instant}T23:59:59Z"
    shown = [f"{day}T23:59:59Z" for day in (ISSUED if clock == "issued" else PUBLISHED)]
    return max((number for number, at in enumerate(shown, 1) if at <= until), default=0)


def publish(store: Database, number: int) -> None:
    """Load the release of a number on its day."""
    release: Release = RELEASES[number - 1]()
    with TemporaryDirectory() as folder:
        told = {"issued": release.issued, "message": release.message}
        path = Path(folder) / "release.ndjson"
        write_release(path, release.records, release.document, **told)
        load(store, open_release(str(path)), Request(NAME), clock=_clock(PUBLISHED[number - 1]))


def _clock(day: str) -> Callable[[], datetime]:
    moment = datetime.fromisoformat(f"{day}T23:59:59").replace(tzinfo=UTC)
    return lambda: moment


def applications(migrated: Path, folder: Path) -> Iterator[tuple[Flask, Database]]:
    """Yield an application that stopped after each revision, the first one first."""
    path = migrated
    for number in range(1, len(RELEASES) + 1):
        shutil.copy(path, folder / f"{number}.db")
        path = folder / f"{number}.db"
        store = open_database(f"sqlite:///{path}")
        publish(store, number)
        store.close()
        opened = open_database(f"sqlite:///{path}")
        yield create_app(Config(public_url=BASE), opened), opened
