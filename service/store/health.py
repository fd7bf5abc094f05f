"""Whether the store can answer, and what it is."""

from service.store.database import Database
from service.store.migrate import require_current


def ready(db: Database) -> None:
    """Raise `Unavailable` unless the database answers and is at this version."""
    require_current(db)
