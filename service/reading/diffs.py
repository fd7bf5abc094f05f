"""Net changes between two revisions of one dataset."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from service.model import Change, ChangeCounts, ChangeWord, Reading
from service.store import Database, changes
from service.store.changes import Only, Span

STEP = 1000
"""Changes of one short read of a stream."""

WINDOW = 50_000
"""Ids of changed records that a stream finds at once, and holds until it told them."""

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
) -> DiffPage:
    """Return the changes that follow a (kind, id). `old` may be the later one: the inverse."""
    # One change more than the page: its presence means that there is a next page.
    found = changes.between(db, _span(old, new), only, after, limit + 1)
    return DiffPage(found[:limit], counts(db, old, new, only), len(found) > limit)


class Stream:
    """Every change, in short reads of the two revisions."""

    def __init__(self, db: Database, old: Reading, new: Reading, only: Only = EVERYTHING) -> None:
        self._db, self._span, self._only = db, _span(old, new), only
        self._first = {kind: self._window(kind, "") for kind in changes.ordered(only.kinds)}

    @property
    def counts(self) -> ChangeCounts:
        """How many changes there are by kind and change word."""
        if any(len(window) == WINDOW for window in self._first.values()):
            return changes.counts(self._db, self._span, self._only)
        told = {kind: Counter(window.values()) for kind, window in self._first.items()}
        return {kind: dict(sorted(words.items())) for kind, words in told.items() if words}

    def __iter__(self) -> Iterator[Change]:
        """Yield each change by kind and id."""
        for kind, window in self._first.items():
            while window:
                names = list(window)
                for first in range(0, len(names), STEP):
                    yield from changes.told(self._db, self._span, kind, names[first : first + STEP])
                window = self._window(kind, names[-1]) if len(names) == WINDOW else {}

    def _window(self, kind: str, start: str) -> dict[str, ChangeWord]:
        return changes.words(self._db, self._span, self._only, kind, start, WINDOW)


def counts(db: Database, old: Reading, new: Reading, only: Only = EVERYTHING) -> ChangeCounts:
    """Return how many changes there are by kind and change word."""
    return changes.counts(db, _span(old, new), only)


def erased(db: Database, old: Reading, new: Reading, only: Only = EVERYTHING) -> Change | None:
    """Return the first change that cannot be told because a body was erased, or None."""
    if not old.dataset.redactions:
        return None
    found = changes.between(db, _span(old, new), replace(only, erased=True), None, 1)
    return found[0] if found else None


def _span(old: Reading, new: Reading) -> Span:
    return Span(old.dataset, old.revision.number, new.revision.number)
