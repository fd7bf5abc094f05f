"""Small releases and the records that they are made of."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.errors import Refused
from service.loader import Report, Request, load, open_release
from service.model import Flaw, Reading
from service.reading import datasets
from service.store import Database
from tests.builders import DATASET, Records, load_release, write_release
from tests.schemas import samples
from tests.store.states import census

NOW = datetime(2031, 5, 4, 12, 0, 0, tzinfo=UTC)
"""What the clock says in tests that depend on it."""


def actor(record_id: str, **members: Any) -> dict[str, Any]:
    """Return a small actor."""
    return samples.minimal_actor() | {"id": record_id, **members}


def actors(names: Iterable[str], **members: Any) -> dict[str, list[dict[str, Any]]]:
    """Return small actors as the records of a release."""
    return {"actors": [actor(name, **members) for name in names]}


def numbered(count: int, **members: Any) -> dict[str, list[dict[str, Any]]]:
    """Return as many small actors."""
    return actors((f"a{number}" for number in range(count)), **members)


class Releases:
    """Writes releases into a folder and loads them into one dataset."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db = db
        self.folder = folder
        self._count = 0

    def write(
        self,
        records: Records,
        document: Mapping[str, Any] | None = None,
        **release: Any,
    ) -> Path:
        """Write a release; a snapshot has the sample document unless another is given."""
        self._count += 1
        if document is None and release.get("mode") != "delta":
            document = samples.dataset()
        path = self.folder / f"release-{self._count}.ndjson"
        return write_release(path, records, document, **release)

    def folder_of(self, records: Records, document: Any = None, **release: Any) -> Path:
        """Write a release folder of JSON files."""
        self._count += 1
        path = self.folder / f"release-{self._count}"
        path.mkdir()
        files = {"release": release, "dataset": document or samples.dataset(), **records}
        for name, value in files.items():
            (path / f"{name}.json").write_text(json.dumps(value))
        return path

    def load(self, records: Records, **release: Any) -> Report:
        """Write a release and load it."""
        return load_release(self.db, self.write(records, **release))

    def load_now(self, records: Records, dry_run: bool = False, **release: Any) -> Report:
        """Write a release and load it at the moment `NOW`."""
        path = self.write(records, **release)
        request = Request(DATASET, dry_run)
        return load(self.db, open_release(str(path)), request, clock=lambda: NOW)

    def refused(self, path: Path, **request: Any) -> list[Flaw]:
        """Load a release that is refused; check that nothing else happened; return its flaws."""
        before = census(self.db)
        with pytest.raises(Refused) as caught:
            load_release(self.db, path, **request)
        after = census(self.db)
        assert after == before | {"ingestions": before["ingestions"] + 1}
        return list(caught.value.flaws)

    def flaws(self, records: Records, **release: Any) -> list[str]:
        """Return line, pointer and detail of each flaw of a release that is refused."""
        path = self.write(records, **release)
        found = self.refused(path)
        assert {flaw.place.file for flaw in found} <= {str(path)}
        return [f"{flaw.place.line}{flaw.place.pointer} {flaw.detail}" for flaw in found]

    def head(self) -> Reading:
        """Return a reading of the head."""
        return datasets.at(self.db, DATASET)
