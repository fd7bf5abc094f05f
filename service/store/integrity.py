"""Questions about the whole new revision, asked of what is staged and the head together.

SQLite joins what is written as CROSS JOIN in this order: from what changes, which is little, to the
head, which may have a million records. PostgreSQL goes by statistics.

A record is in the new revision if the release gives it, or the head has it and nothing removes it:
what the release has as the head has it (`passed`) is looked for in the head alone.
(In a snapshot everything that the release does not give is staged as gone.)
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from service.lines.derivation import REPLACED
from service.model import KINDS, Place
from service.store.staging import Staging
from service.store.tables import OPEN, TABLES

STEP = 1000
"""Records of the head that are read at once."""


class Given(NamedTuple):
    """One of several places that give the same id."""

    id: str
    kind: str
    place: Place


class Dangling(NamedTuple):
    """A reference that the new revision cannot follow; `place` is None for an untouched record."""

    kind: str
    record: str
    field: str
    target_kind: str
    target: str
    place: Place | None


def given_twice(stage: Staging, limit: int) -> list[Given]:
    """Return the places of ids that the release gives more than once, in one kind or two."""
    rows = stage.db.rows(
        "SELECT id, kind, file, line, pointer FROM seen WHERE id IN"
        " (SELECT id FROM seen GROUP BY id HAVING count(*) > 1)"
        " ORDER BY id, file, line, pointer LIMIT ?",
        (limit,),
    )
    return [Given(record_id, kind, Place(*place)) for record_id, kind, *place in rows]


def removed_twice(stage: Staging, limit: int) -> list[Given]:
    """Return the places of removals that name one record twice, or one that is given too."""
    rows = stage.db.rows(
        "SELECT g.id, g.kind, g.file, g.line, g.pointer FROM gone g WHERE"
        " (SELECT count(*) FROM gone o WHERE o.kind = g.kind AND o.id = g.id) > 1"
        " OR EXISTS (SELECT 1 FROM seen s WHERE s.kind = g.kind AND s.id = g.id)"
        " ORDER BY g.id LIMIT ?",
        (limit,),
    )
    return [Given(record_id, kind, Place(*place)) for record_id, kind, *place in rows]


def in_two_kinds(stage: Staging, limit: int) -> list[tuple[Given, str]]:
    """Return records whose id the head has, and keeps, in another kind."""
    found: list[tuple[Given, str]] = []
    for other in KINDS:
        rows = stage.db.rows(
            f"SELECT s.id, s.kind, s.file, s.line, s.pointer FROM seen s"
            f" CROSS JOIN {TABLES[other]} h"
            f" WHERE h.dataset = ? AND h.id = s.id AND h.until = {OPEN}"
            " AND s.kind <> ? AND s.changed = 1 AND NOT EXISTS"
            " (SELECT 1 FROM gone g WHERE g.kind = ? AND g.id = s.id) ORDER BY s.id LIMIT ?",
            (stage.key, other, other, limit),
        )
        found += [(Given(row[0], row[1], Place(*row[2:])), other) for row in rows]
    return found


def dangling(stage: Staging, limit: int) -> list[Dangling]:
    """Return references that changed records make and the new revision lacks."""
    missing = [f"(l.target_kind = '{kind}' AND NOT {_present('l.target', kind)})" for kind in KINDS]
    present = " OR ".join(_present("l.target", kind) for kind in KINDS)
    rows = stage.db.rows(
        f"{_STAGED_LINKS} AND ({' OR '.join(missing)}"
        " OR (l.target_kind IN ('places', 'groups') AND NOT EXISTS"
        " (SELECT 1 FROM names n WHERE n.kind = l.target_kind AND n.id = l.target))"
        f" OR (l.target_kind = '{REPLACED}' AND ({present})))"
        " ORDER BY l.kind, l.record, l.field LIMIT ?",
        (stage.key,) * (2 * len(KINDS)) + (limit,),
    )
    return [_dangling(row[:5], Place(*row[5:])) for row in rows]


def orphaned(stage: Staging, limit: int) -> list[Dangling]:
    """Return references of unchanged records to what the release takes away or brings back.

    The place is None for a record that the release does not give.
    """
    link = "SELECT l.kind, l.record, l.field, l.target_kind, l.target, u.file, u.line, u.pointer"
    given = "LEFT JOIN seen u ON u.kind = l.kind AND u.id = l.record"
    lost = (
        f"{link} FROM gone x CROSS JOIN links l {given}"
        f" WHERE l.dataset = ? AND l.target_kind = x.kind AND l.target = x.id AND l.until = {OPEN}"
    )
    brought_back = (
        f"{link} FROM seen x CROSS JOIN links l {given}"
        f" WHERE l.dataset = ? AND l.target_kind = '{REPLACED}' AND l.target = x.id"
        f" AND l.until = {OPEN} AND x.changed = 1"
    )
    where = f"AND {_untouched('l.kind', 'l.record')}"
    rows = stage.db.rows(
        f"{lost} {where} UNION {brought_back} {where} ORDER BY 1, 2, 3 LIMIT ?",
        (stage.key, stage.key, limit),
    )
    return [
        _dangling(row[:5], Place(*row[5:]) if row[5] else stage.passed_at(row[0], row[1]))
        for row in rows
    ]


def kept(stage: Staging, kind: str) -> Iterator[tuple[str, str]]:
    """Yield (id, body) of the records of the head that the release neither gives nor removes."""
    after = ""
    while rows := stage.db.rows(
        f"SELECT h.id, h.body FROM {TABLES[kind]} h WHERE h.dataset = ? AND h.until = {OPEN}"
        " AND h.id > ? AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.kind = ? AND s.id = h.id)"
        " AND NOT EXISTS (SELECT 1 FROM gone g WHERE g.kind = ? AND g.id = h.id)"
        " ORDER BY h.id LIMIT ?",
        (stage.key, after, kind, kind, STEP),
    ):
        yield from rows
        after = rows[-1][0]


def edges(stage: Staging, kind: str, field: str, records: Iterable[str]) -> list[tuple[str, str]]:
    """Return (record, target) of one field in the new revision, for the records given."""
    ids = tuple(records)
    marks = ", ".join("?" * len(ids))
    return stage.db.rows(
        f"SELECT record, target FROM staged_links WHERE acyclic = 1 AND kind = ? AND field = ?"
        f" AND record IN ({marks})"
        " UNION ALL SELECT l.record, l.target FROM links l WHERE l.dataset = ? AND l.kind = ?"
        f" AND l.field = ? AND l.until = {OPEN} AND l.record IN ({marks})"
        f" AND {_untouched('l.kind', 'l.record')}",
        (kind, field, *ids, stage.key, kind, field, *ids),
    )


def changed_edges(stage: Staging, kind: str, field: str) -> list[tuple[str, Place]]:
    """Return the records that change and have the field, and where the release gives them."""
    rows = stage.db.rows(
        "SELECT DISTINCT l.record, s.file, s.line, s.pointer FROM staged_links l"
        " JOIN seen s ON s.kind = l.kind AND s.id = l.record"
        " WHERE l.acyclic = 1 AND l.kind = ? AND l.field = ? ORDER BY l.record",
        (kind, field),
    )
    return [(record, Place(*place)) for record, *place in rows]


# Only a link that dangles looks for its place.
_STAGED_LINKS = (
    "SELECT l.kind, l.record, l.field, l.target_kind, l.target, s.file, s.line, s.pointer"
    " FROM staged_links l CROSS JOIN seen s WHERE s.kind = l.kind AND s.id = l.record"
)


def _dangling(row: tuple[str, str, str, str, str], place: Place | None) -> Dangling:
    return Dangling(*row, place)


def _present(column: str, kind: str) -> str:
    """Holds where the new revision has the id in a kind; takes the dataset's key once."""
    return (
        f"(EXISTS (SELECT 1 FROM seen p WHERE p.id = {column} AND p.kind = '{kind}')"
        f" OR (EXISTS (SELECT 1 FROM {TABLES[kind]} h"
        f" WHERE h.dataset = ? AND h.id = {column} AND h.until = {OPEN})"
        f" AND NOT EXISTS (SELECT 1 FROM gone g WHERE g.id = {column} AND g.kind = '{kind}')))"
    )


def _untouched(kind: str, record: str) -> str:
    return (
        "NOT EXISTS (SELECT 1 FROM seen c WHERE c.changed = 1"
        f" AND c.kind = {kind} AND c.id = {record})"
        f" AND NOT EXISTS (SELECT 1 FROM gone d WHERE d.kind = {kind} AND d.id = {record})"
    )
