"""Series and disagreements of a revision as lists: by key, or by prominence."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from schemas.filters import Filter
from service.contested import Parts, Prominence
from service.model import Reading
from service.store import filtering
from service.store.clauses import Clause
from service.store.database import Database
from service.store.series import listed
from service.store.standings.rows import SELECTED, Row, read


class Only(NamedTuple):
    """Which are asked for; None admits all. `said` are filters on where an actor stands in chains:
    of a series one figure, of an event some accounts must meet them.
    """

    measure: str | None = None
    group: str | None = None
    of: str | None = None
    place: str | None = None
    status: str | None = None
    said: tuple[Filter, ...] = ()

    @property
    def judged(self) -> bool:
        """Whether what is asked for depends on what is in view, and not on the key alone."""
        return self.status is not None or bool(self.said)


class Ranked(NamedTuple):
    """A place in the order of disagreements."""

    rank: Prominence
    id: str


def page(db: Database, at: Reading, only: Only, after: str, limit: int) -> list[Row]:
    """Return up to `limit` series that follow a key."""
    source = _rows(db, at, "series", only)
    rows = db.rows(
        f"SELECT {SELECTED} FROM {source.sql} AND s.id > ? ORDER BY s.id LIMIT ?",
        (*source.values, after, limit),
    )
    return [read(row) for row in rows]


def count(db: Database, at: Reading, about: str, only: Only, unless: Reading | None = None) -> int:
    """Return how many series, or events whose accounts clash, there are."""
    source = _rows(db, at, about, only, unless)
    return int(db.rows(f"SELECT count(*) FROM {source.sql}", source.values)[0][0])


def some(db: Database, at: Reading, about: str, only: Only, ids: Collection[str]) -> list[Row]:
    """Return those of some ids that are asked for."""
    source = _rows(db, at, about, only)
    return [
        read(row)
        for marks, few in listed(ids)
        for row in db.rows(
            f"SELECT {SELECTED} FROM {source.sql} AND s.id IN ({marks})", (*source.values, *few)
        )
    ]


def ranked(
    db: Database,
    at: Reading,
    about: str,
    only: Only,
    after: Ranked | None,
    limit: int,
    unless: Reading | None = None,
) -> list[Ranked]:
    """Return up to `limit` contested series, or clashing events, that follow a place."""
    source = _rows(db, at, about, only._replace(status="contested"), unless)
    follows, values = "", ()
    if after:
        follows = " AND (s.difference, s.breadth, s.size, s.id) > (?, ?, ?, ?)"
        values = (*after.rank, after.id)  # type: ignore[assignment]
    rows = db.rows(
        f"SELECT s.difference, s.breadth, s.size, s.id FROM {source.sql}{follows}"
        " ORDER BY s.difference, s.breadth, s.size, s.id LIMIT ?",
        (*source.values, *values, limit),
    )
    return [Ranked(Prominence(*rank), name) for *rank, name in rows]


def near(db: Database, at: Reading, key: str, limit: int) -> list[str]:
    """Return the keys that come before and after one."""
    source = _rows(db, at, "series", Only())
    rows = [
        row
        for compared, direction in (("<", " DESC"), (">", ""))
        for row in db.rows(
            f"SELECT s.id FROM {source.sql} AND s.id {compared} ? ORDER BY s.id{direction} LIMIT ?",
            (*source.values, key, limit),
        )
    ]
    return [name for (name,) in rows]


def within(
    db: Database, at: Reading, measures: Collection[str], of: Collection[str]
) -> list[Parts]:
    """Return the series of some measures and some events or actors."""
    source = _rows(db, at, "series", Only())
    wanted = ", ".join("?" * len(measures))
    return [
        read(row).content.parts
        for marks, few in listed(of)
        for row in db.rows(
            f"SELECT {SELECTED} FROM {source.sql} AND s.of_id IN ({marks})"
            f" AND s.measure || '' IN ({wanted})",
            (*source.values, *few, *sorted(measures)),
        )
    ]


COLUMNS = ("measure", "counted_group", "of_id", "place", "status")
"""The columns by which rows are asked for, each with an index, as the first members of `Only`."""

DEPTH = 1000
"""How far is looked into indexes for the rarest."""


def _rows(
    db: Database, at: Reading, about: str, only: Only, unless: Reading | None = None
) -> Clause:
    """Return what follows FROM: the rows `s` of a revision that are asked for.

    `unless` leaves out what is contested in another revision too.
    """
    number = at.revision.number
    asked = {column: text for column, text in zip(COLUMNS, only, strict=False) if text is not None}
    rarest = _rarest(db, at, about, asked) if db.engine == "sqlite" and len(asked) > 1 else None
    values: list[Any] = [at.dataset.key, about]
    conditions = ["s.dataset = ?", "s.about = ?"]
    for column, wanted in asked.items():
        kept = "" if rarest in (None, column) else "+"
        # The partial index of what is contested is used where the word stands in the question.
        is_contested = wanted == "contested" and column == "status"
        conditions.append(f"{kept}s.{column} = " + ("'contested'" if is_contested else "?"))
        values += [] if is_contested else [wanted]
    if only.said:
        said = _said(at, about, only.said)
        conditions.append(said.sql)
        values += said.values
    conditions.append("s.since <= ? AND s.until > ?")
    values += (number, number)
    if unless:
        conditions.append(
            "NOT EXISTS (SELECT 1 FROM standings o WHERE o.dataset = s.dataset"
            " AND o.about = s.about AND o.id = s.id AND o.status || '' = 'contested'"
            " AND o.since <= ? AND o.until > ?)"
        )
        values += (unless.revision.number,) * 2
    return Clause(f"standings s WHERE {' AND '.join(conditions)}", tuple(values))


def _rarest(db: Database, at: Reading, about: str, asked: Mapping[str, Any]) -> str:
    """Return the column of which the value that is asked for is the rarest. SQLite has no
    statistics here; the indexes of all are in the order of ids.
    """
    reach: dict[str, str] = {}
    for column, wanted in asked.items():
        found = db.rows(
            f"SELECT s.id FROM standings s WHERE s.dataset = ? AND s.about = ? AND s.{column} = ?"
            " ORDER BY s.id LIMIT 1 OFFSET ?",
            (at.dataset.key, about, wanted, DEPTH),
        )
        if not found:
            return column
        reach[column] = found[0][0]
    return max(reach, key=lambda column: reach[column])


def _said(at: Reading, about: str, filters: tuple[Filter, ...]) -> Clause:
    """Return the condition on where an actor stands in the chains of what it is about."""
    kind = "figures" if about == "series" else "events"
    each = [
        filtering.terms(at, kind, f.of.terms, "t.field", filtering.has_value(at, f))
        for f in filters
    ]
    if about == "events":
        conditions = " AND ".join(f"s.id IN (SELECT t.record FROM {c.sql})" for c in each)
        return Clause(conditions, tuple(value for c in each for value in c.values))
    both = " AND ".join(f"f.id IN (SELECT t.record FROM {c.sql})" for c in each)
    number = at.revision.number
    # Made once: PostgreSQL, which knows nothing yet of tables that were just filled, would look for
    # the figures anew at each series.
    return Clause(
        "s.id IN (WITH said AS MATERIALIZED (SELECT f.series FROM figures f WHERE f.dataset = ?"
        f" AND +f.since <= ? AND +f.until > ? AND f.series || '' > '' AND {both})"
        " SELECT said.series FROM said)",
        (at.dataset.key, number, number, *(value for c in each for value in c.values)),
    )
