"""Where the sources of a revision disagree: contested series, then events whose accounts clash."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from service.contested import (
    Around,
    Assessment,
    EventDispute,
    around,
    dispute,
    hierarchy,
    ranked,
    ranked_disputes,
    title,
)
from service.contested.accounts import EventConflict
from service.model import DATASET, Reading
from service.reading import judging
from service.reading.keeping import Kept
from service.reading.materials import Materials, held_at, reached
from service.reading.series import distinct
from service.store import Database, records, revisions
from service.store import series as stored
from service.store.series import Held, Window

Item = tuple[str, str]
"""`series` and a key, or `events` and an id."""


class Since(NamedTuple):
    """The revision from which on there is a disagreement, and the instant that it stands for."""

    revision: int
    issued: str


class Disagreement(NamedTuple):
    """A contested series or an event, called by its title, since when, and what is said of it."""

    title: str
    since: Since
    about: Assessment | EventDispute


class Page(NamedTuple):
    """Disagreements in order, whether more follow, how many there are, and the last one told."""

    found: list[Disagreement]
    more: bool
    total: int
    last: Item | None


def page(
    db: Database, at: Reading, without: tuple[str, ...], after: Item | None, limit: int
) -> Page:
    """Return the disagreements that follow one, series first, as they are ranked."""
    judging.require_sources(db, at, without)
    series = ranked(judging.judgement_without(db, at, without).contested.values())
    disputes = _ranked_events(db, at, without)
    order: list[Item] = [("series", each.parts.key) for each in series]
    order += [("events", each.event) for each in disputes]
    start = order.index(after) + 1 if after in order else 0
    shown = order[start : start + limit]
    contested = [each for each in series if ("series", each.parts.key) in shown]
    clashing = [each for each in disputes if ("events", each.event) in shown]
    found = [*_of_series(db, at, contested, without), *_of_events(db, at, clashing, without)]
    return Page(found, start + limit < len(order), len(order), shown[-1] if shown else None)


def _of_series(
    db: Database, at: Reading, series: list[Assessment], without: Collection[str]
) -> Iterator[Disagreement]:
    names = judging.names_of(db, at, [each.parts for each in series])
    for each in series:
        materials = Materials(db, _all_until(at), [each.parts.key])
        steps = distinct(materials, each.parts.key, without)
        told = [(step.revision, step.status == "contested") for step in steps]
        yield Disagreement(title(each.parts, names), _since(db, at, told), each)


def _since(db: Database, at: Reading, told: list[tuple[int, bool]]) -> Since:
    """Return where the last unbroken run of disagreement begins."""
    first = at.revision.number
    for number, disagree in reversed(told):
        if not disagree:
            break
        first = number
    return Since(first, revisions.issued(db, at.dataset, [first])[first])


def _ranked_events(db: Database, at: Reading, without: Collection[str]) -> list[EventDispute]:
    """Return the disputes of a revision; to leave a source out can settle one, never begin one."""
    every = _disputes(db, at)
    if not without:
        return ranked_disputes(every)
    accounts = Accounts(db, stored.only(at), [each.event for each in every])
    anew = (accounts.dispute(each.event, at.revision.number, without) for each in every)
    return ranked_disputes(each for each in anew if each)


def _all_disputes(db: Database, at: Reading) -> tuple[EventDispute, ...]:
    found: list[EventDispute] = []
    for some in _batches(db, at):
        accounts = Accounts(db, stored.only(at), some)
        disputes = (accounts.dispute(each, at.revision.number) for each in some)
        found += [each for each in disputes if each]
    return tuple(found)


_disputes = Kept(_all_disputes)
"""The events of a revision whose accounts clash."""


def _batches(db: Database, at: Reading) -> Iterator[list[str]]:
    some: list[str] = []
    for record_id, _ in records.stream(db, at, "events"):
        some.append(record_id)
        if len(some) == judging.BATCH:
            yield some
            some = []
    yield some


def _of_events(
    db: Database, at: Reading, disputes: list[EventDispute], without: Collection[str]
) -> Iterator[Disagreement]:
    for each in disputes:
        accounts = Accounts(db, _all_until(at), [each.event])
        told = [
            (number, accounts.dispute(each.event, number, without) is not None)
            for number in accounts.turns()
        ]
        event = accounts.event(each.event, at.revision.number)
        yield Disagreement(event["title"], _since(db, at, told), each)


def _all_until(at: Reading) -> Window:
    return Window(at.dataset, 1, at.revision.number)


class Accounts:
    """Some events in each revision of a window, with what their accounts are compared by."""

    def __init__(self, db: Database, within: Window, events: Collection[str]) -> None:
        self.within = within
        self._events = list(stored.records(db, within, "events", events))
        accounts = [a for held in self._events for a in held.record.get("accounts", ())]
        sources = {run["source"] for account in accounts for run in account["evidence"]}
        self._sources = list(stored.records(db, within, "sources", sources))
        self._actors = reached(db, within, {who for each in accounts for who in _people(each)})
        self._documents = list(stored.records(db, within, DATASET, [within.dataset.name]))
        self._around: dict[int, Around] = {}

    def event(self, event: str, number: int) -> Mapping[str, Any]:
        """Return an event of a revision."""
        return held_at(self._events, number)[event]

    def dispute(
        self, event: str, number: int, without: Collection[str] = ()
    ) -> EventDispute | None:
        """Return what the accounts of an event clash on in a revision, or None."""
        record = next((h.record for h in self._events if h.id == event and h.at(number)), None)
        if record is None:
            return None
        retracted = {
            name
            for name, source in held_at(self._sources, number).items()
            if source.get("standing") == "retracted"
        }
        return dispute(record, self._around_at(number), {*without, *retracted})

    def turns(self) -> list[int]:
        """Return the revisions of the window at which something of all this changed."""
        beside: list[Held] = [*self._events, *self._sources, *self._actors, *self._documents]
        turns = {turn for held in beside for turn in (held.since, held.until)}
        low, high = self.within.low, self.within.high
        return sorted({low, *(turn for turn in turns if low <= turn <= high)})

    def _around_at(self, number: int) -> Around:
        if number not in self._around:
            (document,) = held_at(self._documents, number).values()
            self._around[number] = around(hierarchy(document), held_at(self._actors, number))
        return self._around[number]


def _people(account: Mapping[str, Any]) -> Iterator[str]:
    yield from (each["actor"] for each in account.get("participants", ()))


def conflict_in_words(conflict: EventConflict) -> str:
    """Return a sentence that says who says what."""
    aspect = _ASPECTS[conflict.aspect]
    answers = "; ".join(
        f"{answer.replace('_', ' ')} ({', '.join(sources)})"
        for answer, sources in conflict.answers.items()
    )
    return f"{aspect}: {answers}."


_ASPECTS = {
    "date": "When it was",
    "place": "Where it was",
    "participants": "Who did it",
    "sub_event_type": "What sort of thing it was",
    "status": "How far it came",
}
