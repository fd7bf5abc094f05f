"""Filters as conditions in SQL, the same on both engines; a plus before a column keeps its index
out of a plan.
"""

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
    """How a plan is to go: by the index of one filter, or by that of the order, or, `free`, as the
    planner thinks best. What is found `by` a filter is sorted, unless `ordered` by that index.
    """

    by: Filter | None = None
    ordered: bool = True
    free: bool = False

    @property
    def order(self) -> str:
        """What stands before the columns of the order."""
        return "" if self.ordered else "+"

    def uses(self, asked: Filter) -> bool:
        """Say whether the index of a filter may be used."""
        return self.free or asked == self.by

    def before(self, asked: Filter) -> str:
        """Return what stands before the columns of a filter."""
        return "" if self.uses(asked) else "+"


ANY_WAY, WALK = Way(free=True), Way()


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
    held = Clause("+t.since <= ? AND +t.until > ?", (number, number))
    return _ever_terms(at, kind, fields, field, held, *more)


def entries(db: Database, at: Reading, kind: str, asked: Filter) -> tuple[str, Clause]:
    """Return what the id is called, and what follows FROM, for all that the index of a filter has
    of it, in whatever revision: nothing else is read for it.
    """
    if asked.operator == "contains":
        return "t.record", having(db.engine, at, _wanted(kind, asked))
    if asked.of.terms:
        values = has_value(at, asked)
        return "t.record", _ever_terms(at, kind, asked.of.terms, "t.field", values)
    columns = [f"r.{name}" for name in asked.of.columns]
    if asked.operator == "exists":
        stated = f">= {LEAST[asked.of.type]}" if asked.values[0] else "IS NULL"
        return "r.id", _ever(at, kind, Clause(f"{columns[0]} {stated}"))
    if asked.of.type != "date":
        return "r.id", _ever(at, kind, _of_column(asked, *columns))
    each = [_ever(at, kind, one) for one in _ranges(asked, *columns)]
    ids = " UNION ALL ".join(f"SELECT r.id FROM {one.sql}" for one in each)
    return "r.id", Clause(f"({ids}) r", tuple(value for one in each for value in one.values))


def indexed(asked: Filter) -> bool:
    """Say whether what a filter admits stands together in an index."""
    return asked.operator != "ne" and (asked.operator != "exists" or bool(asked.of.columns))


def leads(asked: Filter) -> bool:
    """Say whether what a filter admits stands in an index in the order of ids."""
    if not asked.of.columns or asked.of.type == "date":
        return False
    return asked.operator == "" or (asked.operator == "exists" and not asked.values[0])


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


def _clause(db: Database, at: Reading, kind: str, asked: Filter, way: Way) -> Clause:
    if asked.operator == "contains":
        return _of_words(db, at, kind, asked, way)
    if asked.of.terms:
        return _of_terms(at, kind, asked, way)
    columns = [f"{way.before(asked)}r.{name}" for name in asked.of.columns]
    if asked.operator == "exists":
        return _stated(asked, columns[0], f"r.{DESCRIBED[kind].certain}", ranged=asked == way.by)
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
            return Clause(f"{column} IN ({marks(asked.values)})", asked.values)
        case "ne":
            return Clause(f"({column} < ? OR {column} > ?)", asked.values * 2)
        case operator:
            return Clause(f"{column} {_COMPARED[operator]} ?", asked.values)


def _of_date(asked: Filter, earliest: str, latest: str, *, ranged: bool) -> Clause:
    """Return the condition on the days between which something was: `values` are those asked.

    Of an overlap SQLite would read all that began before or all that ended after; `ranged` it has
    two ranges instead.
    """
    if asked.operator == "" and not ranged:
        first, last = asked.values
        return Clause(f"{earliest} <= ? AND {latest} >= ?", (last, first))
    each = _ranges(asked, earliest, latest)
    either = " OR ".join(f"({one.sql})" for one in each)
    return Clause(f"({either})", tuple(value for one in each for value in one.values))


def _ranges(asked: Filter, earliest: str, latest: str) -> list[Clause]:
    """Return the ranges of days that a date is in; of an overlap what begins on the days asked for
    and, in an index of its own, what lasts into them.
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


def _of_words(db: Database, at: Reading, kind: str, asked: Filter, way: Way) -> Clause:
    """Return the condition that some words stand in a field."""
    words = _wanted(kind, asked)
    if way.uses(asked):
        source = having(db.engine, at, words)
        return source._replace(sql=f"r.id IN (SELECT t.record FROM {source.sql})")
    number, said = at.revision.number, saying(words)
    return Clause(
        "EXISTS (SELECT 1 FROM texts t WHERE t.dataset = ? AND t.kind = ? AND t.record IN (r.id)"
        f" AND +t.since <= ? AND +t.until > ? AND {said.sql})",
        (at.dataset.key, kind, number, number, *said.values),
    )


def _wanted(kind: str, asked: Filter) -> Wanted:
    return Wanted(kind, wanted(str(asked.values[0])), Within(frozenset({asked.of.name})))


def _stated(asked: Filter, column: str, certain: str, *, ranged: bool) -> Clause:
    """Return the condition that a field is stated, or not. No filter admits a stub. Only for a
    range SQLite finds in an index what is stated.
    """
    if not asked.values[0]:
        return Clause(f"{column} IS NULL AND {certain} IS NOT NULL")
    return Clause(f"{column} >= {LEAST[asked.of.type]}" if ranged else f"{column} IS NOT NULL")


def _of_terms(at: Reading, kind: str, asked: Filter, way: Way) -> Clause:
    stated = Clause(f"r.{DESCRIBED[kind].certain} IS NOT NULL")
    # A field that is no column is in no index: the terms of the record are looked through.
    some = terms(at, kind, asked.of.terms, "(t.field || '')", _OF_THE_RECORD)
    values = has_value(at, asked)
    match asked.operator:
        case "exists" if asked.values[0]:
            return _exists(some)
        case "exists":
            return both(stated, _exists(some, "NOT "))
        case "ne":
            one = terms(at, kind, asked.of.terms, "t.field", values, _OF_THE_RECORD)
            return both(_exists(some), _exists(one, "NOT "))
        case _ if not way.uses(asked):
            return _exists(terms(at, kind, asked.of.terms, "t.field", values, _OF_THE_RECORD))
    having = terms(at, kind, asked.of.terms, "t.field", values)
    return having._replace(sql=f"r.id IN (SELECT t.record FROM {having.sql})")


# Not `r.id` itself: SQLite would conclude that the terms begin where the page does, and look
# through all that follow, for each record, where one probe tells.
_OF_THE_RECORD = Clause("t.record IN (r.id)")


def _exists(having: Clause, negation: str = "") -> Clause:
    return having._replace(sql=f"{negation}EXISTS (SELECT 1 FROM {having.sql})")
