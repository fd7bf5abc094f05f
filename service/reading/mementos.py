"""The revisions that show how something was: all of a dataset's, or those that have a record."""

from typing import NamedTuple

from service.errors import NotFound
from service.model import Reading, Revision
from service.store import Database, records
from service.store import revisions as stored


class Found(NamedTuple):
    """Revisions, oldest first. `older` is the number below which more go on, if any do.

    `newer` says whether more follow.
    """

    revisions: list[Revision]
    older: int | None
    newer: bool


def before(
    db: Database, at: Reading, below: int | None, limit: int, record: tuple[str, str] | None
) -> Found:
    """Return revisions below a number (None: up to the head), of the newest `limit` that exist.

    Raises `NotFound` for a record that no revision has.
    """
    end = at.revision.number + 1
    top = min(end, below or end)
    page = stored.page(db, at.dataset, top, limit)
    low = page[-1].number if page else 1
    spans = _spans(db, at, *record) if record else [(1, end)]
    return Found(
        [each for each in reversed(page) if any(s <= each.number < u for s, u in spans)],
        low if any(since < low for since, _ in spans) else None,
        any(max(since, top) < min(until, end) for since, until in spans),
    )


def _spans(db: Database, at: Reading, kind: str, record_id: str) -> list[tuple[int, int]]:
    """Return from which revision to before which a record was there."""
    end = at.revision.number + 1
    versions = records.versions(db, at, kind, record_id)
    if not versions:
        raise NotFound(f"no revision of {at.dataset.name} has a record {kind}/{record_id}")
    return [(version.since, version.until or end) for version, _ in versions]
