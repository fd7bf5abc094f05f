"""Records at a revision, and one record through time. Bodies come out as they went in: text."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from service.model import UNSTATED, Reading, Reason, State, Version
from service.store.database import Database
from service.store.tables import AT, OPEN, TABLES

STEP = 1000
"""Rows of one short read of a stream."""

Body = tuple[str, str]
"""(id, canonical body)"""


class Weight(NamedTuple):
    """How many things there are, and how many bytes their ids and their bodies have in all."""

    rows: int
    ids: int
    bodies: int


def weight(db: Database, at: Reading, kind: str) -> Weight:
    """Return the weight of a kind at a revision."""
    number = at.revision.number
    row = db.row(
        "SELECT count(*), coalesce(sum(length(id)), 0), coalesce(sum(octet_length(body)), 0)"
        f" FROM {TABLES[kind]} WHERE dataset = ? AND {AT}",
        (at.dataset.key, number, number),
    )
    return Weight(*map(int, row or (0, 0, 0)))


def step(db: Database, at: Reading, kind: str, after: str | None) -> tuple[Weight, str | None]:
    """Return the weight of one step of a stream and its last id: sizes are read, and no bodies."""
    number = at.revision.number
    row = db.row(
        "SELECT count(*), coalesce(sum(length(id)), 0), coalesce(sum(size), 0), max(id) FROM"
        f" (SELECT id, octet_length(body) AS size FROM {TABLES[kind]}"
        f" WHERE dataset = ? AND id > ? AND {AT} ORDER BY id LIMIT ?) AS step",
        (at.dataset.key, after or "", number, number, STEP),
    )
    *weight, last = row or (0, 0, 0, None)
    return Weight(*map(int, weight)), last


def page(db: Database, at: Reading, kind: str, after: str | None, limit: int) -> list[Body]:
    """Return up to `limit` (id, body) that follow an id, by id."""
    number = at.revision.number
    # PostgreSQL plans this once, and not for each page: what it would estimate of the values is the
    # same of all, for the id is read when it runs, and the number of rows is none of them.
    return db.rows(
        f"SELECT id, body FROM {TABLES[kind]} WHERE dataset = ? AND id > (SELECT ?)"
        f" AND +since <= ? AND +until > ? ORDER BY id LIMIT {limit:d}",
        (at.dataset.key, after or "", number, number),
    )


def steps(db: Database, at: Reading, kind: str, after: str | None = None) -> Iterator[list[Body]]:
    """Yield every (id, body) of a kind that follows an id, by short reads of the revision."""
    while rows := page(db, at, kind, after, STEP):
        yield rows
        after = rows[-1][0]


def stream(db: Database, at: Reading, kind: str) -> Iterator[Body]:
    """Yield every (id, body) of a kind, in short reads of the revision."""
    for rows in steps(db, at, kind):
        yield from rows


def compared(db: Database, at: Reading, kind: str) -> Iterator[tuple[str, str, str | None, str]]:
    """Yield (id, what is kept of its change, older body, body) of what the revision modified, in
    short reads; of a redacted record nothing is kept.
    """
    after, number = "", at.revision.number
    while rows := db.rows(
        "SELECT n.id, n.fields, o.body, n.body"
        f" FROM {TABLES[kind]} n LEFT JOIN {TABLES[kind]} o"
        " ON o.dataset = n.dataset AND o.id = n.id AND o.until = n.since"
        " WHERE n.dataset = ? AND n.since = ? AND n.id > ? AND n.fields IS NOT NULL"
        " ORDER BY n.id LIMIT ?",
        (at.dataset.key, number, after, STEP),
    ):
        yield from rows
        after = rows[-1][0]


def one(db: Database, at: Reading, kind: str, record_id: str) -> Version | None:
    """Return the version of a record that holds at the revision, or None."""
    number = at.revision.number
    row = db.row(
        f"SELECT {_COLUMNS} FROM {TABLES[kind]} WHERE dataset = ? AND id = ? AND {AT}",
        (at.dataset.key, record_id, number, number),
    )
    return _version(kind, row) if row else None


def one_and_before(
    db: Database, at: Reading, kind: str, record_id: str
) -> tuple[Version, bool, State] | None:
    """Return the version of a record that holds at the revision, whether another held until it
    began, and the state of the dataset now; or None. Asked at once: each question is a tenth of an
    answer, and more to a server.
    """
    number, table = at.revision.number, TABLES[kind]
    row = db.row(
        f"SELECT {_COLUMNS}, EXISTS (SELECT 1 FROM {table} before WHERE before.dataset = v.dataset"
        " AND before.id = v.id AND before.until = v.since),"
        # A join with the dataset takes SQLite six times as long.
        " (SELECT d.redactions FROM datasets d WHERE d.id = v.dataset),"
        " (SELECT d.head FROM datasets d WHERE d.id = v.dataset)"
        f" FROM {table} v WHERE dataset = ? AND id = ? AND {AT}",
        (at.dataset.key, record_id, number, number),
    )
    return (_version(kind, row[:-3]), bool(row[-3]), tuple(row[-2:])) if row else None


def versions(db: Database, at: Reading, kind: str, record_id: str) -> list[tuple[Version, Reason]]:
    """Return every version up to the revision, oldest first, each with the reason of its end."""
    rows = db.rows(
        f"SELECT {_COLUMNS}, end_reason, end_why FROM {TABLES[kind]}"
        " WHERE dataset = ? AND id = ? AND since <= ? ORDER BY since",
        (at.dataset.key, record_id, at.revision.number),
    )
    return [(_version(kind, row[:7]), reason(*row[7:])) for row in rows]


def digests(db: Database, at: Reading, kind: str, ids: Sequence[str]) -> dict[str, str]:
    """Return id to digest for those of the ids that the revision has."""
    if not ids:
        return {}
    number = at.revision.number
    marks = ", ".join("?" * len(ids))
    rows = db.rows(
        f"SELECT id, digest FROM {TABLES[kind]} WHERE dataset = ? AND id IN ({marks}) AND {AT}",
        (at.dataset.key, *ids, number, number),
    )
    return {record_id: bytes(hexdigest).hex() for record_id, hexdigest in rows}


def joined(
    db: Database, at: Reading, kind: str, after: str, limit: int, between: str
) -> tuple[list[str], bytes]:
    """Return the ids of up to `limit` records that follow an id, by id, and their bodies in one,
    with something between them.

    Joined by the store they take two thirds of the time of as many rows.
    """
    number = at.revision.number
    # Both aggregates go through the same rows, in their order; an id has no space in it.
    row = db.row(
        f"SELECT string_agg(id, ' '), {_BYTES[db.engine].format('string_agg(body, ?)')}"
        f" FROM (SELECT id, body FROM {TABLES[kind]}"
        f" WHERE dataset = ? AND id > ? AND {AT} ORDER BY id LIMIT ?) AS page",
        (between, at.dataset.key, after, number, number, limit),
    )
    if row is None or row[0] is None:
        return [], b""
    return row[0].split(" "), bytes(row[1])


_BYTES = {"sqlite": "CAST({} AS BLOB)", "postgresql": "convert_to({}, 'UTF8')"}
"""Text as bytes."""


def reason(code: str | None, why: str | None) -> Reason:
    """Return a stored reason; none stored is unstated."""
    return UNSTATED if code is None and why is None else Reason(code or UNSTATED.code, why)


_COLUMNS = "id, digest, body, since, until, reason, why"


def _version(kind: str, row: tuple[Any, ...]) -> Version:
    record_id, hexdigest, body, since, until, code, why = row
    return Version(
        kind,
        record_id,
        bytes(hexdigest).hex(),
        body,
        since,
        None if until == OPEN else until,
        reason(code, why),
    )
