"""What became contested between two revisions, and what was settled, and by what."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from service.contested import Assessment, EventDispute, SeriesChange, compare, title
from service.model import Reading
from service.reading import judging
from service.reading.disagreements import SORTS, Since, Wanted, conflict_in_words, since_of
from service.store import Database
from service.store import series as stored
from service.store.standings import listing
from service.store.standings.accounts import Accounts
from service.store.standings.judging import require
from service.store.standings.listing import Ranked

Turn = Literal["became_contested", "settled"]
TURNS: tuple[Turn, ...] = ("became_contested", "settled")

Item = tuple[str, str, str]
"""What it is about, the turn, and a key or an id."""


class Turned(NamedTuple):
    """A series or an event, called by its title, that is contested on one side only.

    `since` is told of what became contested; `by` names the figures, of an event the sources, that
    did it; `reason` says what clashes, or what a settled series comes to.
    """

    about: str
    id: str
    title: str
    turn: Turn
    since: Since | None
    by: tuple[str, ...]
    sources: tuple[str, ...]
    reason: str
    what: SeriesChange | EventDispute


class Page(NamedTuple):
    """What turned, in order: series first, what became contested before what was settled."""

    found: list[Turned]
    more: bool
    total: int
    last: Item | None


class Between(NamedTuple):
    """Two revisions; `old` may be the later one."""

    old: Reading
    new: Reading

    def ends(self, turn: str) -> tuple[Reading, Reading]:
        """Return where what turned so is contested, and where it is not."""
        return (self.new, self.old) if turn == TURNS[0] else (self.old, self.new)


def page(db: Database, between: Between, wanted: Wanted, after: Item | None, limit: int) -> Page:
    """Return what turned, after one that was told."""
    for reading in between:
        require(db, reading)
    sections = [(about, turn) for about in wanted.about for turn in TURNS]
    order: list[Item] = []
    total = 0
    for about, turn in sections:
        at, unless = between.ends(turn)
        only = judging.kept_only(db, at, wanted.only)._replace(status="contested")
        total += listing.count(db, at, about, only, unless)
        passed = after and (SORTS.index(about), TURNS.index(turn)) < (
            SORTS.index(after[0]), TURNS.index(after[1]))  # fmt: skip
        if not passed and len(order) <= limit:
            start = _place(db, at, only, after) if after and after[:2] == (about, turn) else None
            left = limit + 1 - len(order)
            found = listing.ranked(db, at, about, only, start, left, unless)
            order += [(about, turn, each.id) for each in found]
    shown = order[:limit]
    told = {**_series(db, between, shown), **_events(db, between, shown)}
    last = shown[-1] if shown else None
    return Page([told[item] for item in shown], len(order) > limit, total, last)


def _place(db: Database, at: Reading, only: listing.Only, item: Item) -> Ranked | None:
    for row in listing.some(db, at, item[0], only, [item[2]]):
        return Ranked(row.content.rank, row.id)
    return None


def _series(db: Database, between: Between, shown: list[Item]) -> dict[Item, Turned]:
    """Return the series among items, compared."""
    items = {item[2]: item for item in shown if item[0] == "series"}
    if not items:
        return {}
    old, new = (dict(judging.assessments(db, at, items)) for at in between)
    told = {}
    since = since_of(db, between.new, "series", [k for k, i in items.items() if i[1] == TURNS[0]])
    names: dict[str, str] = {}
    for at, judged in zip(between, (old, new), strict=True):
        parts = [each.parts for each in judged.values()]
        names |= judging.names_of(db, at, parts, judging.document(db, at))
    for key, item in items.items():
        change = compare(old.get(key), new.get(key))
        if change and change.turn:
            known = new.get(key) or old[key]
            reason = new[key].verdict.reason if key in new else "No claim is left."
            told[item] = Turned("series", key, title(known.parts, names), change.turn,
                                since.get(key), change.by, _sources(old.get(key), new.get(key)),
                                reason, change)  # fmt: skip
    return told


def _events(db: Database, between: Between, shown: list[Item]) -> dict[Item, Turned]:
    """Return the events among items, with the accounts that began or settled the dispute."""
    items = {item[2]: item for item in shown if item[0] == "events"}
    if not items:
        return {}
    sides = {at.revision.number: Accounts(db, stored.only(at), items) for at in between}
    since = since_of(db, between.new, "events", [k for k, i in items.items() if i[1] == TURNS[0]])
    told = {}
    for name, item in items.items():
        at, other = between.ends(item[1])
        number, beside = at.revision.number, other.revision.number
        event, before = sides[number].event(name, number), sides[beside].event(name, beside)
        about = sides[number].dispute(name, number)
        if event and about:
            turn = TURNS[TURNS.index(item[1])]
            words = " ".join(map(conflict_in_words, about.conflicts))
            reason = words if turn == TURNS[0] else f"No longer held against each other: {words}"
            by = tuple(sorted(_differing(event, before or {}, about)))
            told[item] = Turned("events", name, event["title"], turn, since.get(name), by,
                                tuple(sorted(_clashing(about))), reason, about)  # fmt: skip
    return told


def _differing(event: object, before: object, about: EventDispute) -> Iterator[str]:
    """Yield the sources of a dispute whose accounts the other revision has otherwise, or not."""
    one, other = _accounts(event), _accounts(before)
    yield from (source for source in _clashing(about) if one.get(source) != other.get(source))


def _clashing(about: EventDispute) -> set[str]:
    return {s for each in about.conflicts for who in each.answers.values() for s in who}


def _sources(*sides: Assessment | None) -> tuple[str, ...]:
    """Return the sources whose live claims clash where the series is contested."""
    contested = (each for each in sides if each and each.status == "contested")
    return tuple(sorted({c.source for each in contested for c in each.against}))


def _accounts(event: object) -> dict[str, object]:
    accounts = event.get("accounts", ()) if isinstance(event, dict) else ()
    return {account["evidence"][0]["source"]: account for account in accounts}
