"""Net changes between two revisions of one dataset."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from service.model import Change, ChangeCounts, Reading
from service.store import Database, changes
from service.store.changes import Found, Only, Span

STEP = 1000
"""Changes of one short read of a stream."""

WINDOW = 131_072
"""Changed records of a kind that a stream finds at once, and holds: some 20 MB. To find those that
follow takes as long again.
"""

KEPT = 256
"""Counts that a process keeps."""

EVERYTHING = Only()


class DiffPage(NamedTuple):
    """Changes by kind (`dataset` first) and id; counts of all that the question admits."""

    changes: list[Change]
    counts: ChangeCounts
    more: bool


def between(
    db: Database,
    old: Reading,
    new: Reading,
    only: Only = EVERYTHING,
    after: tuple[str, str] | None = None,
    limit: int = 100,
    *,
    whole: bool = True,
) -> DiffPage:
    """Return the changes that follow a (kind, id). `old` may be the later one: the inverse.

    Where they need not be `whole`, those come without bodies of which it is kept what differs.
    """
    # One change more than the page: its presence means that there is a next page.
    tell = changes.whole if whole else changes.told
    found = changes.between(db, _span(old, new), only, after, limit + 1, tell)
    counted = _counted(old, new, only) or counts(db, old, new, only)
    return DiffPage(found[:limit], counted, len(found) > limit)


class Stream:
    """Every change, in short reads of the two revisions; `whole` as for a page."""

    def __init__(
        self,
        db: Database,
        old: Reading,
        new: Reading,
        only: Only = EVERYTHING,
        *,
        whole: bool = True,
    ) -> None:
        self._db, self._span, self._only = db, _span(old, new), only
        self._tell = changes.whole if whole else changes.told
        self._counted = _counted(old, new, only)
        # What has to be counted is found first.
        kinds = () if self._counted else changes.ordered(only.kinds)
        self._first = {kind: self._window(kind, "") for kind in kinds}

    @property
    def counts(self) -> ChangeCounts:
        """How many changes there are by kind and change word."""
        if self._counted:
            return self._counted
        if any(len(window) == WINDOW for window in self._first.values()):
            return changes.counts(self._db, self._span, self._only)
        windows = self._first.items()
        return {kind: changes.summed(self._span, found) for kind, found in windows if found}

    def __iter__(self) -> Iterator[Change]:
        """Yield each change by kind and id."""
        for kind in changes.ordered(self._only.kinds):
            found = self._first[kind] if kind in self._first else self._window(kind, "")
            while found:
                for first in range(0, len(found), STEP):
                    yield from self._tell(self._db, self._span, kind, found[first : first + STEP])
                found = self._window(kind, found[-1][0]) if len(found) == WINDOW else []

    def _window(self, kind: str, start: str) -> list[Found]:
        return changes.found(self._db, self._span, self._only, kind, start, WINDOW)


def counts(db: Database, old: Reading, new: Reading, only: Only = EVERYTHING) -> ChangeCounts:
    """Return how many changes there are by kind and change word."""
    head = new.dataset.head.chain
    asked = _Asked(old.revision.chain, new.revision.chain, head, only, _span(old, new), db)
    return _counts(asked)


@dataclass(frozen=True)
class _Asked:
    """Changes that are counted: between two revisions there are as many until something is erased,
    by which the head becomes another. The chains tell all three, whatever the database.
    """

    old: str
    new: str
    head: str
    only: Only
    span: Span = field(compare=False)
    db: Database = field(compare=False)


@lru_cache(maxsize=KEPT)
def _counts(asked: _Asked) -> ChangeCounts:
    """Return the counts. A walk asks at each page, and to count takes up to ten times a page."""
    return changes.counts(asked.db, asked.span, asked.only)


def _counted(old: Reading, new: Reading, only: Only) -> ChangeCounts | None:
    """Return the counts that a revision tells of what it made of the one before, if asked for."""
    follows = new.revision.number == old.revision.number + 1
    return new.revision.changes if follows and only == EVERYTHING else None


def erased(db: Database, old: Reading, new: Reading, only: Only = EVERYTHING) -> Change | None:
    """Return the first change that cannot be told because a body was erased, or None."""
    if not old.dataset.redactions:
        return None
    found = changes.between(db, _span(old, new), replace(only, erased=True), None, 1)
    return found[0] if found else None


def _span(old: Reading, new: Reading) -> Span:
    return Span(old.dataset, old.revision.number, new.revision.number)
