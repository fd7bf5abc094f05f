"""Records by what they say: filters, sort orders and keyset pages as SQL, the same on both engines.

A list reads forward in an index. The first sort key splits it in two, what states the key and then
what does not, so that nulls come last without an expression to sort by; each part is a range of
the key's index. Where a page goes on is found by the values of the last record, which are read
again from its row: the revision is immutable, so they are what they were.

Neither engine knows which of several filters is the rarest: SQLite has no statistics here, and
those of PostgreSQL err on days and lists. So they are told which way to go. Where few records pass
some filter they are found by the index of the rarest and sorted. Else the list is walked: by the
rarest filter of those whose index is in the order of the list, or by the order alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt
from typing import Any, NamedTuple

from schemas.filters import Filter, SortKey
from service.errors import BadQuery
from service.model import Reading
from service.store.clauses import Clause
from service.store.database import Database
from service.store.filtering import (
    LEAST,
    Way,
    both,
    entries,
    indexed,
    leads,
    marks,
    rows,
    way_by,
)
from service.store.records import Body
from service.store.tables import AT, TABLES

PAGE = 100
"""Records that most pages have."""


@dataclass(frozen=True)
class Selection:
    """Which records of a kind are asked for, and in what order; ties go by id.

    The id follows the direction of the last key, so that one index can be read for both.
    """

    kind: str
    filters: tuple[Filter, ...] = ()
    order: tuple[SortKey, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether it is the whole kind by id."""
        return not self.filters and not self.order


class Column(NamedTuple):
    """A column to sort by. What is certain is never null here."""

    name: str
    type: str
    descending: bool
    certain: bool

    def order(self, way: Way) -> str:
        """Return its terms of ORDER BY, nulls last."""
        direction = " DESC" if self.descending else ""
        nulls = "" if self.certain else f"(r.{self.name} IS NULL), "
        return f"{nulls}{way.of_order(f'r.{self.name}')}{direction}"


def page(
    db: Database,
    at: Reading,
    selection: Selection,
    after: str | None,
    limit: int,
    way: Way | None = None,
) -> list[Body]:
    """Return up to `limit` (id, body) that follow an id in the order of the selection.

    `way` is what `way_of` said of the selection, where it was asked before. Raises `BadQuery` where
    the list is sorted and the revision has no such record.
    """
    columns = _columns(selection.order)
    last = _values_of(db, at, selection.kind, after, columns) if after is not None else ()
    way = way or way_of(db, at, selection)
    found: list[Body] = []
    for part, start in _parts(columns, last, way):
        if len(found) < limit:
            source = rows(db, at, selection.kind, selection.filters, start, way=way)
            if db.engine == "sqlite" and not (selection.order or way.ordered):
                # To sort the bodies of a few takes SQLite as long as to find them.
                few = db.rows(f"SELECT r.id, r.body FROM {source.sql}", source.values)
                return sorted(few)[:limit]
            order = ", ".join(column.order(way) for column in part)
            found += db.rows(
                f"SELECT r.id, r.body FROM {source.sql} ORDER BY {order} LIMIT ?",
                (*source.values, limit - len(found)),
            )
    return found


def count(db: Database, at: Reading, selection: Selection) -> int:
    """Return how many records the selection has."""
    source = every(db, at, selection.kind, selection.filters)
    row = db.row(f"SELECT count(*) FROM {source.sql}", source.values)
    return int(row[0]) if row else 0


def every(
    db: Database, at: Reading, kind: str, filters: tuple[Filter, ...], *more: Clause
) -> Clause:
    """Return what follows FROM: all rows `r` that filters admit, found by one that few records
    pass.
    """
    asked = list(filter(indexed, filters))
    few = _looked(db, at, kind, asked).few if asked[1:] else None
    return rows(db, at, kind, filters, *more, way=way_by(db.engine, few) if few else None)


def bodies(db: Database, at: Reading, kind: str, ids: list[str]) -> list[str]:
    """Return the bodies of those of the ids that the revision has, by id."""
    number = at.revision.number
    found = db.rows(
        f"SELECT body FROM {TABLES[kind]} WHERE dataset = ? AND id IN ({marks(ids)}) AND {AT}"
        " ORDER BY id",
        (at.dataset.key, *ids, number, number),
    )
    return [body for (body,) in found]


def way_of(db: Database, at: Reading, selection: Selection) -> Way:
    """Return how a selection is to be read, found by looking a little into indexes."""
    informed = db.engine == "postgresql"
    asked = list(filter(indexed, selection.filters))
    leading = [] if selection.order else [each for each in asked if leads(db.engine, each)]
    if asked == leading[:1]:
        return way_by(db.engine, next(iter(asked), None), informed=informed)
    looked = _looked(db, at, selection.kind, [*leading, *asked])
    if looked.few:
        return way_by(db.engine, looked.few, ordered=looked.few in leading)
    rarest = max(leading, key=lambda each: str(looked.reach[each]), default=None)
    return way_by(db.engine, rarest, informed=informed)


class _Looked(NamedTuple):
    """A filter that few records pass, if there is one, and else how far in the order of ids as many
    reach of each.
    """

    few: Filter | None
    reach: dict[Filter, str | None]


def _looked(db: Database, at: Reading, kind: str, asked: list[Filter]) -> _Looked:
    """Look into the indexes of filters, ever deeper, until one ends: that is the rarest.

    Few are as many as it costs no more to sort than to walk the list for a page: the square of that
    number is a page times the whole kind.
    """
    few = isqrt(PAGE * at.revision.records.get(kind, 0))
    reach: dict[Filter, str | None] = {}
    for depth in (few >> 6, few >> 3, few) if asked[1:] else (few,):
        reach = {each: _reach(db, at, kind, each, depth) for each in dict.fromkeys(asked)}
        if ended := [each for each, reached in reach.items() if reached is None]:
            return _Looked(ended[0], {})
    return _Looked(None, reach)


def _reach(db: Database, at: Reading, kind: str, asked: Filter, depth: int) -> str | None:
    """Return the id that so many entries come before in the index of a filter, if there is one."""
    ids = entries(db, at, kind, asked)
    found = db.rows(f"{ids.sql} LIMIT 1 OFFSET ?", (*ids.values, depth))
    return found[0][0] if found else None


def _columns(order: tuple[SortKey, ...]) -> list[list[Column]]:
    """Return the columns of each key, the id at the end: after it there is nothing to sort."""
    keys: list[list[Column]] = []
    for key in order:
        is_id = key.of.name == "id"
        keys.append([Column(name, key.of.type, key.descending, is_id) for name in key.of.columns])
        if is_id:
            return keys
    return [*keys, [Column("id", "text", bool(order and order[-1].descending), certain=True)]]


def _values_of(
    db: Database, at: Reading, kind: str, record_id: str, columns: list[list[Column]]
) -> tuple[Any, ...]:
    if [column.name for key in columns for column in key] == ["id"]:
        return (record_id,)
    number = at.revision.number
    names = ", ".join(column.name for key in columns for column in key)
    row = db.row(
        f"SELECT {names} FROM {TABLES[kind]} WHERE dataset = ? AND id = ? AND {AT}",
        (at.dataset.key, record_id, number, number),
    )
    if row is None:
        raise BadQuery("the cursor names no record of this revision", "cursor")
    return tuple(row)


def _parts(
    keys: list[list[Column]], last: tuple[Any, ...], way: Way
) -> Iterator[tuple[list[Column], Clause]]:
    """Yield the parts of a list that remain: the columns each is sorted by, and what admits it."""
    first, rest = keys[0], [column for key in keys[1:] for column in key]
    if first[0].name == "id":
        yield first, _bound(first[0], last, way) if last else Clause("1 = 1")
        return
    column = way.of_order(f"r.{first[0].name}")
    least = Clause(f"{column} >= {LEAST[first[0].type]}")
    missing = Clause(f"{column} IS NULL")
    stating = [*(column._replace(certain=True) for column in first), *rest]
    if not last or last[0] is not None:
        yield (
            stating,
            both(_bound(first[0], last, way), _following(stating, last)) if last else least,
        )
        yield rest, missing
    else:
        yield rest, both(missing, _following(rest, last[len(first) :]))


def _bound(column: Column, last: tuple[Any, ...], way: Way) -> Clause:
    """Return what follows from the keyset for its first column alone: a range of the index."""
    equal = "" if column.name == "id" else "="
    beyond = f"{'<' if column.descending else '>'}{equal}"
    return Clause(f"{way.of_order(f'r.{column.name}')} {beyond} ?", last[:1])


def _following(columns: list[Column], last: tuple[Any, ...]) -> Clause:
    """Return the condition that a row comes after the one that has these values."""
    column, value = columns[0], last[0]
    later = _later(column, value)
    if column.name == "id":
        return later
    same = Clause(f"r.{column.name} IS NULL") if value is None else Clause(
        f"r.{column.name} = ?", (value,))  # fmt: skip
    rest = both(same, _following(columns[1:], last[1:]))
    return Clause(f"({later.sql} OR ({rest.sql}))", later.values + rest.values)


def _later(column: Column, value: Any) -> Clause:
    if value is None:
        return Clause("1 = 0")
    beyond = f"r.{column.name} {'<' if column.descending else '>'} ?"
    return Clause(beyond if column.certain else f"({beyond} OR r.{column.name} IS NULL)", (value,))
