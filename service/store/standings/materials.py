"""What series rest on, read at once for many of them, and cut for each as judging it needs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from service.contested import Known, Material
from service.store import Database, revisions
from service.store import series as stored
from service.store.series import Held, Linked, Window

Record = Mapping[str, Any]


class Around(NamedTuple):
    """What holds in one revision beside figures: records by id, and figures that are retracted."""

    sources: dict[str, Record]
    actors: dict[str, Record]
    retracted: set[str]


class Materials:
    """What some series rest on, in each revision of a window."""

    def __init__(self, db: Database, within: Window, keys: Collection[str]) -> None:
        self.within = within
        self._figures: dict[str, list[Held]] = defaultdict(list)
        for key, figure in stored.figures(db, within, keys):
            self._figures[key].append(figure)
        figures = [figure for some in self._figures.values() for figure in some]
        ids = {figure.id for figure in figures}
        self._sources = list(stored.records(db, within, "sources", _sources(figures)))
        self._actors = reached(db, within, {*_asserters(figures), *_publishers(self._sources)})
        self._retractions = list(stored.retractions(db, within, ids))
        self._known = _known(db, within, ids)
        self._around: dict[int, Around] = {}

    def at(self, key: str, number: int) -> Material | None:
        """Return what a series rests on in a revision, or None where it has no figure there."""
        figures = [held.record for held in self._figures.get(key, ()) if held.at(number)]
        if not figures:
            return None
        around = self._around_at(number)
        return Material(figures, around.sources, around.actors, around.retracted, self._known)

    def turns(self, key: str) -> list[int]:
        """Return the revisions at which something that a series rests on changed, and the first."""
        low, high = self.within.low, self.within.high
        figures = self._figures.get(key, ())
        ids = {held.id for held in figures}
        turns = self._turning.of(figures, ids | _sources(figures) | _asserters(figures))
        return sorted({low, *(turn for turn in turns if low < turn <= high)})

    @cached_property
    def _turning(self) -> "Turning":
        return Turning((*self._sources, *self._actors), self._retractions)

    def _around_at(self, number: int) -> Around:
        if number not in self._around:
            self._around[number] = Around(
                held_at(self._sources, number),
                held_at(self._actors, number),
                {linked.target for linked in self._retractions if linked.at(number)},
            )
        return self._around[number]


class Turning:
    """The revisions at which records changed, with those that they lead on to."""

    def __init__(self, states: Iterable[Held], linked: Iterable[Linked] = ()) -> None:
        self._turns: dict[str, set[int]] = defaultdict(set)
        self._above: dict[str, set[str]] = defaultdict(set)
        for held in states:
            self._turns[held.id] |= {held.since, held.until}
            self._above[held.id].update(_above(held.record))
        for link in linked:
            self._turns[link.target] |= {link.since, link.until}

    def of(self, records: Iterable[Held], resting_on: Collection[str]) -> set[int]:
        """Return the revisions at which some records, or what they rest on, changed."""
        turns = {turn for held in records for turn in (held.since, held.until)}
        waiting, reached = set(resting_on), set[str]()
        while waiting:
            name = waiting.pop()
            reached.add(name)
            turns |= self._turns.get(name, set())
            waiting |= self._above.get(name, set()) - reached
        return turns


def held_at(states: Iterable[Held], number: int) -> dict[str, Record]:
    """Return id to record of what holds in a revision."""
    return {held.id: held.record for held in states if held.at(number)}


def reached(db: Database, within: Window, ids: Collection[str]) -> list[Held]:
    """Return actors with those whom they speak for or belong to, to the end."""
    found: list[Held] = []
    known: set[str] = set()
    waiting = set(ids)
    while waiting:
        states = list(stored.records(db, within, "actors", waiting))
        known |= waiting
        found += states
        waiting = {above for held in states for above in _above(held.record)} - known
    return found


def _above(record: Record) -> Iterator[str]:
    """Yield whom an actor speaks for or belongs to, and who publishes a source."""
    if "speaks_for" in record:
        yield record["speaks_for"]["actor"]
    if "publisher" in record:
        yield record["publisher"]
    yield from (role["body"] for role in record.get("roles", ()) if "body" in role)
    yield from (member["actor"] for member in record.get("member_of", ()))


def _sources(figures: Iterable[Held]) -> set[str]:
    return {figure.record["evidence"][0]["source"] for figure in figures}


def _asserters(figures: Iterable[Held]) -> set[str]:
    chains = (figure.record["attribution"] for figure in figures)
    return {chain[0]["actor"] for chain in chains if chain and "actor" in chain[0]}


def _publishers(sources: Iterable[Held]) -> set[str]:
    return {held.record["publisher"] for held in sources if "publisher" in held.record}


def _known(db: Database, within: Window, ids: Collection[str]) -> dict[str, Known]:
    first = stored.first_known(db, within.dataset, ids)
    issued = revisions.issued(db, within.dataset, set(first.values()))
    return {name: Known(number, issued[number]) for name, number in first.items()}
