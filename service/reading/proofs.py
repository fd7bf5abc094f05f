"""The proof that a record is in a revision: the sums files from the root down to its line."""

from typing import NamedTuple

from service import sums
from service.errors import NotFound
from service.model import Reading
from service.reading import manifests
from service.store import Database, records


class Proof(NamedTuple):
    """`digest` is that of the record's file; each of `sums` is (path, text), the root first.

    Each text has the digest that the one before it gives for its path; the last gives the record's;
    the sha256 of the first is the revision's digest.
    """

    path: str
    digest: str
    sums: list[tuple[str, str]]


def of(db: Database, at: Reading, kind: str, record_id: str) -> Proof:
    """Return the proof of a record, also of one whose body was erased. Raises `NotFound`."""
    found = records.digests(db, at, kind, [record_id])
    if record_id not in found:
        place = f"revision {at.revision.number} of {at.dataset.name}"
        raise NotFound(f"there is no record {record_id!r} among the {kind} of {place}")
    name = f"{kind}/{record_id}.json"
    told = [(sums.ROOT, manifests.node(db, at))]
    position = sums.position(record_id)
    while all(listed != name for _, listed in sums.lines(told[-1][1])):
        path = sums.path(kind, position[: len(told) - 1])
        told.append((path, manifests.node(db, at, path)))
    return Proof(name, found[record_id], told)
