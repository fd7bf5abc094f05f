"""What series rest on: their figures, the records that these refer to, and what retracts them.

A window is a span of revisions: what is read holds in some of them, so that one reading serves a
single revision, two that are compared, or the whole way to a state.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from service.diff import may_tell
from service.model import Dataset, Reading
from service.store.database import Database
from service.store.narrowing import EVIDENCE
from service.store.tables import OPEN, TABLES

AT = "+since <= ? AND +until > ?"
"""As that of `tables`; the plus keeps planners from the indexes of the ends: nearly all rows hold.
So does `|| ''` after a kind, where few records are looked for by what they refer to.
"""

IN_A_SERIES = "series || '' > ''"
"""Holds of a figure that is no stub. As `AT`: a planner would rather go through the index of all
series than look up some figures, and so it would to tell each series once.
"""

ENDS = ("dataset = ? AND since > ? AND since <= ?",
        f"dataset = ? AND until > ? AND until <= ? AND until < {OPEN}")  # fmt: skip
"""Hold of what began, and of what ended, after one revision and by another; the number lets SQLite
use the index of the ends.
"""

STEP = 500
"""Values that one question lists."""

MATTERING = {
    "sources": ("publisher", "published", "standing"),
    "actors": ("anonymity", "actor_type", "speaks_for", "roles"),
}
"""Kind to the members of its records on which a judgement of series rests."""


class Window(NamedTuple):
    """The revisions from `low` to `high` of a dataset."""

    dataset: Dataset
    low: int
    high: int

    @property
    def bounds(self) -> tuple[int, int]:
        """The parameters of `AT`, by which what holds in some of the revisions is found."""
        return (self.high, self.low)


def only(at: Reading) -> Window:
    """Return the window of one revision."""
    return Window(at.dataset, at.revision.number, at.revision.number)


class Held(NamedTuple):
    """A record, and from which revision to before which it was so."""

    id: str
    record: dict[str, Any]
    since: int
    until: int

    def at(self, number: int) -> bool:
        """Say whether it was so in a revision."""
        return self.since <= number < self.until


def figures(db: Database, within: Window, keys: Collection[str]) -> Iterator[tuple[str, Held]]:
    """Yield (series, figure) for the figures of some series."""
    for marks, some in listed(keys):
        rows = db.rows(
            "SELECT series, id, body, since, until FROM figures"
            # Without `|| ''` SQLite goes through all figures by id for the order of one series.
            f" WHERE dataset = ? AND series IN ({marks}) AND {AT}"
            " ORDER BY series, id || '', since",
            (within.dataset.key, *some, *within.bounds),
        )
        yield from ((key, _held(*row)) for key, *row in rows)


def records(db: Database, within: Window, kind: str, ids: Collection[str]) -> Iterator[Held]:
    """Yield the states of some records."""
    for marks, some in listed(ids):
        rows = db.rows(
            f"SELECT id, body, since, until FROM {TABLES[kind]}"
            f" WHERE dataset = ? AND id IN ({marks}) AND {AT} ORDER BY id, since",
            (within.dataset.key, *some, *within.bounds),
        )
        yield from (_held(*row) for row in rows)


def _held(record_id: str, body: str, since: int, until: int) -> Held:
    return Held(record_id, orjson.loads(body), since, until)


class Linked(NamedTuple):
    """A reference from a record to another, and from which revision to before which it stood."""

    record: str
    target: str
    since: int
    until: int

    def at(self, number: int) -> bool:
        """Say whether it stood in a revision."""
        return self.since <= number < self.until


def retractions(db: Database, within: Window, ids: Collection[str]) -> Iterator[Linked]:
    """Yield which events retract which of some figures."""
    for marks, some in listed(ids):
        rows = db.rows(
            "SELECT record, target, since, until FROM links WHERE dataset = ?"
            f" AND target_kind = 'figures' AND target IN ({marks})"
            f" AND kind || '' = 'events' AND field = 'relations.retracts' AND {AT}",
            (within.dataset.key, *some, *within.bounds),
        )
        yield from (Linked(*row) for row in rows)


def first_known(db: Database, of: Dataset, ids: Collection[str]) -> dict[str, int]:
    """Return figure to the first revision that had it."""
    known: dict[str, int] = {}
    for marks, some in listed(ids):
        known |= db.rows(
            f"SELECT id, min(since) FROM figures WHERE dataset = ? AND id IN ({marks}) GROUP BY id",
            (of.key, *some),
        )
    return known


def series_of(db: Database, within: Window, ids: Collection[str]) -> dict[str, str]:
    """Return figure to series, of those that are no stubs."""
    found: dict[str, str] = {}
    for marks, some in listed(ids):
        found |= db.rows(
            "SELECT id, series FROM figures"
            f" WHERE dataset = ? AND id IN ({marks}) AND {IN_A_SERIES} AND {AT}",
            (within.dataset.key, *some, *within.bounds),
        )
    return found


def of_sources(db: Database, at: Reading, sources: Collection[str]) -> list[str]:
    """Return the series that have a figure with evidence of one of some sources, by key."""
    return sorted(_series_linked(db, only(at), ["evidence.source"], "sources", sources))


def touched(db: Database, within: Window) -> set[str]:
    """Return the series of which something that they rest on changed after `low`, by `high`.

    What came and went between the two may be among them.
    """
    low, high = within.low, within.high
    ends = (within.dataset.key, low, high)
    keys: set[str] = set()
    for end in ENDS:
        figures = f"SELECT series FROM figures WHERE {end} AND {IN_A_SERIES}"
        keys |= {key for (key,) in db.rows(figures, ends)}
        retracted = db.rows(
            "SELECT DISTINCT target FROM links WHERE dataset = ? AND kind = 'events'"
            f" AND field = 'relations.retracts' AND record IN (SELECT id FROM events WHERE {end})",
            (within.dataset.key, *ends),
        )
        keys |= _series_of(db, within, [figure for (figure,) in retracted])
    actors = _spoken_for(db, within, changed(db, within, "actors", MATTERING["actors"]))
    sources = changed(db, within, "sources", MATTERING["sources"])
    sources |= linking(db, within, "sources", ["publisher"], "actors", actors)
    keys |= _series_linked(db, within, ["attribution.actor"], "actors", actors)
    return keys | _series_linked(db, within, ["evidence.source"], "sources", sources)


def resting_on(db: Database, of: Dataset, kind: str, record_id: str) -> set[str]:
    """Return the series that rest on a record, or ever did."""
    within = Window(of, 1, of.head.number)
    if kind == "figures":
        rows = db.rows(
            f"SELECT series FROM figures WHERE dataset = ? AND id = ? AND {IN_A_SERIES}",
            (of.key, record_id),
        )
        return {key for (key,) in rows}
    if kind == "events":
        rows = db.rows(
            "SELECT DISTINCT target FROM links WHERE dataset = ? AND kind = 'events'"
            " AND record = ? AND field = 'relations.retracts'",
            (of.key, record_id),
        )
        return _series_of(db, within, [figure for (figure,) in rows])
    if kind == "sources":
        return _series_linked(db, within, ["evidence.source"], "sources", [record_id])
    actors = _spoken_for(db, within, {record_id})
    sources = linking(db, within, "sources", ["publisher"], "actors", actors)
    keys = _series_linked(db, within, ["attribution.actor"], "actors", actors)
    return keys | _series_linked(db, within, ["evidence.source"], "sources", sources)


def changed(db: Database, within: Window, kind: str, members: Sequence[str]) -> set[str]:
    """Return the records of a kind of which some members changed."""
    # What was another thing before: of a first revision that is nothing, though all of it is new.
    before = (
        f"SELECT 1 FROM {TABLES[kind]} p WHERE p.dataset = r.dataset AND p.id = r.id"
        " AND p.since < r.since AND p.until > ?"
    )
    rows = db.rows(
        f"SELECT r.id, r.fields FROM {TABLES[kind]} r WHERE r.dataset = ?"
        " AND r.since > ? AND r.since <= ?"
        f" AND (r.fields IS NOT NULL OR EXISTS ({before}))",
        (within.dataset.key, within.low, within.high, within.low),
    )
    # Bodies are read only where what is kept of a change does not rule it out.
    names = {name for name, fields in rows if fields is None or may_tell(fields, members)}
    states: dict[str, set[bytes]] = {}
    for held in records(db, within, kind, names):
        mattering = [held.record.get(member) for member in members]
        states.setdefault(held.id, set()).add(orjson.dumps(mattering))
    return {name for name, told in states.items() if len(told) > 1}


def _spoken_for(db: Database, within: Window, actors: set[str]) -> set[str]:
    """Return actors with all that speak for one of them or hold an office in one."""
    return leading_to(db, within, actors, ["speaks_for.actor", "roles.body"])


def leading_to(db: Database, within: Window, actors: set[str], fields: Sequence[str]) -> set[str]:
    """Return actors with all that refer to one of them in some fields, at any remove."""
    found, waiting = set(actors), set(actors)
    while waiting:
        waiting = linking(db, within, "actors", fields, "actors", waiting) - found
        found |= waiting
    return found


def speakers(db: Database, at: Reading, voice: str) -> list[str]:
    """Return the actors whose word is in the end that of an actor, who speaks for nobody else."""
    number = at.revision.number
    speaks_for_another = db.row(
        "SELECT 1 FROM links WHERE dataset = ? AND kind = 'actors' AND record = ?"
        f" AND field = 'speaks_for.actor' AND {AT}",
        (at.dataset.key, voice, number, number),
    )
    if speaks_for_another:
        return []
    return sorted(leading_to(db, only(at), {voice}, ["speaks_for.actor"]))


def linking(
    db: Database,
    within: Window,
    kind: str,
    fields: Sequence[str],
    target_kind: str,
    targets: Collection[str],
) -> set[str]:
    """Return the records of a kind that refer to some records in one of some fields."""
    found: set[str] = set()
    of = ", ".join("?" * len(fields))
    for marks, some in listed(targets):
        rows = db.rows(
            f"SELECT DISTINCT record FROM links WHERE dataset = ? AND target_kind = ?"
            f" AND target IN ({marks}) AND kind || '' = ? AND field IN ({of}) AND {AT}",
            (within.dataset.key, target_kind, *some, kind, *fields, *within.bounds),
        )
        found |= {name for (name,) in rows}
    return found


def _series_linked(
    db: Database,
    within: Window,
    fields: Sequence[str],
    target_kind: str,
    targets: Collection[str],
) -> set[str]:
    return _series_of(db, within, linking(db, within, "figures", fields, target_kind, targets))


def _series_of(db: Database, within: Window, ids: Collection[str]) -> set[str]:
    return {
        key
        for marks, some in listed(ids)
        for (key,) in db.rows(
            "SELECT series FROM figures"
            f" WHERE dataset = ? AND id IN ({marks}) AND {IN_A_SERIES} AND {AT}",
            (within.dataset.key, *some, *within.bounds),
        )
    }


def listed(values: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield values in lists short enough for one question, each with its marks."""
    every = sorted(values)
    for start in range(0, len(every), STEP):
        some = every[start : start + STEP]
        yield ", ".join("?" * len(some)), some


def resting(db: Database, at: Reading, kind: str, source: str, most: int) -> tuple[list[str], int]:
    """Return the first records of a kind that have evidence of a source, and how many have."""
    number = at.revision.number
    having = (
        "FROM links WHERE dataset = ? AND target_kind = 'sources' AND target = ?"
        f" AND kind || '' = ? AND field LIKE ? AND {AT}"
    )
    values = (at.dataset.key, source, kind, EVIDENCE, number, number)
    rows = db.rows(f"SELECT DISTINCT record {having} ORDER BY record LIMIT ?", (*values, most))
    count = db.row(f"SELECT count(DISTINCT record) {having}", values)
    return [record for (record,) in rows], int(count[0]) if count else 0


def derived_from(db: Database, at: Reading, source: str) -> list[str]:
    """Return the sources that draw on a source, at any remove, by id."""
    found: set[str] = set()
    waiting = {source}
    while waiting:
        derived = linking(db, only(at), "sources", ["derived_from.source"], "sources", waiting)
        waiting = derived - found
        found |= waiting
    return sorted(found)
