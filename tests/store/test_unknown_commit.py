"""A COMMIT that fails says nothing of what was stored: only reading again does."""

from collections.abc import Callable

import peewee
import pytest

from service.errors import Unavailable
from service.store import Database, ingestions, publishing, revisions
from tests.store.states import NAME, prepared

STATE = {("actors", "a"): {"id": "a"}}


def failing(db: Database, *, after: bool) -> Callable[[], None]:
    """Return a COMMIT that raises once, before or after it took effect."""
    commit = db.peewee.commit

    def fail() -> None:
        db.peewee.commit = commit
        if after:
            commit()
        raise peewee.OperationalError("disk I/O error")

    return fail


def test_a_commit_that_took_effect_is_told_as_published(db: Database) -> None:
    with prepared(db, STATE, NAME, {}) as publication:
        db.peewee.commit = failing(db, after=True)
        publishing.publish(db, publication)

    dataset = revisions.dataset(db, NAME)
    assert dataset.head.number == 1
    assert ingestions.find(db, publication.ingestion.id) is not None


def test_a_commit_that_took_no_effect_is_told_as_lost_and_can_be_made_again(db: Database) -> None:
    with prepared(db, STATE, NAME, {}) as publication:
        db.peewee.commit = failing(db, after=False)
        with pytest.raises(Unavailable):
            publishing.publish(db, publication)
        assert revisions.find_dataset(db, NAME) is None
        assert ingestions.find(db, publication.ingestion.id) is None

        publishing.publish(db, publication)

    assert revisions.dataset(db, NAME).head.number == 1
