"""What tests are made of: small releases, and the loading of them."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from service.loader import Report, Request, load, open_release
from service.model import KINDS
from service.store import Database

Records = Mapping[str, Iterable[Mapping[str, Any]]]
"""Kind to records."""

DATASET = "example"


def write_release(
    path: Path,
    records: Records,
    document: Mapping[str, Any] | None = None,
    removals: Iterable[tuple[str, str]] = (),
    **release: Any,
) -> Path:
    """Write an interchange file: a snapshot unless `mode` says otherwise."""
    release.setdefault("mode", "snapshot")
    first: dict[str, Any] = {"release": release}
    if document is not None:
        first = {"dataset": document, **first}
    lines = [first]
    lines += [{"kind": kind, "record": r} for kind in KINDS for r in records.get(kind, ())]
    lines += [{"kind": kind, "remove": name} for kind, name in removals]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def load_release(db: Database, path: Path, dataset: str = DATASET, **request: Any) -> Report:
    """Load a release into a dataset."""
    return load(db, open_release(str(path)), Request(dataset, **request))
