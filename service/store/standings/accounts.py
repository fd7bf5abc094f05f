"""Events in each revision of a window, with what their accounts are compared by."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from service.contested import Around, EventDispute, around, dispute, hierarchy
from service.model import DATASET
from service.store import Database
from service.store import series as stored
from service.store.series import Window
from service.store.standings.materials import Turning, held_at, reached


class Accounts:
    """Some events in each revision of a window."""

    def __init__(self, db: Database, within: Window, events: Collection[str]) -> None:
        self.within = within
        self._events = list(stored.records(db, within, "events", events))
        accounts = [a for held in self._events for a in held.record.get("accounts", ())]
        sources = {run["source"] for account in accounts for run in account["evidence"]}
        self._sources = list(stored.records(db, within, "sources", sources))
        self._actors = reached(db, within, {who for each in accounts for who in _people(each)})
        self._documents = list(stored.records(db, within, DATASET, [within.dataset.name]))
        self._turning = Turning((*self._sources, *self._actors))
        self._at: dict[int, tuple[dict[str, Any], Around, set[str]]] = {}

    def event(self, event: str, number: int) -> Mapping[str, Any] | None:
        """Return an event of a revision, or None where it is not there."""
        return self._revision(number)[0].get(event)

    def dispute(
        self, event: str, number: int, without: Collection[str] = ()
    ) -> EventDispute | None:
        """Return what the accounts of an event clash on in a revision, or None."""
        events, surroundings, retracted = self._revision(number)
        record = events.get(event)
        return dispute(record, surroundings, {*without, *retracted}) if record else None

    def turns(self, event: str) -> list[int]:
        """Return the revisions at which an event, or what it rests on, changed, and the first."""
        low, high = self.within.low, self.within.high
        states = [held for held in self._events if held.id == event]
        accounts = [a for held in states for a in held.record.get("accounts", ())]
        resting_on = {run["source"] for account in accounts for run in account["evidence"]}
        resting_on |= {who for each in accounts for who in _people(each)}
        turns = self._turning.of([*states, *self._documents], resting_on)
        return sorted({low, *(turn for turn in turns if low < turn <= high)})

    def _revision(self, number: int) -> tuple[dict[str, Any], Around, set[str]]:
        """Return the events, what surrounds them, and the sources that were retracted."""
        if number not in self._at:
            (document,) = held_at(self._documents, number).values()
            surroundings = around(hierarchy(document), held_at(self._actors, number))
            sources = held_at(self._sources, number).items()
            gone = {name for name, source in sources if source.get("standing") == "retracted"}
            self._at[number] = (dict(held_at(self._events, number)), surroundings, gone)
        return self._at[number]


def _people(account: Mapping[str, Any]) -> Iterator[str]:
    yield from (each["actor"] for each in account.get("participants", ()))
