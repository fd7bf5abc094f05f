"""Bringing a database to this version."""

from service.store import Database
from service.store.migrate import migrate, pending


def test_a_migrated_database_lacks_nothing(db: Database) -> None:
    assert pending(db) == []


def test_migrating_again_does_nothing(db: Database) -> None:
    assert migrate(db) == []
