"""A whole revision as one stream or one folder.

Where a record's own body was erased, the NDJSON and JSON exports hold its stub; the folder and the
zip leave it out and name it in `REDACTED`, so that the rest can still be checked.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile, mkdtemp
from typing import NamedTuple

import orjson

from service.canonical import canonical
from service.errors import Refused, Unavailable
from service.model import DATASET, KINDS, Reading
from service.reading import features, manifests, tables, zips
from service.reading.erased import REDACTED, is_erased
from service.reading.passing import WHOLE, Passing
from service.reading.records import document
from service.store import Database, records
from service.store.records import Weight


class File(NamedTuple):
    """One file of the folder export."""

    path: str
    text: str


def since(form: str, db: Database, at: Reading, start: int = 0) -> Iterator[bytes]:
    """Yield what a stream of `STREAMS` holds from some byte on.

    What comes before is not read, only measured. A zip is made whole all the same, for its
    directory tells a check sum of each file.
    """
    passing = Passing(start)
    return passing.cut(STREAMS[form](db, at, passing))


def ndjson(db: Database, at: Reading, passing: Passing = WHOLE) -> Iterator[bytes]:
    """Yield an interchange file, some lines at once: a snapshot that loads to the same digest."""
    yield first_line(db, at)
    count, erased = 0, 0
    for kind in KINDS:
        after = None
        # The last line counts what was erased, which only bodies tell.
        while passing.left and not at.dataset.redactions:
            weight, last = records.step(db, at, kind, after)
            if not passing.over(lines_size(kind, weight)):
                break
            after, count = last, count + weight.rows
        for step in records.steps(db, at, kind, after):
            yield lines(kind, [body for _, body in step])
            count += len(step)
            if at.dataset.redactions:
                erased += sum(is_erased(db, at, kind, *each) for each in step)
    yield last_line(at, count, erased)


def first_line(db: Database, at: Reading) -> bytes:
    """Return the line of an interchange file that says what it is, and promises its end."""
    head = {
        "dataset": orjson.loads(document(db, at).body),
        "release": {"mode": "snapshot", "issued": at.revision.issued, "complete": True},
    }
    return canonical(head) + b"\n"


def lines(kind: str, bodies: Iterable[str]) -> bytes:
    """Return the lines of records: RFC 8785, around bodies that are canonical already."""
    start = f'{{"kind":"{kind}","record":'
    # Joined by `+`, which refuses a body that is no text.
    return "".join([start + body + "}\n" for body in bodies]).encode()


def lines_size(kind: str, weight: Weight) -> int:
    """Return how many bytes the lines of some records have."""
    return weight.rows * len(lines(kind, [""])) + weight.bodies


def members_size(weight: Weight) -> int:
    """Return how many bytes some records have in JSON: with quotation marks, colon, separator."""
    return weight.ids + weight.bodies + 4 * weight.rows


def last_line(at: Reading, count: int, erased: int) -> bytes:
    """Return the line that ends an interchange file."""
    end = {"records": count, "digest": at.revision.digest} | (
        {"redacted": erased} if erased else {}
    )
    return canonical({"end": end}) + b"\n"


def json(db: Database, at: Reading, passing: Passing = WHOLE) -> Iterator[bytes]:
    """Yield one RFC 8785 document: `dataset`, and for each kind an object of id to record."""
    separator = b"{"
    for member in sorted((DATASET, *KINDS)):
        yield separator + b'"%s":' % member.encode()
        if member == DATASET:
            yield document(db, at).body.encode()
        else:
            yield from _members(db, at, member, passing)
        separator = b","
    yield b"}"


def files(db: Database, at: Reading) -> Iterator[File]:
    """Yield the files of the folder export, by path."""
    redacted = [
        f"{kind}/{name}.json\n"
        for kind in KINDS
        for name, body in records.stream(db, at, kind)
        if is_erased(db, at, kind, name, body)
    ]
    if redacted:
        yield File(REDACTED, "".join(redacted))
    sums = manifests.paths(db, at)
    yield File(sums[0], manifests.node(db, at, sums[0]))
    for member in sorted((f"{DATASET}.json", "manifest", *KINDS)):
        if member == "manifest":
            yield from (File(path, manifests.node(db, at, path)) for path in sums[1:])
        elif member == f"{DATASET}.json":
            yield File(member, document(db, at).body)
        else:
            yield from _record_files(db, at, member)


def archive(db: Database, at: Reading, passing: Passing = WHOLE) -> Iterator[bytes]:
    """Yield a zip of the folder export: stored, by path, each file dated `issued`."""
    return zips.stored(files(db, at), at.revision.issued)


Stream = Callable[[Database, Reading], Iterator[bytes]]


class Derived(NamedTuple):
    """A stream whose form has a version of its own."""

    version: int
    stream: Stream


STREAMS: dict[str, Callable[[Database, Reading, Passing], Iterator[bytes]]] = {
    "ndjson": ndjson,
    "json": json,
    "zip": archive,
}
"""Format to the stream of a whole revision in it: the same bytes for ever."""

DERIVED: dict[str, Derived] = {
    "csv": Derived(tables.FORM, tables.archive),
    "geojson": Derived(features.FORM, features.whole),
}
"""Format to a stream that says the revision in another way."""


def file(chunks: Iterable[bytes], path: Path) -> None:
    """Write a stream to a path, complete or not at all."""
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
            try:
                part.writelines(chunks)
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).replace(path)
            except BaseException:
                Path(part.name).unlink()
                raise
    except OSError as error:
        raise _unwritable(path, error) from error


def folder(db: Database, at: Reading, path: Path) -> None:
    """Write the files below a new folder, which is complete or not there at all."""
    try:
        if path.exists() and any(path.iterdir()):
            raise Refused(f"{path} is not empty; an export needs a new folder", [])
        path.parent.mkdir(parents=True, exist_ok=True)
        part = Path(mkdtemp(dir=path.parent, prefix=f".{path.name}."))
        try:
            for name, text in files(db, at):
                (part / name).parent.mkdir(parents=True, exist_ok=True)
                (part / name).write_text(text, encoding="utf-8", newline="")
            part.chmod(0o755)
            part.replace(path)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    except OSError as error:
        raise _unwritable(path, error) from error


def _members(db: Database, at: Reading, kind: str, passing: Passing) -> Iterator[bytes]:
    separator, after = b"{", None
    while passing.left:
        weight, last = records.step(db, at, kind, after)
        if not passing.over(members_size(weight)):
            break
        separator, after = b",", last
    for step in records.steps(db, at, kind, after):
        yield separator + ",".join(['"' + name + '":' + body for name, body in step]).encode()
        separator = b","
    yield b"}" if separator == b"," else b"{}"


def _record_files(db: Database, at: Reading, kind: str) -> Iterator[File]:
    """Yield records by path, which is the order of ids but for one thing.

    `a-b.json` comes before `a.json`, so a record waits for those whose ids go on with a hyphen.
    """
    waiting: list[File] = []
    for record_id, body in records.stream(db, at, kind):
        stem = f"{kind}/{record_id}"
        while waiting and not stem.startswith(waiting[-1].path.removesuffix(".json") + "-"):
            yield waiting.pop()
        if not is_erased(db, at, kind, record_id, body):
            waiting.append(File(f"{stem}.json", body))
    yield from reversed(waiting)


def _unwritable(path: Path, error: OSError) -> Unavailable:
    return Unavailable(f"cannot write {path}: {error.strerror}")
