"""What is kept of a published change: what comparing the two bodies says, and no more."""

from collections.abc import Iterator

import orjson
from hypothesis import given

from service.diff import expanded, fields
from service.model import DATASET, KINDS
from service.store import Database, changes, revisions
from service.store.changes import Only, Span
from service.store.tables import TABLES
from tests.steady import steady_store
from tests.store.histories import histories, publish_all
from tests.store.states import NAME, State, actors, publish

EVERY = 1000


def wrong(db: Database, name: str) -> list[str]:
    """Return the ids of versions of which something else is kept than their bodies say."""
    return [each for kind in (DATASET, *KINDS) for each in _wrong(db, name, kind)]


def _wrong(db: Database, name: str, kind: str) -> Iterator[str]:
    table, key = TABLES[kind], revisions.dataset(db, name).key
    rows = db.rows(
        f"SELECT n.id, o.body, n.body, n.fields FROM {table} n"  # noqa: S608
        f" LEFT JOIN {table} o ON o.dataset = n.dataset AND o.id = n.id AND o.until = n.since"
        " WHERE n.dataset = ?",
        (key,),
    )
    for record_id, old, new, kept in rows:
        told = old and orjson.dumps([field.told() for field in fields(old, new)]).decode()
        if told != (kept and expanded(kept, new)):
            yield record_id


@steady_store
@given(histories)
def test_each_version_that_follows_another_is_kept_with_what_differs(
    db: Database, history: list[State]
) -> None:
    name = publish_all(db, history)

    assert wrong(db, name) == []


def test_a_wrong_comparison_is_noticed(db: Database) -> None:
    # The control.
    for state in (actors("a", "b"), actors("a", "b", note="New.")):
        publish(db, state)
    with db.writing():
        db.run("UPDATE actors SET fields = '[]' WHERE id = 'b' AND fields IS NOT NULL")

    assert wrong(db, NAME) == ["b"]


@steady_store
@given(histories)
def test_what_is_kept_tells_what_the_bodies_do(db: Database, history: list[State]) -> None:
    name = publish_all(db, history)
    dataset = revisions.dataset(db, name)

    for old in range(1, len(history) + 1):
        for new in range(1, len(history) + 1):
            asked = Span(dataset, old, new), Only(), None, EVERY
            told, whole = (changes.between(db, *asked, of) for of in (changes.told, changes.whole))
            assert [(c.kind, c.id, c.change, c.new, c.new_digest, c.steps) for c in told] == [
                (c.kind, c.id, c.change, c.new, c.new_digest, c.steps) for c in whole
            ]
            assert [c.fields for c in told if c.old != ""] == [None for c in told if c.old != ""]
            once = {c.id for c in whole if c.change == "modified" and not c.steps}
            assert {c.id for c in told if c.fields is not None} == (once if old < new else set())


def test_what_was_found_before_its_redaction_is_not_told_from_what_was_kept(db: Database) -> None:
    for state in (actors("a"), actors("a", note="New.")):
        publish(db, state)
    span = Span(revisions.dataset(db, NAME), 1, 2)
    found = changes.found(db, span, Only(), "actors", "", EVERY)
    assert found == [("a", 4, 5)]
    with db.writing():
        db.run("UPDATE actors SET fields = NULL")

    (change,) = changes.told(db, span, "actors", found)

    assert change.old == '{"id":"a"}'
