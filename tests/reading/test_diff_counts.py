"""The counts of a diff, which a process keeps: asked for once in a walk, and never of another."""

from uuid import uuid4

import pytest

from service.loader.redaction import redact
from service.model import ChangeCounts
from service.reading import diffs
from service.store import Database, changes
from service.store.changes import Only, Span
from tests.store.states import actors, at, publish

NOTE = Only(path="/note")


@pytest.fixture
def name(db: Database) -> str:
    """A dataset like no other, of three revisions: counts are kept by what a chain says."""
    name = f"counted-{uuid4().hex}"
    for number in range(3):
        publish(db, actors("a", "b", note=f"Note {number}."), name)
    return name


def test_pages_of_a_walk_count_once(
    db: Database, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Only] = []
    count = changes.counts

    def noted(db: Database, span: Span, only: Only) -> ChangeCounts:
        asked.append(only)
        return count(db, span, only)

    monkeypatch.setattr(changes, "counts", noted)

    for after in (None, ("actors", "a")):
        page = diffs.between(db, at(db, 1, name), at(db, 3, name), after=after, limit=1)
        assert page.counts == {"actors": {"modified": 2}}

    assert asked == [diffs.EVERYTHING]


def test_other_revisions_and_other_questions_have_their_own(db: Database, name: str) -> None:
    publish(db, actors("b", note="Note 2."), name)
    one, three, four = (at(db, number, name) for number in (1, 3, 4))

    assert diffs.counts(db, one, three) == {"actors": {"modified": 2}}
    assert diffs.counts(db, one, four) == {"actors": {"modified": 1, "removed": 1}}
    assert diffs.counts(db, four, one) == {"actors": {"added": 1, "modified": 1}}
    assert diffs.counts(db, one, four, Only(change="removed")) == {"actors": {"removed": 1}}


def test_what_was_erased_is_not_counted_as_before(db: Database, name: str) -> None:
    def counted() -> object:
        return diffs.counts(db, at(db, 1, name), at(db, 2, name), NOTE)

    assert counted() == {"actors": {"modified": 2}}
    redact(db, name, "actors", "a", "A witness is at risk.")

    assert counted() == {"actors": {"modified": 1}}
