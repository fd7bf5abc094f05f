"""A publication is seen whole or not at all, and the head only ever moves by one."""

from collections.abc import Iterator

import peewee
import pytest

from service import canonical
from service.errors import HeadMoved, NotFound
from service.model import DATASET, Reason
from service.store import Database, ingestions, open_database, publishing, revisions
from service.store.staging import Draft, staging
from tests.store.states import NAME, actors, at, census, prepared, publish


@pytest.fixture
def other(database_url: str) -> Iterator[Database]:
    """A second connection to the same store, as another process has."""
    database = open_database(database_url)
    yield database
    database.close()


def test_an_empty_store_has_no_datasets(db: Database) -> None:
    assert revisions.every_dataset(db) == []
    assert revisions.find_dataset(db, NAME) is None


def test_a_missing_dataset_is_named_and_that_none_exists(db: Database) -> None:
    with pytest.raises(NotFound) as caught:
        revisions.dataset(db, "nowhere")

    assert caught.value.message == "there is no dataset 'nowhere'; the datasets are: none yet"


def test_a_missing_dataset_is_named_with_those_that_exist(db: Database) -> None:
    publish(db, {}, "beta")
    publish(db, {}, "alpha")

    with pytest.raises(NotFound) as caught:
        revisions.dataset(db, "nowhere")

    assert caught.value.message == "there is no dataset 'nowhere'; the datasets are: alpha, beta"


@pytest.mark.parametrize("number", [-1, 0, 3, 2**40])
def test_a_missing_revision_is_named_with_those_that_exist(db: Database, number: int) -> None:
    publish(db, {})
    first = revisions.dataset(db, NAME)
    publish(db, actors("a"))

    with pytest.raises(NotFound) as caught:
        revisions.revision(db, revisions.dataset(db, NAME), number)

    expected = f"there is no revision {number} of example; revisions 1 to 2 exist"
    assert caught.value.message == expected
    with pytest.raises(NotFound, match="only revision 1 exists"):
        revisions.revision(db, first, 2)


def test_the_first_publication_is_revision_1(db: Database) -> None:
    published = publish(db, actors("a", "b"))

    dataset = revisions.dataset(db, NAME)
    assert dataset.head == published
    assert published.number == 1
    assert published.records == {"actors": 2, "events": 0, "figures": 0, "sources": 0}
    assert published.changes == {"dataset": {"added": 1}, "actors": {"added": 2}}


def test_the_second_publication_follows_and_leaves_the_first_alone(db: Database) -> None:
    first = publish(db, actors("a", "b"))

    second = publish(db, actors("b", "c", name="New"))

    dataset = revisions.dataset(db, NAME)
    assert second.number == 2
    assert second.changes == {"actors": {"added": 1, "modified": 1, "removed": 1}}
    assert dataset.head == second
    assert revisions.revision(db, dataset, 1) == first
    assert second.chain == canonical.chain(NAME, 2, second.issued, second.digest, first.chain)


def test_datasets_do_not_see_each_other(db: Database) -> None:
    publish(db, actors("a"), "alpha")

    beta = publish(db, actors("b"), "beta")

    assert beta.number == 1
    assert [found.name for found in revisions.every_dataset(db)] == ["alpha", "beta"]
    assert revisions.dataset(db, "alpha").head.records["actors"] == 1


def test_revisions_are_listed_newest_first_in_pages(db: Database) -> None:
    for name in "abcde":
        publish(db, actors(name))
    dataset = revisions.dataset(db, NAME)

    first = revisions.page(db, dataset, None, 2)
    rest = revisions.page(db, dataset, first[-1].number, 10)

    assert [revision.number for revision in (*first, *rest)] == [5, 4, 3, 2, 1]
    assert revisions.page(db, dataset, 1, 10) == []


def test_the_instants_of_revisions_are_told_by_number(db: Database) -> None:
    published = publish(db, {})
    dataset = revisions.dataset(db, NAME)

    assert revisions.issued(db, dataset, {1, 2}) == {1: published.issued}
    assert revisions.issued(db, dataset, set()) == {}


def test_of_two_publications_against_one_head_the_second_is_refused(
    db: Database, other: Database
) -> None:
    publish(db, actors("a"))

    with prepared(db, actors("a", "b")) as ours, prepared(other, actors("a", "c")) as theirs:
        publishing.publish(other, theirs)
        before = census(db)
        with pytest.raises(HeadMoved, match="another load published revision 2 of example"):
            publishing.publish(db, ours)

    assert census(db) == before
    assert revisions.dataset(db, NAME).head == theirs.revision


def test_of_two_first_publications_the_second_is_refused(db: Database, other: Database) -> None:
    with prepared(db, actors("a")) as ours, prepared(other, actors("b")) as theirs:
        publishing.publish(other, theirs)
        before = census(db)
        with pytest.raises(HeadMoved):
            publishing.publish(db, ours)

    assert census(db) == before
    assert revisions.dataset(db, NAME).head == theirs.revision


def test_whoever_was_refused_publishes_after_preparing_again(db: Database, other: Database) -> None:
    publish(db, actors("a"))
    with prepared(db, actors("a", "b")) as ours:
        publish(other, actors("a", "c"))
        with pytest.raises(HeadMoved):
            publishing.publish(db, ours)

    again = publish(db, actors("a", "b"))

    assert again.number == 3


def test_a_second_open_version_of_a_record_is_refused_by_the_database(db: Database) -> None:
    publish(db, actors("a"))

    with pytest.raises(peewee.IntegrityError), db.writing():
        db.run(
            "INSERT INTO actors (dataset, id, since, until, digest, body)"
            " SELECT dataset, id, 2, until, digest, body FROM actors"
        )


def test_versions_that_ended_may_be_many(db: Database) -> None:
    # The control of the one above: the constraint is on open versions alone.
    publish(db, actors("a"))

    with db.writing():
        db.run(
            "INSERT INTO actors (dataset, id, since, until, digest, body)"
            " SELECT dataset, id, 2, 3, digest, body FROM actors"
        )

    assert db.rows("SELECT count(*) FROM actors") == [(2,)]


@pytest.mark.parametrize("kind", ["actors", "sources", DATASET])
def test_a_publication_that_fails_midway_leaves_nothing(
    db: Database, other: Database, kind: str
) -> None:
    publish(db, actors("a"))
    before, head = census(db), revisions.dataset(db, NAME).head
    record = canonical.canonical({"id": "twice"})
    twice = Draft("twice", canonical.digest(record), record, Reason(), False)
    of_each = {("sources", "s"): {"id": "s"}, (DATASET, NAME): {"title": "New"}}

    with prepared(db, actors("a", "b", "c") | of_each) as publication:
        _stage_again(db, kind, twice)
        # A broken constraint is a fault of this code: no head moved, and no time mends it.
        with pytest.raises(peewee.IntegrityError):
            publishing.publish(db, publication)

    assert census(db) == census(other) == before
    assert revisions.dataset(other, NAME).head == head


def _stage_again(db: Database, kind: str, draft: Draft) -> None:
    """Stage a version twice: the second has to break a constraint of the shared tables."""
    table = "documents" if kind == DATASET else kind
    for _ in range(2):
        db.run(
            f"INSERT INTO staged_{table} (id, digest, body, known)"  # noqa: S608
            " VALUES (?, ?, ?, 0)",
            (draft.id, bytes.fromhex(draft.digest), draft.body.decode()),
        )


def test_a_retry_after_a_failure_midway_publishes(db: Database) -> None:
    publish(db, actors("a"))
    state = {**actors("a", "b"), ("sources", "s"): {"id": "s"}}
    with prepared(db, state) as publication:
        _stage_again(db, "sources", Draft("twice", "00" * 32, b"{}", Reason(), False))
        with pytest.raises(peewee.IntegrityError):
            publishing.publish(db, publication)

    again = publish(db, state)

    assert again == publication.revision
    assert revisions.dataset(db, NAME).head == again


def test_a_reader_sees_nothing_of_a_publication_before_it_is_committed(
    db: Database, other: Database
) -> None:
    publish(db, actors("a"))
    before, pinned = census(other), at(other)

    with prepared(db, actors("b")) as publication, db.writing():
        publishing.publish(db, publication)
        seen = census(other)
        head = revisions.dataset(other, NAME).head

    assert seen == before
    assert head == pinned.revision
    assert revisions.dataset(other, NAME).head.number == 2


def test_staging_is_seen_by_nobody_else(db: Database, other: Database) -> None:
    publish(db, {})
    before = census(other)

    with prepared(db, actors("a")):
        assert census(other) == before
        with pytest.raises(Exception, match="staged_actors"):
            other.rows("SELECT count(*) FROM staged_actors")


def test_staging_is_dropped_in_the_end(db: Database) -> None:
    with staging(db, None):
        db.rows("SELECT count(*) FROM staged_actors")

    with pytest.raises(Exception, match="staged_actors"):
        db.rows("SELECT count(*) FROM staged_actors")


def test_the_account_of_the_run_is_stored_with_the_revision(db: Database) -> None:
    with prepared(db, actors("a")) as publication:
        publishing.publish(db, publication)

    assert ingestions.every(db, NAME) == [publication.ingestion]
    found = ingestions.published(db, NAME, publication.ingestion.release)
    assert found == publication.ingestion
    assert ingestions.published(db, "another", publication.ingestion.release) is None
