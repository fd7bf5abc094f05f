"""Where a release is prepared: temporary tables of one connection, which no reader ever sees.

A release is read, validated and compared without a lock; what would change is put here. Questions
about the whole new revision (references, ids given twice, cycles) are then asked of these tables
and the head together, so their cost follows the release and not the memory.

`seen` holds every id of the release but those of `passed`, what it has as the head has it, line
after line; `gone` what it removes; `staged_<table>` the versions that it brings;
`staged_links`, `staged_terms`, `staged_texts` and `staged_nodes` what goes with them; `names` the
places and groups of the new `dataset.json`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple, get_args

import orjson

from service import diff
from service.errors import Unavailable
from service.lines.derivation import Derived, derive
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
from service.store.redactions import stub_of
from service.store.tables import DESCRIBED, OPEN, TABLES
from service.sums import Node, Revised

STEP = 10_000
"""Records that are read at once where all of a release are asked for."""

AGAIN = 1000
"""Records of a kind that are looked up because they are given twice: more are not told."""

END = "~"
"""What follows every id."""


class Draft(NamedTuple):
    """A version that a release brings: not in the head, or with other bytes."""

    id: str
    digest: str
    body: bytes
    reason: Reason
    known: bool
    """Whether the head has the record: it is modified, else added."""
    said: Mapping[str, Any] | Derived | None = None
    """What the body says, or what derives from it, where that is known by now."""


class Sighting(NamedTuple):
    """An id that a release gives, and where."""

    kind: str
    id: str
    changed: int
    file: str
    line: int | None
    pointer: str


class Passage(NamedTuple):
    """Lines of a release, one after the other, that hold what the head has between two ids."""

    kind: str
    first: str
    last: str
    file: str
    line: int
    """The first of them."""
    pointer: str


class Staging:
    """One release in preparation against the head of a dataset (None before the first)."""

    def __init__(self, db: Database, dataset: Dataset | None) -> None:
        self.db = db
        self.key = dataset.key if dataset else 0
        """Of the dataset; 0 is nobody's and finds nothing."""
        self._counts: Counter[tuple[str, ChangeWord]] = Counter()
        self._passed: dict[str, str] = {}

    def see(self, sightings: Sequence[Sighting]) -> None:
        """Note the ids of records that the release gives."""
        self.db.fill("seen", Sighting._fields, sightings)

    def pass_by(self, passages: Sequence[Passage]) -> None:
        """Note what the release has as the head has it; of a kind each follows the others by id."""
        self.db.fill("passed", Passage._fields, passages)
        self._passed |= {passage.kind: passage.last for passage in passages}

    def put(self, kind: str, drafts: Sequence[Draft]) -> None:
        """Stage versions of a kind, with what derives from them."""
        acyclic = DESCRIBED[kind].acyclic
        rows, links, terms, texts = [], [], [], []
        compared = self._compared(kind, drafts)
        for draft in drafts:
            made = _derived(kind, draft)
            rows.append((*_row(draft), compared.get(draft.id), *made.values))
            links += [(kind, draft.id, *link, int(link[0] in acyclic)) for link in made.links]
            terms += [(kind, draft.id, *term) for term in made.terms]
            texts += [(kind, draft.id, made.words)] if made.words else []
            self._counts[kind, "modified" if draft.known else "added"] += 1
        columns = (
            "id",
            "digest",
            "body",
            "reason",
            "why",
            "known",
            "fields",
            *derived.columns(kind),
        )
        self.db.fill(f"staged_{TABLES[kind]}", columns, rows)
        of_record = ("kind", "record", "field")
        self.db.fill("staged_links", (*of_record, "target_kind", "target", "acyclic"), links)
        self.db.fill("staged_terms", (*of_record, "value"), terms)
        self.db.fill("staged_texts", ("kind", "record", "words"), texts)

    def _compared(self, kind: str, drafts: Sequence[Draft]) -> dict[str, str]:
        """Return id to what differs from the head, of the records that it has.

        A stub is not compared: that would tell what it was made to erase.
        """
        known = {each.id: each for each in drafts if each.known and not stub_of(each.body.decode())}
        if not known:
            return {}
        heads = self.db.rows(
            f"SELECT id, body FROM {TABLES[kind]} WHERE dataset = ? AND until = {OPEN}"
            f" AND id IN ({', '.join('?' * len(known))})",
            (self.key, *known),
        )
        return {name: diff.compared(body, known[name].body.decode()) for name, body in heads}

    def seal(self) -> None:
        """Make the indexes, now that all of the release is in: sorting once costs less."""
        self.db.run("; ".join(_indexes(self.db, follows=self.key > 0)))
        for kind in self._passed:
            self.see([Sighting(kind, each, 0, *place) for each, place in self._given_again(kind)])

    def passed_at(self, kind: str, record_id: str) -> Place | None:
        """Return where a record stands that the release has as the head has it, line after line."""
        found = self.db.row(
            "SELECT first, last, file, line, pointer FROM passed"
            " WHERE kind = ? AND first <= ? ORDER BY first DESC LIMIT 1",
            (kind, record_id),
        )
        if found is None or found[1] < record_id:
            return None
        first, _, file, line, pointer = found
        before = self.db.row(
            f"SELECT count(*) FROM {TABLES[kind]}"
            f" WHERE dataset = ? AND until = {OPEN} AND id >= ? AND id < ?",
            (self.key, first, record_id),
        )
        return Place(file, line + (before[0] if before else 0), pointer)

    def _given_again(self, kind: str) -> Iterator[tuple[str, Place]]:
        """Yield what was passed of a kind and is given, or removed, elsewhere too."""
        again = {
            name
            for given in ("seen", "gone")
            for (name,) in self.db.rows(
                f"SELECT DISTINCT g.id FROM {given} g WHERE g.id <= ({_LAST}) AND EXISTS"
                f" (SELECT 1 FROM {TABLES[kind]} h WHERE h.dataset = ? AND h.id = g.id"
                f" AND h.until = {OPEN}) ORDER BY g.id LIMIT ?",
                (kind, self.key, AGAIN),
            )
        }
        yield from ((name, place) for name in again if (place := self.passed_at(kind, name)))

    def remove(self, kind: str, record_id: str, why: Reason, place: Place) -> None:
        """Stage the removal of a record."""
        self.db.run(
            "INSERT INTO gone (kind, id, reason, why, file, line, pointer)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (kind, record_id, *_stored(why), *place),
        )
        self._counts[kind, "removed"] += 1

    def remove_unseen(self, reasons: Mapping[tuple[str, str], Reason], file: str) -> None:
        """Stage the removal of every record of the head that the release does not give.

        The stub of a redacted record stays: its absence is no removal.
        """
        for kind in KINDS:
            # By the index of ids for each gap: joined, PostgreSQL would hold all against all.
            absent = self.db.rows(
                f"SELECT (SELECT string_agg(h.id, ' ') FROM {TABLES[kind]} h"
                f" WHERE h.dataset = ? AND h.until = {OPEN} AND h.id > g.after AND h.id < g.before"
                " AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.kind = ? AND s.id = h.id)"
                " AND NOT EXISTS (SELECT 1 FROM redactions r WHERE r.dataset = h.dataset"
                f" AND r.kind = ? AND r.id = h.id AND NOT r.lifted)) FROM ({_GAPS}) AS g",
                (self.key, kind, kind, END, kind, END, kind),
            )
            for record_id in " ".join(ids for (ids,) in absent if ids).split():
                self.remove(kind, record_id, reasons.get((kind, record_id), UNSTATED), Place(file))

    def name(self, kind: str, ids: Iterable[str]) -> None:
        """Note the places or groups that the new `dataset.json` declares."""
        self.db.many("INSERT INTO names (kind, id) VALUES (?, ?)", [(kind, name) for name in ids])

    def nodes(self, revised: Iterable[Revised]) -> None:
        """Stage nodes of the tree of sums; of those of one path the last holds."""
        last = {path: node or Node(0, "") for path, node in revised}
        self.db.many(
            "INSERT INTO staged_nodes (path, ids, text) VALUES (?, ?, ?) ON CONFLICT (path)"
            " DO UPDATE SET ids = excluded.ids, text = excluded.text",
            [(path, *node) for path, node in last.items()],
        )

    def digests(self, kind: str) -> Iterator[tuple[str, str | None]]:
        """Yield (id, new digest) of what changes in a kind; None for what is removed."""
        if kind not in self.counts():
            return
        after = ""
        while rows := self.db.rows(
            f"SELECT id, digest FROM staged_{TABLES[kind]} WHERE id > ? ORDER BY id LIMIT ?",
            (after, STEP),
        ):
            yield from ((record_id, bytes(hexdigest).hex()) for record_id, hexdigest in rows)
            after = rows[-1][0]
        for (record_id,) in self.db.rows("SELECT id FROM gone WHERE kind = ?", (kind,)):
            yield record_id, None

    def counts(self) -> ChangeCounts:
        """Return how many records of each kind are added, modified and removed."""
        counts: dict[str, dict[ChangeWord, int]] = {}
        for kind in (DATASET, *KINDS):
            words = {word: self._counts[kind, word] for word in get_args(ChangeWord)}
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
    db.run("; ".join(_tables(db)))
    try:
        yield Staging(db, dataset)
    finally:
        # Where the connection is lost the tables went with it, and what was published stands.
        with suppress(Unavailable):
            _drop(db)


def _derived(kind: str, draft: Draft) -> Derived:
    if isinstance(draft.said, Derived):
        return draft.said
    return derive(DESCRIBED[kind], draft.said or orjson.loads(draft.body))


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


# The last id of the passage of a kind in which an id would stand.
_LAST = (
    "SELECT p.last FROM passed p WHERE p.kind = ? AND p.first <= g.id ORDER BY p.first DESC LIMIT 1"
)

# Between which ids there is no passage of a kind: before the first, and after each.
_GAPS = (
    "SELECT '' AS after, coalesce(min(first), ?) AS before FROM passed WHERE kind = ?"
    " UNION ALL SELECT last, coalesce(lead(first) OVER (ORDER BY first), ?) FROM passed"
    " WHERE kind = ?"
)

_NAMES = (
    "seen",
    "passed",
    "gone",
    "names",
    "staged_links",
    "staged_terms",
    "staged_texts",
    "staged_nodes",
)


def _tables(db: Database) -> Iterator[str]:
    text = db.text_type
    binary = "BLOB" if db.engine == "sqlite" else "BYTEA"
    place = f"file {text}, line INTEGER, pointer {text}"
    links = f"kind {text}, record {text}, field {text}"
    yield f"CREATE TEMP TABLE seen (kind {text}, id {text}, changed INTEGER, {place})"
    ends = f"first {text}, last {text}"
    yield f"CREATE TEMP TABLE passed (kind {text}, {ends}, {place}, PRIMARY KEY (kind, first))"
    yield f"CREATE TEMP TABLE gone (kind {text}, id {text}, reason {text}, why {text}, {place})"
    yield f"CREATE TEMP TABLE names (kind {text}, id {text}, PRIMARY KEY (kind, id))"
    yield (
        f"CREATE TEMP TABLE staged_links"
        f" ({links}, target_kind {text}, target {text}, acyclic INTEGER)"
    )
    yield f"CREATE TEMP TABLE staged_terms ({links}, value {text})"
    yield f"CREATE TEMP TABLE staged_texts (kind {text}, record {text}, words {db.words_type})"
    yield f"CREATE TEMP TABLE staged_nodes (path {text} PRIMARY KEY, ids INTEGER, text {text})"
    for kind, table in TABLES.items():
        columns = "".join(
            f", {column.name} {derived.TYPES[column.type].format(text=text)}"
            for column in DESCRIBED[kind].columns
        )
        yield (
            f"CREATE TEMP TABLE staged_{table} (id {text}, digest {binary}, body {text},"
            f" reason {text}, why {text}, known INTEGER, fields {text}{columns})"
        )


def _indexes(db: Database, *, follows: bool) -> Iterator[str]:
    yield "CREATE INDEX seen_id ON seen (id, kind)"
    yield "CREATE INDEX seen_changed ON seen (id, kind) WHERE changed = 1"
    yield "CREATE INDEX gone_id ON gone (id, kind)"
    yield "CREATE INDEX staged_edges ON staged_links (kind, field, record) WHERE acyclic = 1"
    for table in derived.LASTING if follows else ():
        yield f"CREATE INDEX staged_{table}_record ON staged_{table} (record, kind)"
    for table in TABLES.values():
        yield f"CREATE INDEX staged_{table}_id ON staged_{table} (id)"
    if db.engine == "postgresql":
        # Nobody else gathers statistics of temporary tables.
        for name in ("seen", "passed", "gone", "names", "staged_links", "staged_terms"):
            yield f"ANALYZE {name}"


def _drop(db: Database) -> None:
    schema = "temp" if db.engine == "sqlite" else "pg_temp"
    names = (*_NAMES, *(f"staged_{table}" for table in TABLES.values()))
    db.run("; ".join(f"DROP TABLE IF EXISTS {schema}.{name}" for name in names))
