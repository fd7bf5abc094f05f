"""Where the sources of a revision disagree: contested series, then events whose accounts clash."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from service.contested import Assessment, EventDispute, prominence, title
from service.contested.accounts import EventConflict
from service.errors import BadQuery
from service.model import Reading
from service.reading import judging
from service.reading.judging import Only
from service.reading.series import DatedStep, steps_of
from service.store import Database, revisions
from service.store import series as stored
from service.store.series import Window
from service.store.standings import listing, rows
from service.store.standings.accounts import Accounts
from service.store.standings.judging import require
from service.store.standings.listing import Ranked

Item = tuple[str, str]
"""`series` and a key, or `events` and an id."""

SORTS = ("series", "events")
"""What disagreements are about, in the order in which they are told."""


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


class Wanted(NamedTuple):
    """Which disagreements are asked for: about what, with which claims, without which sources."""

    about: tuple[str, ...] = SORTS
    only: Only = Only()
    without: tuple[str, ...] = ()


def page(db: Database, at: Reading, wanted: Wanted, after: Item | None, limit: int) -> Page:
    """Return the disagreements that follow one, series first, as they are ranked."""
    judging.require_sources(db, at, wanted.without)
    require(db, at)
    order: list[Item] = []
    total = 0
    for about in wanted.about:
        ranking = _Ranking(db, at, about, wanted)
        total += ranking.total
        if after is None or SORTS.index(about) >= SORTS.index(after[0]):
            start = after[1] if after and after[0] == about else None
            order += [(about, name) for name in ranking.following(start, limit + 1 - len(order))]
    shown = order[:limit]
    found = [*_of_series(db, at, shown, wanted.without), *_of_events(db, at, shown, wanted.without)]
    return Page(found, len(order) > limit, total, shown[-1] if shown else None)


def every(db: Database, at: Reading, wanted: Wanted) -> Iterator[Disagreement]:
    """Yield all disagreements that are asked for, read in short steps."""
    after: Item | None = None
    more = True
    while more:
        found = page(db, at, wanted, after, judging.BATCH)
        yield from found.found
        after, more = found.last, found.more


class _Ranking:
    """The order of what is contested: as it is kept, but for what leaving sources out changes."""

    def __init__(self, db: Database, at: Reading, about: str, wanted: Wanted) -> None:
        self._db, self._at, self._about = db, at, about
        self._only = judging.kept_only(db, at, wanted.only)._replace(status="contested")
        self._anew = _anew(db, at, about, wanted) if wanted.without else {}
        gone = listing.some(db, at, about, self._only, self._anew)
        here = [each for each in self._anew.values() if each]
        self.total = listing.count(db, at, about, self._only) - len(gone) + len(here)

    def following(self, name: str | None, limit: int) -> list[str]:
        """Return up to `limit` ids that come after one."""
        if limit <= 0:
            return []
        after = self._place(name) if name is not None else None
        many = limit + len(self._anew)
        kept = listing.ranked(self._db, self._at, self._about, self._only, after, many)
        order = [each for each in kept if each.id not in self._anew]
        order += [each for each in self._anew.values() if each and (not after or each > after)]
        return [each.id for each in sorted(order)[:limit]]

    def _place(self, name: str) -> Ranked:
        """Return where one stands in the order. Raises `BadQuery` where it does not."""
        if place := self._anew.get(name):
            return place
        for row in listing.some(self._db, self._at, self._about, self._only, [name]):
            return Ranked(row.content.rank, name)
        raise BadQuery("the cursor names nothing that is contested in this revision", "cursor")


def _anew(db: Database, at: Reading, about: str, wanted: Wanted) -> dict[str, Ranked | None]:
    """Return what rests on sources that are left out, judged without: None if it is contested no
    more. To leave an account out can settle a dispute, never begin one.
    """
    if about == "series":
        contested = wanted.only._replace(status="contested")
        series = judging.affected(db, at, wanted.only, wanted.without)
        return {
            key: Ranked(prominence(each), key) if judging.admits(contested, each) else None
            for key, each in series.items()
        }
    kept = judging.kept_only(db, at, wanted.only)._replace(status="contested")
    within = stored.only(at)
    fields = ["accounts.evidence.source"]
    told = stored.linking(db, within, "events", fields, "sources", wanted.without)
    events = [row.id for row in listing.some(db, at, about, kept, told)]
    accounts = Accounts(db, within, events)
    found = ((e, accounts.dispute(e, at.revision.number, wanted.without)) for e in events)
    return {event: Ranked(prominence(each), event) if each else None for event, each in found}


def _of_series(
    db: Database, at: Reading, shown: list[Item], without: Collection[str]
) -> Iterator[Disagreement]:
    keys = [name for about, name in shown if about == "series"]
    if not keys:
        return
    judged = dict(judging.assessments(db, at, keys, without))
    parts = [each.parts for each in judged.values()]
    names = judging.names_of(db, at, parts, judging.document(db, at))
    since = _since_of_series(db, at, keys, without)
    for key in keys:
        yield Disagreement(title(judged[key].parts, names), since[key], judged[key])


def _since_of_series(
    db: Database, at: Reading, keys: list[str], without: Collection[str]
) -> dict[str, Since]:
    if not without:
        return since_of(db, at, "series", keys)
    return {
        key: _last_run(at, [(each, each.step.status == "contested") for each in steps])
        for key, steps in steps_of(db, at, keys, without).items()
    }


def _last_run(at: Reading, told: list[tuple[DatedStep, bool]]) -> Since:
    """Return where the last unbroken run of disagreement begins."""
    first = Since(at.revision.number, at.revision.issued)
    for dated, disagree in reversed(told):
        if not disagree:
            break
        first = Since(dated.step.revision, dated.issued)
    return first


def since_of(db: Database, at: Reading, about: str, ids: list[str]) -> dict[str, Since]:
    """Return since when some have been contested in a revision without a break."""
    number = at.revision.number
    first = {
        row.id: row.contested or row.since
        for row in rows.standing(db, at.dataset, about, ids, number)
    }
    issued = revisions.issued(db, at.dataset, set(first.values()))
    return {name: Since(revision, issued[revision]) for name, revision in first.items()}


def _of_events(
    db: Database, at: Reading, shown: list[Item], without: Collection[str]
) -> Iterator[Disagreement]:
    events = [name for about, name in shown if about == "events"]
    if not events:
        return
    number = at.revision.number
    accounts = Accounts(db, stored.only(at), events)
    since = since_of(db, at, "events", events)
    past = Accounts(db, Window(at.dataset, 1, number), events) if without else None
    for name in events:
        event, about = accounts.event(name, number), accounts.dispute(name, number, without)
        if past:
            since[name] = _since_without(db, at, past, name, without)
        if event and about:
            yield Disagreement(event["title"], since[name], about)


def _since_without(
    db: Database, at: Reading, past: Accounts, event: str, without: Collection[str]
) -> Since:
    first = at.revision.number
    for number in reversed(past.turns(event)):
        if past.dispute(event, number, without) is None:
            break
        first = number
    return Since(first, revisions.issued(db, at.dataset, [first])[first])


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
