"""Records as tables: a list of them, and a whole revision as a folder that is a release.

Tables are derived: what a revision says never changes, but how a table says it may. `FORM` counts
these changes, and every whole revision tells it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import repeat

import orjson

from schemas import KINDS
from schemas.tables import cells, headings
from service import table
from service.canonical import canonical
from service.model import DATASET, Reading
from service.reading import zips
from service.reading.erased import REDACTED, is_erased
from service.reading.records import document
from service.store import Database, records

FORM = 1

ESCAPED = """\
A cell that a spreadsheet would take for a formula has a ' before it, and so has one that begins
with '. So these tables cannot be loaded.
"""
LOADED = "`recension load FOLDER` takes them; the revision that they make has the same digest.\n"


def of(
    kind: str,
    bodies: Iterable[str],
    members: Collection[str] | None = None,
    *,
    escaped: bool = False,
) -> Iterator[bytes]:
    """Yield the table of records of a kind: all of its columns, or those of some members."""
    kept = {"id", "redacted", *members} if members is not None else None
    known = headings(KINDS[kind]).items()
    names = [name for name, each in known if kept is None or each.path[0] in kept]
    return table.written(names, (_row(kind, names, body) for body in bodies), escaped=escaped)


def archive(db: Database, at: Reading, *, escaped: bool = False) -> Iterator[bytes]:
    """Yield a zip of a release folder: a table of each kind, `dataset.json`, `release.json`.

    Where a record's own body was erased its stub stands, and `REDACTED` names it: then the folder
    is no release, for it is incomplete.
    """
    return zips.packed(_files(db, at, escaped=escaped), at.revision.issued)


def _row(kind: str, names: Sequence[str], body: str) -> list[str]:
    told = cells(KINDS[kind], orjson.loads(body))
    return list(map(told.get, names, repeat("")))


def _files(db: Database, at: Reading, *, escaped: bool) -> Iterator[tuple[str, Iterable[bytes]]]:
    said = {"dataset": at.dataset.name, "mode": "snapshot", "issued": at.revision.issued}
    yield "README.txt", [_about(at, escaped=escaped).encode()]
    yield f"{DATASET}.json", [document(db, at).body.encode()]
    yield "release.json", [canonical(said)]
    erased: list[str] = []
    for kind in KINDS:
        yield f"{kind}.csv", of(kind, _bodies(db, at, kind, erased), escaped=escaped)
    if erased:
        yield REDACTED, [f"{path}\n".encode() for path in erased]


def _bodies(db: Database, at: Reading, kind: str, erased: list[str]) -> Iterator[str]:
    for record_id, body in records.stream(db, at, kind):
        if is_erased(db, at, kind, record_id, body):
            erased.append(f"{kind}/{record_id}.json")
        yield body


def _about(at: Reading, *, escaped: bool) -> str:
    revision = at.revision
    return (
        f"{revision.dataset}, revision {revision.number}, issued {revision.issued}\n"
        f"digest {revision.digest}\n\n"
        f"Its records as tables, form {FORM}: CSV (RFC 4180) in UTF-8. An empty cell is a member\n"
        f"that is not stated, and lists are JSON.\n{ESCAPED if escaped else LOADED}"
    )
