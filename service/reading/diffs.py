"""Net changes between two revisions of one dataset."""

from typing import NamedTuple

from service.model import Change, ChangeCounts, ChangeWord, Reading
from service.store import Database, changes


class DiffPage(NamedTuple):
    """Changes by kind (`dataset` first) and id; counts of all that the question admits."""

    changes: list[Change]
    counts: ChangeCounts
    more: bool


def between(
    db: Database,
    old: Reading,
    new: Reading,
    kinds: tuple[str, ...] = changes.ORDER,
    change: ChangeWord | None = None,
    id: str | None = None,
    after: tuple[str, str] | None = None,
    limit: int = 100,
) -> DiffPage:
    """Return the changes that follow a (kind, id). `old` may be the later one: the inverse."""
    span = changes.Span(old.dataset, old.revision.number, new.revision.number)
    only = changes.Only(kinds, change, id)
    # One change more than the page: its presence means that there is a next page.
    found = changes.between(db, span, only, after, limit + 1)
    return DiffPage(found[:limit], changes.counts(db, span, only), len(found) > limit)
