"""How many bytes an export has, before it is made: a client that gets fewer sees it at once."""

import zipfile

from service.model import DATASET, KINDS, Reading
from service.reading import exports
from service.reading.records import document
from service.store import Database, nodes, records
from service.store.records import Weight

ENTRY = 30 + 16 + 46
"""Bytes of a zip for each stored file, beside its content and twice its name."""

END = 22
END_OF_MANY = 56 + 20
"""What stands before the end of a zip of more files than its end can count."""

LARGEST_ZIP = 2**31 - 1
"""Beyond this a zip has another form, and its length is not told."""


def of(db: Database, at: Reading, form: str) -> int | None:
    """Return the length of an export in one of `exports.STREAMS`, or None where nobody can tell."""
    if at.dataset.redactions:
        # What stands in for erased bodies depends on each of them.
        return sum(map(len, exports.since(form, db, at)))
    weights = {kind: records.weight(db, at, kind) for kind in KINDS}
    if form == "zip":
        return _zip(db, at, weights)
    return {"ndjson": _ndjson, "json": _json}[form](db, at, weights)


def _ndjson(db: Database, at: Reading, weights: dict[str, Weight]) -> int:
    total = len(exports.first_line(db, at))
    for kind, weight in weights.items():
        total += exports.lines_size(kind, weight)
    count = sum(weight.rows for weight in weights.values())
    return total + len(exports.last_line(at, count, 0))


def _json(db: Database, at: Reading, weights: dict[str, Weight]) -> int:
    """Names in quotation marks with a colon; commas between members, and braces around them."""
    total = len(document(db, at).body.encode()) + sum(len(name) + 4 for name in (DATASET, *KINDS))
    for weight in weights.values():
        total += exports.members_size(weight) + (1 if weight.rows else 2)
    return total + 1


def _zip(db: Database, at: Reading, weights: dict[str, Weight]) -> int | None:
    sums = nodes.weight(db, at)
    files, names, bytes_ = 1 + sums.rows, len(f"{DATASET}.json") + sums.ids, sums.bodies
    bytes_ += len(document(db, at).body.encode())
    for kind, weight in weights.items():
        files += weight.rows
        names += weight.rows * len(f"{kind}/.json") + weight.ids
        bytes_ += weight.bodies
    total = files * ENTRY + 2 * names + bytes_ + END
    total += END_OF_MANY if files > zipfile.ZIP_FILECOUNT_LIMIT else 0
    return total if total <= LARGEST_ZIP else None
