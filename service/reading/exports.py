"""A whole revision as files: what is written never changes for a revision that is pinned."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

import orjson

from service.canonical import canonical
from service.errors import Refused, Unavailable
from service.model import DATASET, KINDS, Reading
from service.reading import manifests
from service.reading.records import document
from service.store import Database, records


def ndjson(db: Database, at: Reading) -> Iterator[bytes]:
    """Yield the lines of an interchange file: a snapshot that loads to the same digest."""
    head = {
        "dataset": orjson.loads(document(db, at).body),
        "release": {"mode": "snapshot", "issued": at.revision.issued, "complete": True},
    }
    yield canonical(head) + b"\n"
    count = 0
    for kind in KINDS:
        # The members of a line in the order of RFC 8785, around a body that is canonical already.
        for _, body in records.stream(db, at, kind):
            yield b'{"kind":"%s","record":%s}\n' % (kind.encode(), body.encode())
            count += 1
    yield canonical({"end": {"records": count, "digest": at.revision.digest}}) + b"\n"


def file(db: Database, at: Reading, path: Path) -> None:
    """Write the interchange file to a path, complete or not at all."""
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
            try:
                part.writelines(ndjson(db, at))
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).replace(path)
            except BaseException:
                Path(part.name).unlink()
                raise
    except OSError as error:
        raise _unwritable(path, error) from error


def folder(db: Database, at: Reading, path: Path) -> None:
    """Write `dataset.json`, a file for each record and the tree of sums below a new folder.

    `SHA256SUMS` comes last, so a folder that has it is complete.
    """
    try:
        if path.exists() and any(path.iterdir()):
            raise Refused(f"{path} is not empty; an export needs a new folder", [])
        path.mkdir(parents=True, exist_ok=True)
        (path / f"{DATASET}.json").write_text(document(db, at).body, encoding="utf-8")
        for kind in KINDS:
            for record_id, body in records.stream(db, at, kind):
                _write(path / kind / f"{record_id}.json", body)
        for name in reversed(manifests.paths(db, at)):
            _write(path / name, manifests.node(db, at, name))
    except OSError as error:
        raise _unwritable(path, error) from error


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


def _unwritable(path: Path, error: OSError) -> Unavailable:
    return Unavailable(f"cannot write {path}: {error.strerror}")
