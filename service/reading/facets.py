"""Counts for dashboards: by the values of a field, or by day."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from schemas.filters import Filterable
from service.errors import BadQuery
from service.store import Database, tallies
from service.store.tallies import Chosen

MOST_DAYS = 366
"""Days of one histogram."""

Days = tuple[str, str]
"""The first and the last day of a histogram."""


class Facet(NamedTuple):
    """How many records have each value of a field, the most frequent first.

    `more` values are left out, and `absent` records state none.
    """

    field: str
    values: list[tuple[Any, int]]
    more: int
    absent: int


class Histogram(NamedTuple):
    """How many records a date overlaps on each day; `absent` records state none."""

    field: str
    days: list[tuple[str, int]]
    absent: int


def by_value(db: Database, chosen: Chosen, of: Filterable) -> Facet:
    """Return the counts of the values of a field."""
    tally = tallies.values(db, chosen, of)
    return Facet(of.name, [(_plain(v), n) for v, n in tally.values], tally.more, tally.absent)


def by_day(db: Database, chosen: Chosen, of: Filterable, days: Days | None) -> Histogram:
    """Return the counts of each day of a date; without days given, of all days that records state.

    Raises `BadQuery` where they are too many.
    """
    stated = tallies.span(db, chosen, of)
    absent = tallies.absent(db, chosen, of)
    first, last = days or stated or ("", "")
    if not first:
        return Histogram(of.name, [], absent)
    _require_few(of.name, first, last)
    begins, ends = tallies.edges(db, chosen, of, first, last)
    counts, held = [], 0
    for day in _calendar(first, last):
        held += begins.get(day, 0)
        counts.append((day, held))
        held -= ends.get(day, 0)
    return Histogram(of.name, counts, absent)


def _calendar(first: str, last: str) -> Iterable[str]:
    start = date.fromisoformat(first)
    length = (date.fromisoformat(last) - start).days + 1
    return ((start + timedelta(days)).isoformat() for days in range(length))


def _require_few(field: str, first: str, last: str) -> None:
    # The year 0 of an open start is none of the calendar; it is too far from any end as well.
    known = first >= "0001" and last >= "0001"
    length = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1 if known else 0
    if not 0 < length <= MOST_DAYS:
        raise BadQuery(
            f"the days of {field} reach from {first} to {last}: narrow them to {MOST_DAYS} at most"
            " by days, as in days=2022-01-01/2022-01-31",
            "days",
        )


def _plain(value: Any) -> Any:
    """Return a number as records spell it: the column of a number is a double."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
