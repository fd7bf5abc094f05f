"""Records by what they say: filters, sort orders and keyset pages as SQL, the same on both engines.

A list reads forward in an index. The first sort key splits it in two, what states the key and then
what does not, so that nulls come last without an expression to sort by; each part is a range of
the key's index. Where a page goes on is found by the values of the last record, which are read
again from its row: the revision is immutable, so they are what they were.

PostgreSQL plans by statistics. SQLite has none here and is told which way to go: where few records
pass some filter they are found by its index and sorted, else the list is walked in its order. A
plus before a column keeps its index out of a plan.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from schemas.filters import Filter, SortKey
from schemas.folding import wanted
from service.errors import BadQuery
from service.model import Reading
from service.store.clauses import Clause
from service.store.database import Database
from service.store.records import Body
from service.store.searching import Wanted, Within, having
from service.store.tables import AT, DESCRIBED, TABLES

_LEAST = {"text": "''", "date": "''", "integer": "-1e300", "number": "-1e300"}
"""Column type to what none of its values is less than: a range that leaves out nulls only."""

FEW = 1000
"""As many records are sorted rather than looked for in the order of the list."""

_COMPARED = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


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


class Way(NamedTuple):
    """What keeps an index out of the plan: that of a filter, or that of the order."""

    filter: str = ""
    order: str = ""


ANY_WAY, WALK, SORT = Way(), Way(filter="+"), Way(order="+")


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
        return f"{nulls}{way.order}r.{self.name}{direction}"


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
            order = ", ".join(column.order(way) for column in part)
            found += db.rows(
                f"SELECT r.id, r.body FROM {source.sql} ORDER BY {order} LIMIT ?",
                (*source.values, limit - len(found)),
            )
    return found


def count(db: Database, at: Reading, selection: Selection) -> int:
    """Return how many records the selection has."""
    source = rows(db, at, selection.kind, selection.filters)
    row = db.row(f"SELECT count(*) FROM {source.sql}", source.values)
    return int(row[0]) if row else 0


def bodies(db: Database, at: Reading, kind: str, ids: list[str]) -> list[str]:
    """Return the bodies of those of the ids that the revision has, by id."""
    marks, number = _marks(ids), at.revision.number
    found = db.rows(
        f"SELECT body FROM {TABLES[kind]} WHERE dataset = ? AND id IN ({marks}) AND {AT}"
        " ORDER BY id",
        (at.dataset.key, *ids, number, number),
    )
    return [body for (body,) in found]


def rows(
    db: Database,
    at: Reading,
    kind: str,
    filters: tuple[Filter, ...],
    *more: Clause,
    way: Way = ANY_WAY,
) -> Clause:
    """Return what follows FROM: the rows `r` of a kind in the revision that filters admit."""
    conditions = [_here(at, "r"), *more, *(_clause(db, at, kind, each, way) for each in filters)]
    return Clause(
        f"{TABLES[kind]} r WHERE " + " AND ".join(each.sql for each in conditions),
        tuple(value for each in conditions for value in each.values),
    )


def terms(
    at: Reading, kind: str, fields: tuple[str, ...], field: str = "t.field", *more: Clause
) -> Clause:
    """Return what follows FROM: the terms `t` of fields of a kind in the revision."""
    number = at.revision.number
    conditions = "".join(f" AND {each.sql}" for each in more)
    return Clause(
        f"terms t WHERE t.dataset = ? AND t.kind = ? AND {field} IN ({_marks(fields)})"
        f" AND +t.since <= ? AND +t.until > ?{conditions}",
        (at.dataset.key, kind, *fields, number, number, *(v for each in more for v in each.values)),
    )


def _here(at: Reading, alias: str) -> Clause:
    # The plus keeps planners from the indexes of since and until: nearly all rows hold.
    number = at.revision.number
    sql = f"{alias}.dataset = ? AND +{alias}.since <= ? AND +{alias}.until > ?"
    return Clause(sql, (at.dataset.key, number, number))


def way_of(db: Database, at: Reading, selection: Selection) -> Way:
    """Return how SQLite is to go about a selection, found by counting up to a few."""
    filters = [each for each in selection.filters if each.operator not in ("ne", "exists")]
    if db.engine != "sqlite" or not filters:
        return ANY_WAY
    if not selection.order and any(_leads(each) for each in filters):
        return ANY_WAY
    few = any(_count_few(db, at, selection.kind, each) < FEW for each in filters)
    return SORT if few else WALK


def _leads(asked: Filter) -> bool:
    """Say whether the index of a filter is in the order of ids."""
    return bool(asked.of.columns) and asked.operator == "" and asked.of.type != "date"


def _count_few(db: Database, at: Reading, kind: str, asked: Filter) -> int:
    source = rows(db, at, kind, (asked,))
    if asked.operator == "contains":
        source = _of_words(db, at, kind, asked)
    elif asked.of.terms:
        source = terms(at, kind, asked.of.terms, "t.field", has_value(at, asked))
    few = f"SELECT count(*) FROM (SELECT 1 FROM {source.sql} LIMIT {FEW}) few"
    return int(db.rows(few, source.values)[0][0])


def _clause(db: Database, at: Reading, kind: str, asked: Filter, way: Way) -> Clause:
    if asked.operator == "contains":
        source = _of_words(db, at, kind, asked)
        return source._replace(sql=f"r.id IN (SELECT t.record FROM {source.sql})")
    if asked.of.terms:
        return _of_terms(at, kind, asked, way)
    if asked.operator == "exists":
        return _stated(DESCRIBED[kind].certain, asked)
    columns = [f"{way.filter}r.{name}" for name in asked.of.columns]
    if asked.of.type == "date":
        return _of_date(asked, *columns, ranged=db.engine == "sqlite")
    return _of_column(asked, *columns)


def _of_column(asked: Filter, column: str) -> Clause:
    match asked.operator:
        case "":
            return Clause(f"{column} = ?", asked.values)
        case "in" if not asked.values:
            return Clause("1 = 0")
        case "in":
            return Clause(f"{column} IN ({_marks(asked.values)})", asked.values)
        case "ne":
            return Clause(f"({column} < ? OR {column} > ?)", asked.values * 2)
        case operator:
            return Clause(f"{column} {_COMPARED[operator]} ?", asked.values)


def _of_date(asked: Filter, earliest: str, latest: str, *, ranged: bool) -> Clause:
    """Return the condition on the days between which something was: `values` are those asked.

    Of an overlap SQLite would read all that began before or all that ended after; `ranged` it has
    two ranges instead, what begins on these days and, in an index of its own, what lasts into them.
    """
    first, last = asked.values
    match asked.operator:
        case "within":
            return Clause(f"{earliest} >= ? AND {latest} <= ?", (first, last))
        case "before":
            return Clause(f"{latest} < ?", (first,))
        case "after":
            return Clause(f"{earliest} > ?", (last,))
        case _ if not ranged:
            return Clause(f"{earliest} <= ? AND {latest} >= ?", (last, first))
        case _:
            lasting = f"{earliest} < {latest} AND {earliest} < ? AND {latest} >= ?"
            return Clause(
                f"({earliest} BETWEEN ? AND ? OR ({lasting}))", (first, last, first, first)
            )


def _of_words(db: Database, at: Reading, kind: str, asked: Filter) -> Clause:
    """Return what follows FROM: the rows `t` of versions that have the words in the field."""
    within = Within(frozenset({asked.of.name}))
    return having(db.engine, at, Wanted(kind, wanted(str(asked.values[0])), within))


def _stated(certain: str | None, asked: Filter) -> Clause:
    """Return the condition that a field is stated, or not. No filter admits a stub."""
    column = f"r.{asked.of.columns[0]}"
    if asked.values[0]:
        return Clause(f"{column} IS NOT NULL")
    return Clause(f"{column} IS NULL AND r.{certain} IS NOT NULL")


def _of_terms(at: Reading, kind: str, asked: Filter, way: Way) -> Clause:
    stated = Clause(f"r.{DESCRIBED[kind].certain} IS NOT NULL")
    # A field that is no column is in no index: the terms of the record are looked through.
    some = terms(at, kind, asked.of.terms, "(t.field || '')", _OF_THE_RECORD)
    values = has_value(at, asked)
    match asked.operator:
        case "exists" if asked.values[0]:
            return _exists(some)
        case "exists":
            return _both(stated, _exists(some, "NOT "))
        case "ne":
            one = terms(at, kind, asked.of.terms, "t.field", values, _OF_THE_RECORD)
            return _both(_exists(some), _exists(one, "NOT "))
        case _ if way == WALK:
            return _exists(terms(at, kind, asked.of.terms, "t.field", values, _OF_THE_RECORD))
    having = terms(at, kind, asked.of.terms, "t.field", values)
    return having._replace(sql=f"r.id IN (SELECT t.record FROM {having.sql})")


def has_value(at: Reading, asked: Filter) -> Clause:
    """Return the condition that a term `t` is one of the values, or a source that one publishes.

    Ids of actors and of sources differ, so that one list holds both.
    """
    if not asked.values:
        return Clause("1 = 0")
    if not asked.of.publishing:
        return Clause(f"t.value IN ({_marks(asked.values)})", asked.values)
    published, here = _marks(asked.values), _here(at, "p")
    return Clause(
        f"t.value IN (VALUES {', '.join('(?)' for _ in asked.values)} UNION ALL"
        f" SELECT p.id FROM sources p WHERE {here.sql} AND p.publisher IN ({published}))",
        (*asked.values, *here.values, *asked.values),
    )


# Not `r.id` itself: SQLite would conclude that the terms begin where the page does, and look
# through all that follow, for each record, where one probe tells.
_OF_THE_RECORD = Clause("t.record IN (r.id)")


def _exists(having: Clause, negation: str = "") -> Clause:
    return having._replace(sql=f"{negation}EXISTS (SELECT 1 FROM {having.sql})")


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
    least = Clause(f"{way.order}r.{first[0].name} >= {_LEAST[first[0].type]}")
    missing = Clause(f"{way.order}r.{first[0].name} IS NULL")
    stating = [*(column._replace(certain=True) for column in first), *rest]
    if not last or last[0] is not None:
        yield (
            stating,
            _both(_bound(first[0], last, way), _following(stating, last)) if last else least,
        )
        yield rest, missing
    else:
        yield rest, _both(missing, _following(rest, last[len(first) :]))


def _bound(column: Column, last: tuple[Any, ...], way: Way) -> Clause:
    """Return what follows from the keyset for its first column alone: a range of the index."""
    equal = "" if column.name == "id" else "="
    beyond = f"{'<' if column.descending else '>'}{equal}"
    return Clause(f"{way.order}r.{column.name} {beyond} ?", last[:1])


def _following(columns: list[Column], last: tuple[Any, ...]) -> Clause:
    """Return the condition that a row comes after the one that has these values."""
    column, value = columns[0], last[0]
    later = _later(column, value)
    if column.name == "id":
        return later
    same = Clause(f"r.{column.name} IS NULL") if value is None else Clause(
        f"r.{column.name} = ?", (value,))  # fmt: skip
    rest = _both(same, _following(columns[1:], last[1:]))
    return Clause(f"({later.sql} OR ({rest.sql}))", later.values + rest.values)


def _later(column: Column, value: Any) -> Clause:
    if value is None:
        return Clause("1 = 0")
    beyond = f"r.{column.name} {'<' if column.descending else '>'} ?"
    return Clause(beyond if column.certain else f"({beyond} OR r.{column.name} IS NULL)", (value,))


def _both(one: Clause, other: Clause) -> Clause:
    return Clause(f"{one.sql} AND {other.sql}", one.values + other.values)


def _marks(values: Any) -> str:
    return ", ".join("?" * len(values))
