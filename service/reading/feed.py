"""The change feed: every change of every revision, in one order that never changes."""

from typing import NamedTuple

from service.model import ChangeWord, Dataset
from service.store import Database, changes
from service.store.changes import Position


class Item(NamedTuple):
    """One change. `digest` and `body` are of the new state; None where it was removed."""

    revision: int
    change: ChangeWord
    kind: str
    id: str
    digest: str | None
    body: str | None

    @property
    def position(self) -> Position:
        """Where the feed goes on after this item."""
        return Position(self.revision, self.kind, self.id)


class FeedPage(NamedTuple):
    """Items in order of revision, kind (`dataset` first) and id, and whether more follow now."""

    items: list[Item]
    more: bool


def page(db: Database, dataset: Dataset, after: Position | None, limit: int) -> FeedPage:
    """Return the changes that follow a position; replayed from nothing they give the head."""
    found = [Item(*row) for row in changes.feed(db, dataset, after, limit + 1)]
    return FeedPage(found[:limit], len(found) > limit)
