"""The history of a dataset, newest first."""

from service.model import Dataset, Revision
from service.store import Database
from service.store import revisions as stored


def page(db: Database, dataset: Dataset, before: int | None, limit: int) -> list[Revision]:
    """Return up to `limit` revisions below a number (None: from the head), newest first."""
    return stored.page(db, dataset, before, limit)
