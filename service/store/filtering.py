"""Filters as conditions in SQL, the same on both engines, each with its index or kept from it."""

from typing import Any, NamedTuple

from schemas.filters import Filter
from schemas.folding import wanted
from service.model import Reading
from service.store.clauses import Clause
from service.store.database import Database
from service.store.searching import Wanted, Within, having, saying
from service.store.tables import DESCRIBED, TABLES

LEAST = {"text": "''", "date": "''", "integer": "-1e300", "number": "-1e300"}
"""Column type to what none of its values is less than: a range that leaves out nulls only."""

_COMPARED = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


class Way(NamedTuple):
    """How a list is read: by the index of one filter, or by that of its order.

    What is found by a filter is sorted, unless `ordered` by that index. Where it is `led` the terms
    of the filter are walked, and for each its record is looked up. Where `open`, a planner that has
    statistics chooses among the indexes of columns; those of lists and words are told.
    """

    by: Filter | None = None
    ordered: bool = True
    open: bool = False
    led: bool = False

    def of_order(self, column: str) -> str:
        """Return a column of the order as its index may be used for it, or may not."""
        if self.led and column == "r.id":
            return "led.record"
        return column if self.ordered else _kept(column)

    def of_filter(self, asked: Filter, column: str) -> str:
        """Return a column of a filter as its index may be used for it, or may not."""
        return column if self.open or asked == self.by else _kept(column)


def way_by(engine: str, by: Filter | None, *, ordered: bool = True, informed: bool = False) -> Way:
    """Return the way by a filter, or by the order alone."""
    led = ordered and by is not None and bool(by.of.terms) and leads(engine, by)
    return Way(by, ordered, informed, led)


def _kept(column: str) -> str:
    """Return an expression with the values of a column, for which neither engine uses an index."""
    return f"coalesce({column}, {column})"


def rows(
    db: Database,
    at: Reading,
    kind: str,
    filters: tuple[Filter, ...],
    *more: Clause,
    way: Way | None = None,
) -> Clause:
    """Return what follows FROM: the rows `r` of a kind in the revision that filters admit.

    Without a `way`, all of them are wanted, and the planner chooses.
    """
    conditions = [_here(at, "r"), *more, *(_clause(db, at, kind, each, way) for each in filters)]
    # A cross join is read in the order in which it is written.
    leading = "terms led CROSS JOIN " if way and way.led else ""
    return Clause(
        f"{leading}{TABLES[kind]} r WHERE " + " AND ".join(each.sql for each in conditions),
        tuple(value for each in conditions for value in each.values),
    )


def terms(
    at: Reading, kind: str, fields: tuple[str, ...], field: str = "t.field", *more: Clause
) -> Clause:
    """Return what follows FROM: the terms `t` of fields of a kind in the revision."""
    number = at.revision.number
    held = Clause("+t.since <= ? AND +t.until > ?", (number, number))
    return _ever_terms(at, kind, fields, field, held, *more)


def entries(db: Database, at: Reading, kind: str, asked: Filter) -> Clause:
    """Return the question for the ids of all that the index of a filter has, in whatever revision:
    nothing else is read for it. Where it leads they are in order.
    """
    if asked.operator == "contains":
        source = having(db.engine, at, _wanted(kind, asked))
        # What nearly all have PostgreSQL would look for in texts of other kinds, too.
        order = " ORDER BY t.record" if db.engine == "postgresql" else ""
        return source._replace(sql=f"SELECT t.record FROM {source.sql}{order}")
    if asked.of.terms:
        source = _ever_terms(at, kind, asked.of.terms, "t.field", has_value(at, asked))
        order = " ORDER BY t.record" if leads(db.engine, asked) else ""
        return source._replace(sql=f"SELECT t.record FROM {source.sql}{order}")
    each = [_ever(at, kind, condition) for condition in _conditions(asked)]
    ids = " UNION ALL ".join(f"SELECT r.id FROM {one.sql}" for one in each)
    order = " ORDER BY r.id" if leads(db.engine, asked) else ""
    return Clause(ids + order, tuple(value for one in each for value in one.values))


def _conditions(asked: Filter) -> list[Clause]:
    """Return the conditions of a filter on columns, each a range of one index."""
    columns = [f"r.{name}" for name in asked.of.columns]
    if asked.operator == "exists":
        stated = f">= {LEAST[asked.of.type]}" if asked.values[0] else "IS NULL"
        return [Clause(f"{columns[0]} {stated}")]
    return _ranges(asked, *columns) if asked.of.type == "date" else [_of_column(asked, *columns)]


def indexed(asked: Filter) -> bool:
    """Say whether what a filter admits stands together in an index."""
    return asked.operator != "ne" and (asked.operator != "exists" or bool(asked.of.columns))


def leads(engine: str, asked: Filter) -> bool:
    """Say whether what a filter admits is read from an index in the order of ids: for PostgreSQL
    no list is, and nothing that is not stated.
    """
    if asked.of.terms and asked.operator == "":
        return engine == "sqlite" and len(asked.of.terms) == 1 and not asked.of.publishing
    if not asked.of.columns or asked.of.type == "date":
        return False
    unstated = asked.operator == "exists" and not asked.values[0]
    return asked.operator == "" or (unstated and engine == "sqlite")


def has_value(at: Reading, asked: Filter) -> Clause:
    """Return the condition that a term `t` is one of the values, or a source that one publishes.

    Ids of actors and of sources differ, so that one list holds both.
    """
    if not asked.values:
        return Clause("1 = 0")
    if not asked.of.publishing:
        return Clause(f"t.value IN ({marks(asked.values)})", asked.values)
    published, here = marks(asked.values), _here(at, "p")
    return Clause(
        f"t.value IN (VALUES {', '.join('(?)' for _ in asked.values)} UNION ALL"
        f" SELECT p.id FROM sources p WHERE {here.sql} AND p.publisher IN ({published}))",
        (*asked.values, *here.values, *asked.values),
    )


def both(one: Clause, other: Clause) -> Clause:
    """Return the condition that two hold."""
    return Clause(f"{one.sql} AND {other.sql}", one.values + other.values)


def marks(values: Any) -> str:
    """Return the marks for as many parameters."""
    return ", ".join("?" * len(values))


def _here(at: Reading, alias: str) -> Clause:
    # The plus keeps planners from the indexes of since and until: nearly all rows hold.
    number = at.revision.number
    sql = f"{alias}.dataset = ? AND +{alias}.since <= ? AND +{alias}.until > ?"
    return Clause(sql, (at.dataset.key, number, number))


def _ever(at: Reading, kind: str, condition: Clause) -> Clause:
    return Clause(
        f"{TABLES[kind]} r WHERE r.dataset = ? AND {condition.sql}",
        (at.dataset.key, *condition.values),
    )


def _ever_terms(
    at: Reading, kind: str, fields: tuple[str, ...], field: str, *more: Clause
) -> Clause:
    conditions = "".join(f" AND {each.sql}" for each in more)
    return Clause(
        f"terms t WHERE t.dataset = ? AND t.kind = ? AND {field} IN ({marks(fields)}){conditions}",
        (at.dataset.key, kind, *fields, *(value for each in more for value in each.values)),
    )


def _clause(db: Database, at: Reading, kind: str, asked: Filter, way: Way | None) -> Clause:
    if asked.operator == "contains":
        return _of_words(db, at, kind, asked, way)
    if asked.of.terms:
        return _of_terms(db, at, kind, asked, way)
    columns = [f"r.{name}" for name in asked.of.columns]
    if way:
        columns = [way.of_filter(asked, column) for column in columns]
    if asked.operator == "exists":
        ranged = way is not None and asked == way.by
        return _stated(kind, asked, columns[0], ranged=ranged)
    if asked.of.type == "date":
        return _of_date(asked, *columns)
    return _of_column(asked, *columns)


def _of_column(asked: Filter, column: str) -> Clause:
    match asked.operator:
        case "":
            return Clause(f"{column} = ?", asked.values)
        case "in" if not asked.values:
            return Clause("1 = 0")
        case "in":
            return Clause(f"{column} IN ({marks(asked.values)})", asked.values)
        case "ne":
            return Clause(f"({column} < ? OR {column} > ?)", asked.values * 2)
        case operator:
            return Clause(f"{column} {_COMPARED[operator]} ?", asked.values)


def _of_date(asked: Filter, earliest: str, latest: str) -> Clause:
    """Return the condition on the days between which something was: `values` are those asked."""
    each = _ranges(asked, earliest, latest)
    either = " OR ".join(f"({one.sql})" for one in each)
    return Clause(f"({either})", tuple(value for one in each for value in one.values))


def _ranges(asked: Filter, earliest: str, latest: str) -> list[Clause]:
    """Return the ranges of days that a date is in.

    Of an overlap all that began before or all that ended after would be read: it has two ranges,
    what begins on the days asked for and, in an index of its own, what lasts into them.
    """
    first, last = asked.values
    match asked.operator:
        case "within":
            return [Clause(f"{earliest} BETWEEN ? AND ? AND {latest} <= ?", (first, last, last))]
        case "before":
            return [Clause(f"{latest} < ?", (first,))]
        case "after":
            return [Clause(f"{earliest} > ?", (last,))]
    lasting = f"{earliest} < {latest} AND {earliest} < ? AND {latest} >= ?"
    return [
        Clause(f"{earliest} BETWEEN ? AND ?", (first, last)),
        Clause(lasting, (first, first)),
    ]


def _of_words(db: Database, at: Reading, kind: str, asked: Filter, way: Way | None) -> Clause:
    """Return the condition that some words stand in a field."""
    words = _wanted(kind, asked)
    if way is None or asked == way.by:
        return _among(db, having(db.engine, at, words), way)
    number, said = at.revision.number, saying(db.engine, words)
    held = "t.dataset = ? AND t.kind = ? AND +t.since <= ? AND +t.until > ?"
    return _exists(
        Clause(
            f"texts t WHERE {held} AND {_OF_THE_RECORD.sql} AND {said.sql}",
            (at.dataset.key, kind, number, number, *said.values),
        ),
        way,
    )


def _wanted(kind: str, asked: Filter) -> Wanted:
    return Wanted(kind, wanted(str(asked.values[0])), Within(frozenset({asked.of.name})))


def _stated(kind: str, asked: Filter, column: str, *, ranged: bool) -> Clause:
    """Return the condition that a field is stated, or not. No filter admits a stub. Only for a
    range SQLite finds in an index what is stated.
    """
    if not asked.values[0]:
        return both(Clause(f"{column} IS NULL"), _live(kind))
    return Clause(f"{column} >= {LEAST[asked.of.type]}" if ranged else f"{column} IS NOT NULL")


def _live(kind: str) -> Clause:
    """Return the condition that a record is no stub: nearly all are, so no index is of use."""
    return Clause(f"{_kept(f'r.{DESCRIBED[kind].certain}')} IS NOT NULL")


def _of_terms(db: Database, at: Reading, kind: str, asked: Filter, way: Way | None) -> Clause:
    # A field that is no column is in no index: the terms of the record are looked through.
    some = terms(at, kind, asked.of.terms, "(t.field || '')", _OF_THE_RECORD)
    values = has_value(at, asked)
    one = terms(at, kind, asked.of.terms, "t.field", values, _OF_THE_RECORD)
    match asked.operator:
        case "exists" if asked.values[0]:
            return _exists(some, way)
        case "exists":
            return both(_live(kind), _exists(some, way, "NOT "))
        case "ne":
            return both(_exists(some, way), _exists(one, way, "NOT "))
        case _ if way and asked != way.by:
            return _exists(one, way)
        case _ if way and way.led:
            return _leading(at, kind, asked)
    return _among(db, terms(at, kind, asked.of.terms, "t.field", values), way)


def _leading(at: Reading, kind: str, asked: Filter) -> Clause:
    """Return the condition that a record has the term that leads to it: each has it once."""
    held = _here(at, "led")
    return Clause(
        f"{held.sql} AND led.kind = ? AND led.field = ? AND led.value = ? AND r.id = led.record",
        (*held.values, kind, *asked.of.terms, *asked.values),
    )


def _among(db: Database, having: Clause, way: Way | None) -> Clause:
    """Return the condition that a record is among those of some rows `t`, which are read first."""
    records = f"SELECT t.record FROM {having.sql}"
    # Of a list in a question PostgreSQL makes a join, and may begin it at the other end.
    as_array = way is not None and db.engine == "postgresql"
    return having._replace(
        sql=f"r.id = ANY(ARRAY({records}))" if as_array else f"r.id IN ({records})"
    )


# Not `r.id` itself: SQLite would conclude that the terms begin where the page does, and look
# through all that follow, for each record, where one probe tells. `IN (r.id)` takes a sixth longer.
_OF_THE_RECORD = Clause("t.record = (r.id || '')")


def _exists(having: Clause, way: Way | None, negation: str = "") -> Clause:
    # With an offset PostgreSQL makes no join of it, for which it would read all that have it.
    probe = " LIMIT 1 OFFSET 0" if way else ""
    return having._replace(sql=f"{negation}EXISTS (SELECT 1 FROM {having.sql}{probe})")
