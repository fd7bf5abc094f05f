"""Counts of the values that a selection has, made by the database."""

from typing import NamedTuple

from schemas.filters import Filter, Filterable
from service.model import Reading
from service.store.clauses import Clause
from service.store.database import Database
from service.store.filtering import terms
from service.store.selecting import every
from service.store.tables import DESCRIBED

MOST = 100
"""Values that are counted apart; of others it is told how many there are."""


class Tally(NamedTuple):
    """(value, records) with the most frequent first, how many values are left out, and how many
    records state none.
    """

    values: list[tuple[str | int | float, int]]
    more: int
    absent: int


class Chosen(NamedTuple):
    """Records that are counted: those of a kind that filters admit. Stubs state nothing."""

    at: Reading
    kind: str
    filters: tuple[Filter, ...]

    def rows(self, db: Database, *more: Clause) -> Clause:
        """Return what follows FROM: the rows `r` that are counted."""
        certain = Clause(f"r.{DESCRIBED[self.kind].certain} IS NOT NULL")
        return every(db, self.at, self.kind, self.filters, certain, *more)


def total(db: Database, chosen: Chosen, *more: Clause) -> int:
    """Return how many records there are to count."""
    source = chosen.rows(db, *more)
    return int(db.rows(f"SELECT count(*) FROM {source.sql}", source.values)[0][0])


def values(db: Database, chosen: Chosen, of: Filterable) -> Tally:
    """Return how many records have each value of a field. One counts once for each value."""
    counted = (_of_terms if of.terms else _of_column)(db, chosen, of)
    found = db.rows(
        f"SELECT value, records, count(*) OVER () FROM ({counted.sql}) counted"
        f" ORDER BY records DESC, value LIMIT {MOST}",
        counted.values,
    )
    more = found[0][2] - len(found) if found else 0
    pairs = [(value, records) for value, records, _ in found]
    return Tally(pairs, more, absent(db, chosen, of))


def absent(db: Database, chosen: Chosen, of: Filterable) -> int:
    """Return how many records state nothing in a field."""
    if not of.terms:
        return total(db, chosen, Clause(f"r.{of.columns[0]} IS NULL"))
    having = terms(chosen.at, chosen.kind, of.terms)
    sql = f"NOT EXISTS (SELECT 1 FROM {having.sql} AND t.record = r.id)"
    return total(db, chosen, having._replace(sql=sql))


def span(db: Database, chosen: Chosen, of: Filterable) -> tuple[str, str] | None:
    """Return the first and the last day that records state, or None where none does."""
    earliest, latest = of.columns
    source = chosen.rows(db, Clause(f"r.{earliest} >= ''"))
    asked = f"SELECT min(r.{earliest}), max(r.{latest}) FROM {source.sql}"
    first, last = db.rows(asked, source.values)[0]
    return (first, last) if first is not None else None


def edges(
    db: Database, chosen: Chosen, of: Filterable, first: str, last: str
) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many records begin, and how many end, on each day between two; what reaches
    beyond begins on the first or ends on the last.
    """
    earliest, latest = (f"r.{name}" for name in of.columns)
    source = chosen.rows(db, Clause(f"{earliest} <= ? AND {latest} >= ?", (last, first)))
    begun = f"CASE WHEN {earliest} < ? THEN ? ELSE {earliest} END"
    ended = f"CASE WHEN {latest} > ? THEN ? ELSE {latest} END"
    begins, ends = (
        db.rows(
            f"SELECT day, count(*) FROM (SELECT {day} AS day FROM {source.sql}) days GROUP BY day",
            (edge, edge, *source.values),
        )
        for day, edge in ((begun, first), (ended, last))
    )
    return dict(begins), dict(ends)


def _of_column(db: Database, chosen: Chosen, of: Filterable) -> Clause:
    column = f"r.{of.columns[0]}"
    source = chosen.rows(db, Clause(f"{column} IS NOT NULL"))
    return source._replace(
        sql=f"SELECT {column} AS value, count(*) AS records FROM {source.sql} GROUP BY {column}"
    )


def _of_terms(db: Database, chosen: Chosen, of: Filterable) -> Clause:
    having = terms(chosen.at, chosen.kind, of.terms)
    source = chosen.rows(db)
    return Clause(
        "SELECT t.value AS value, count(DISTINCT t.record) AS records"
        f" FROM {having.sql} AND t.record IN (SELECT r.id FROM {source.sql}) GROUP BY t.value",
        having.values + source.values,
    )
