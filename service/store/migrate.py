"""Bring a database to this version: numbered migrations, then what derives from the schemas."""

from pathlib import Path

from playhouse.migrations import Runner

from service.errors import Unavailable
from service.store import derived, revisions
from service.store.database import Database
from service.store.standings import judging

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(db: Database, processes: int = 1) -> list[str]:
    """Apply what is missing and return its names; safe to run again, at once, and after a kill.

    `processes` may judge what is much, 0 for one for each processor.
    """
    pending(db)
    with db.alone():
        done = list(_runner(db).up())
    done += [f"derived columns of {kind}" for kind in derived.renew(db)]
    names = [dataset.name for dataset in revisions.every_dataset(db)]
    return done + [f"judgements of {name}" for name in names if judging.keep(db, name, processes)]


def pending(db: Database) -> list[str]:
    """Return what `migrate` would do, and refuse a database of a newer version."""
    db.row("SELECT 1")
    status = _runner(db).status()
    newer = [migration.name for migration in status if migration.path is None]
    if newer:
        raise Unavailable(f"the store at {db.place} was migrated by a newer version ({newer[0]})")
    missing = [str(migration.name) for migration in status if not migration.applied]
    return missing or [f"derived columns of {kind}" for kind in derived.lagging(db)]


def require_current(db: Database) -> None:
    """Raise `Unavailable` unless the database is at this version."""
    if missing := pending(db):
        raise Unavailable(
            f"the store at {db.place} lacks {', '.join(missing)}: run `recension migrate`"
        )


def _runner(db: Database) -> Runner:
    return Runner(db.peewee, str(MIGRATIONS))
