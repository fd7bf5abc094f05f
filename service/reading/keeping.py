"""Answers that are costly to find and never change: kept in the process, and bounded in number.

A revision changes by redaction alone. So what is kept of one is kept under its chain, which commits
to all that it says, and under the count of redactions.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

from service.model import Reading
from service.store import Database

T = TypeVar("T")

MOST = 8
"""Revisions of which something is kept at once."""


class Key(NamedTuple):
    """What an answer is kept under."""

    store: str
    dataset: int
    redactions: int
    chain: str

    def is_outdated_by(self, other: "Key") -> bool:
        """Say whether a record of the dataset was erased between: then nothing of it stays."""
        return self[:2] == other[:2] and self.redactions < other.redactions


@dataclass
class _Place(Generic[T]):
    """Where one answer is kept: whoever comes while it is being found waits for it."""

    lock: Lock = field(default_factory=Lock)
    found: list[T] = field(default_factory=list)


class Kept(Generic[T]):
    """What a function finds of revisions; of all that it found, the latest asked for are kept."""

    def __init__(self, find: Callable[[Database, Reading], T]) -> None:
        self._find = find
        self._places: OrderedDict[Key, _Place[T]] = OrderedDict()
        self._guard = Lock()

    def __call__(self, db: Database, at: Reading) -> T:
        """Return what the function finds of a revision."""
        dataset = at.dataset
        place = self._place(Key(db.place, dataset.key, dataset.redactions, at.revision.chain))
        with place.lock:
            if not place.found:
                place.found.append(self._find(db, at))
            return place.found[0]

    def _place(self, key: Key) -> _Place[T]:
        with self._guard:
            for outdated in [known for known in self._places if known.is_outdated_by(key)]:
                del self._places[outdated]
            place = self._places.setdefault(key, _Place())
            self._places.move_to_end(key)
            while len(self._places) > MOST:
                self._places.popitem(last=False)
            return place
