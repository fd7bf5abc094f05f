"""Where a release is prepared: temporary tables of one connection, which no reader ever sees.

A release is read, validated and compared without a lock; what would change is put here. Questions
about the whole new revision (references, ids given twice, cycles) are then asked of these tables
and the head together, so their cost follows the release and not the memory.

`seen` holds every id of the release; `gone` what it removes; `staged_<table>` the versions that it
brings; `staged_links`, `staged_terms` and `staged_nodes` what goes with them; `names` the places
and groups of the new `dataset.json`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import orjson

from service.errors import Unavailable
from service.model import (
    DATASET,
    KINDS,
    UNSTATED,
    Change,
    ChangeCounts,
    ChangeWord,
    Dataset,
    Place,
    Reason,
)
from service.store import derived
from service.store.database import Database
from service.store.records import reason
from service.store.tables import DESCRIBED, OPEN, TABLES
from service.sums import Node, Revised


class Draft(NamedTuple):
    """A version that a release brings: not in the head, or with other bytes."""

    id: str
    digest: str
    body: bytes
    reason: Reason
    known: bool
    """Whether the head has the record: it is modified, else added."""


class Sighting(NamedTuple):
    """An id that a release gives, and where."""

    kind: str
    id: str
    place: Place
    changed: bool


class Staging:
    """One release in preparation against the head of a dataset (None before the first)."""

    def __init__(self, db: Database, dataset: Dataset | None) -> None:
        self.db = db
        self.key = dataset.key if dataset else 0
        """Of the dataset; 0 is nobody's and finds nothing."""

    def see(self, sightings: Iterable[Sighting]) -> None:
        """Note the ids of records that the release gives."""
        self.db.many(
            "INSERT INTO seen (kind, id, changed, file, line, pointer) VALUES (?, ?, ?, ?, ?, ?)",
            [(s.kind, s.id, int(s.changed), *s.place) for s in sightings],
        )

    def put(self, kind: str, drafts: Sequence[Draft]) -> None:
        """Stage versions of a kind, with what derives from them."""
        names = ("id", "digest", "body", "reason", "why", "known", *derived.columns(kind))
        marks = ", ".join("?" * len(names))
        rows, links, terms = [], [], []
        for draft in drafts:
            made = derived.derive(kind, orjson.loads(draft.body))
            rows.append((*_row(draft), *made.values))
            links += [(kind, draft.id, *link) for link in made.links]
            terms += [(kind, draft.id, *term) for term in made.terms]
        self.db.many(
            f"INSERT INTO staged_{TABLES[kind]} ({', '.join(names)}) VALUES ({marks})", rows
        )
        self.db.many(
            "INSERT INTO staged_links (kind, record, field, target_kind, target)"
            " VALUES (?, ?, ?, ?, ?)",
            links,
        )
        self.db.many(
            "INSERT INTO staged_terms (kind, record, field, value) VALUES (?, ?, ?, ?)", terms
        )

    def remove(self, kind: str, record_id: str, why: Reason, place: Place) -> None:
        """Stage the removal of a record."""
        self.db.run(
            "INSERT INTO gone (kind, id, reason, why, file, line, pointer)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (kind, record_id, *_stored(why), *place),
        )

    def remove_unseen(self, reasons: Mapping[tuple[str, str], Reason], file: str) -> None:
        """Stage the removal of every record of the head that the release does not give.

        The stub of a redacted record stays: its absence is no removal.
        """
        for kind in KINDS:
            absent = self.db.rows(
                f"SELECT h.id FROM {TABLES[kind]} h WHERE h.dataset = ? AND h.until = {OPEN}"
                " AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.kind = ? AND s.id = h.id)"
                " AND NOT EXISTS (SELECT 1 FROM redactions r WHERE r.dataset = h.dataset"
                " AND r.kind = ? AND r.id = h.id AND NOT r.lifted)",
                (self.key, kind, kind),
            )
            for (record_id,) in absent:
                self.remove(kind, record_id, reasons.get((kind, record_id), UNSTATED), Place(file))

    def name(self, kind: str, ids: Iterable[str]) -> None:
        """Note the places or groups that the new `dataset.json` declares."""
        self.db.many("INSERT INTO names (kind, id) VALUES (?, ?)", [(kind, name) for name in ids])

    def node(self, revised: Revised) -> None:
        """Stage a node of the tree of sums; given again, the later one holds."""
        self.db.run("DELETE FROM staged_nodes WHERE path = ?", (revised.path,))
        node = revised.node or Node(0, "")
        self.db.run(
            "INSERT INTO staged_nodes (path, ids, text) VALUES (?, ?, ?)",
            (revised.path, node.ids, node.text),
        )

    def digests(self, kind: str) -> Iterator[tuple[str, str | None]]:
        """Yield (id, new digest) of what changes in a kind; None for what is removed."""
        for record_id, hexdigest in self.db.rows(f"SELECT id, digest FROM staged_{TABLES[kind]}"):
            yield record_id, bytes(hexdigest).hex()
        for (record_id,) in self.db.rows("SELECT id FROM gone WHERE kind = ?", (kind,)):
            yield record_id, None

    def counts(self) -> ChangeCounts:
        """Return how many records of each kind are added, modified and removed."""
        counts: dict[str, dict[ChangeWord, int]] = {}
        for kind in (DATASET, *KINDS):
            known: dict[int, int] = dict(
                self.db.rows(f"SELECT known, count(*) FROM staged_{TABLES[kind]} GROUP BY known")
            )
            gone = self.db.rows("SELECT count(*) FROM gone WHERE kind = ?", (kind,))[0][0]
            words: dict[ChangeWord, int] = {
                "added": known.get(0, 0),
                "modified": known.get(1, 0),
                "removed": gone,
            }
            if told := {word: number for word, number in words.items() if number}:
                counts[kind] = told
        return counts

    def changes(self, limit: int) -> list[Change]:
        """Return up to `limit` changes against the head, by kind and id."""
        changes: list[Change] = []
        for kind in (DATASET, *KINDS):
            table = TABLES[kind]
            rows = self.db.rows(
                "SELECT s.id, h.body, s.body, s.reason, s.why"
                f" FROM staged_{table} s LEFT JOIN {table} h"
                f" ON h.dataset = ? AND h.id = s.id AND h.until = {OPEN}"
                " UNION ALL SELECT g.id, h.body, NULL, g.reason, g.why"
                f" FROM gone g JOIN {table} h"
                f" ON h.dataset = ? AND h.id = g.id AND h.until = {OPEN} WHERE g.kind = ?"
                " ORDER BY 1 LIMIT ?",
                (self.key, self.key, kind, limit - len(changes)),
            )
            changes += [
                Change(kind, name, old, new, reason(code, why))
                for name, old, new, code, why in rows
            ]
        return changes


@contextmanager
def staging(db: Database, dataset: Dataset | None) -> Iterator[Staging]:
    """Make the temporary tables of this connection, and drop them in the end."""
    _drop(db)
    for statement in _tables(db):
        db.run(statement)
    try:
        yield Staging(db, dataset)
    finally:
        # Where the connection is lost the tables went with it, and what was published stands.
        with suppress(Unavailable):
            _drop(db)


def _row(draft: Draft) -> tuple[Any, ...]:
    return (
        draft.id,
        bytes.fromhex(draft.digest),
        draft.body.decode(),
        *_stored(draft.reason),
        int(draft.known),
    )


def _stored(given: Reason) -> tuple[str | None, str | None]:
    """An unstated reason takes no room."""
    return (None if given.code == UNSTATED.code else given.code, given.why)


_NAMES = ("seen", "gone", "names", "staged_links", "staged_terms", "staged_nodes")


def _tables(db: Database) -> Iterator[str]:
    text = db.text_type
    binary = "BLOB" if db.engine == "sqlite" else "BYTEA"
    place = f"file {text}, line INTEGER, pointer {text}"
    links = f"kind {text}, record {text}, field {text}"
    yield f"CREATE TEMP TABLE seen (kind {text}, id {text}, changed INTEGER, {place})"
    yield "CREATE INDEX seen_id ON seen (id, kind)"
    yield f"CREATE TEMP TABLE gone (kind {text}, id {text}, reason {text}, why {text}, {place})"
    yield "CREATE INDEX gone_id ON gone (id, kind)"
    yield f"CREATE TEMP TABLE names (kind {text}, id {text}, PRIMARY KEY (kind, id))"
    yield f"CREATE TEMP TABLE staged_links ({links}, target_kind {text}, target {text})"
    yield "CREATE INDEX staged_links_record ON staged_links (kind, record)"
    yield f"CREATE TEMP TABLE staged_terms ({links}, value {text})"
    yield f"CREATE TEMP TABLE staged_nodes (path {text} PRIMARY KEY, ids INTEGER, text {text})"
    for kind, table in TABLES.items():
        columns = "".join(
            f", {column.name} {derived.TYPES[column.type].format(text=text)}"
            for column in DESCRIBED[kind].columns
        )
        yield (
            f"CREATE TEMP TABLE staged_{table} (id {text}, digest {binary}, body {text},"
            f" reason {text}, why {text}, known INTEGER{columns})"
        )
        yield f"CREATE INDEX staged_{table}_id ON staged_{table} (id)"


def _drop(db: Database) -> None:
    schema = "temp" if db.engine == "sqlite" else "pg_temp"
    for name in (*_NAMES, *(f"staged_{table}" for table in TABLES.values())):
        db.run(f"DROP TABLE IF EXISTS {schema}.{name}")
