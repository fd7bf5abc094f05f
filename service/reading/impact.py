"""What rests on a source: records with evidence of it, series that it decides, sources from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from service.contested import EventDispute, SeriesChange, compare
from service.model import KINDS, Reading
from service.reading import judging, records
from service.store import Database
from service.store import series as stored
from service.store.standings import rows
from service.store.standings.accounts import Accounts
from service.store.standings.judging import require

MOST = 1000
"""Ids of one kind that are told, and series that are judged; of more it is told how many."""


class Resting(NamedTuple):
    """The first records of a kind that have evidence of a source, and how many there are."""

    ids: list[str]
    total: int


@dataclass(frozen=True)
class Impact:
    """What rests on a source. Of `claimed` series that have claims of it, `judged` were judged.

    `changes` are those of them whose status or span is another without it, `settled` the disputes
    about events that are none without it.
    """

    source: str
    standing: str
    records: dict[str, Resting]
    changes: list[SeriesChange]
    settled: list[EventDispute]
    claimed: int
    judged: int
    derived: list[str]


def of(db: Database, at: Reading, source: str) -> Impact:
    """Return what rests on a source. Raises `NotFound`, and `Gone` for a stub."""
    record = orjson.loads(records.one(db, at, "sources", source).body)
    series = stored.of_sources(db, at, [source])
    judged = series[:MOST]
    resting = {kind: Resting(*stored.resting(db, at, kind, source, MOST)) for kind in KINDS}
    return Impact(
        source=source,
        standing=record["standing"],
        records={kind: each for kind, each in resting.items() if each.total},
        changes=list(_changes(db, at, judged, source)),
        settled=list(_settled(db, at, source)),
        claimed=len(series),
        judged=len(judged),
        derived=stored.derived_from(db, at, source),
    )


def _settled(db: Database, at: Reading, source: str) -> Iterator[EventDispute]:
    """Yield the disputes about events that end where its account is left out; none can begin."""
    require(db, at)
    within, number = stored.only(at), at.revision.number
    fields = ["accounts.evidence.source"]
    told = stored.linking(db, within, "events", fields, "sources", [source])
    clashing = [row.id for row in rows.standing(db, at.dataset, "events", told, number)][:MOST]
    accounts = Accounts(db, within, sorted(clashing))
    for event in sorted(clashing):
        about = accounts.dispute(event, number)
        if about and accounts.dispute(event, number, [source]) is None:
            yield about


def _changes(db: Database, at: Reading, keys: list[str], source: str) -> Iterator[SeriesChange]:
    every = judging.assessments(db, at, keys)
    without = judging.assessments(db, at, keys, [source])
    for (_, before), (_, after) in zip(every, without, strict=True):
        change = compare(before, after)
        if change and (change.old_status, change.old_span) != (change.new_status, change.new_span):
            yield change
