"""Records at every revision: pages, one, versions, digests and nodes, against a plain model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.canonical import canonical, digest
from service.errors import NotFound
from service.model import DATASET, Reason, Version
from service.reading import records as reading
from service.store import Database, nodes, records
from tests.core import recomputation
from tests.steady import steady_store
from tests.store.histories import histories, publish_all
from tests.store.states import NAME, State, actors, at, bodies, publish

LIMIT = 3


@pytest.mark.parametrize("size", [0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 2 * LIMIT])
def test_a_walk_over_pages_gives_every_record_once(db: Database, size: int) -> None:
    state = actors(*(f"a{number}" for number in range(size)))
    publish(db, state)

    found, after, more, pages = list[str](), None, True, 0
    while more:
        page = reading.page(db, at(db), "actors", after, LIMIT)
        found, after, more, pages = found + page.bodies, page.last, page.more, pages + 1

    assert found == [body for _, body in sorted(bodies(state).items())]
    assert pages == max(1, -(-size // LIMIT))


def test_a_page_after_the_last_id_is_empty(db: Database) -> None:
    publish(db, actors("a", "b"))

    page = reading.page(db, at(db), "actors", "zz", LIMIT)

    assert page == reading.Page([], None, more=False)


def test_ids_stand_in_the_order_of_their_code_points(db: Database) -> None:
    ids = ["a", "a-b", "a0", "ab", "b", "0", "z-9", "z9"]
    publish(db, actors(*reversed(ids)))

    found = [name for name, _ in records.page(db, at(db), "actors", None, 100)]

    assert found == sorted(ids)


@steady_store
@given(histories)
def test_every_revision_is_read_as_it_was_published(db: Database, history: list[State]) -> None:
    name = publish_all(db, history)

    for number, state in enumerate(history, 1):
        place = at(db, number, name)
        for kind in ("actors", "sources"):
            expected = {i: body for (of, i), body in bodies(state).items() if of == kind}
            assert dict(records.stream(db, place, kind)) == expected
            assert dict(records.page(db, place, kind, "b", 2)) == dict(
                sorted((i, body) for i, body in expected.items() if i > "b")[:2]
            )
            hexdigests = {i: digest(body.encode()) for i, body in expected.items()}
            assert records.digests(db, place, kind, ["a", "b", "c", "d", "e"]) == hexdigests
            for i in "abcde":
                one = records.one(db, place, kind, i)
                assert (one and one.body) == expected.get(i)


@steady_store
@given(histories)
def test_the_nodes_of_every_revision_are_those_of_its_records(
    db: Database, history: list[State]
) -> None:
    name = publish_all(db, history)

    for number, state in enumerate(history, 1):
        place = at(db, number, name)
        found = {path: nodes.find(db, place, path) for path in nodes.paths(db, place)}
        assert {path: node and node.text for path, node in found.items()} == _tree(state)


def _tree(state: State) -> dict[str, str]:
    given: dict[str, dict[str, bytes]] = {"actors": {}, "sources": {}}
    for (kind, name), record in state.items():
        given[kind][name] = canonical(record)
    return recomputation.tree(canonical({"title": "Example"}), given)


@pytest.mark.parametrize("sizes", [(0, 128), (128, 129), (129, 128), (300, 0), (300, 299)])
def test_the_tree_follows_from_the_records_where_it_splits_and_folds(
    db: Database, sizes: tuple[int, int]
) -> None:
    for size in sizes:
        publish(db, actors(*(f"a{number}" for number in range(size))))

    for number, size in enumerate(sizes, 1):
        place = at(db, number)
        found = {path: nodes.find(db, place, path) for path in nodes.paths(db, place)}
        state = actors(*(f"a{number}" for number in range(size)))
        assert {path: node and node.text for path, node in found.items()} == _tree(state)


def test_a_node_that_a_revision_lacks_is_none(db: Database) -> None:
    publish(db, {})
    publish(db, actors("a"))

    assert nodes.find(db, at(db, 1), "manifest/actors.sums") is None
    assert nodes.find(db, at(db, 2), "manifest/actors.sums") is not None


def test_one_record_says_how_long_it_holds_and_why_it_came(db: Database) -> None:
    publish(db, actors("a"), reasons={("actors", "a"): Reason("source_added", "It was printed.")})
    publish(db, {})

    found = records.one(db, at(db, 1), "actors", "a")

    body = '{"id":"a"}'
    reason = Reason("source_added", "It was printed.")
    assert found == Version("actors", "a", digest(body.encode()), body, 1, 2, reason)


def test_the_document_is_read_as_the_one_record_of_its_kind(db: Database) -> None:
    publish(db, {(DATASET, NAME): {"title": "First"}})
    publish(db, {(DATASET, NAME): {"title": "Second"}})

    assert reading.document(db, at(db, 1)).body == '{"title":"First"}'
    assert reading.document(db, at(db)).body == '{"title":"Second"}'


def test_versions_of_a_record_that_left_and_came_back_are_all_kept(db: Database) -> None:
    publish(db, actors("a"))
    publish(db, actors("a", name="New"))
    publish(db, {}, reasons={("actors", "a"): Reason("withdrawn")})
    publish(db, actors("b"))
    publish(db, actors("a"))

    found = records.versions(db, at(db), "actors", "a")

    spans = [(version.since, version.until) for version, _ in found]
    assert spans == [(1, 2), (2, 3), (5, None)]
    assert [ended.code for _, ended in found] == ["unstated", "withdrawn", "unstated"]


def test_a_history_tells_each_change_with_its_fields(db: Database) -> None:
    publish(db, actors("a"))
    publish(db, actors("a", name="New"))
    publish(db, {}, reasons={("actors", "a"): Reason("withdrawn", "Ours was wrong.")})
    publish(db, actors("b"))
    publish(db, actors("a"))

    steps = reading.history(db, at(db), "actors", "a")

    told = [(step.revision, step.change, step.reason.code) for step in steps]
    assert told == [
        (1, "added", "unstated"),
        (2, "modified", "unstated"),
        (3, "removed", "withdrawn"),
        (5, "added", "unstated"),
    ]
    assert [[field.path for field in step.fields] for step in steps] == [[], ["/name"], [], []]
    assert [step.digest is None for step in steps] == [False, False, True, False]


@pytest.mark.parametrize(("number", "told"), [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4)])
def test_a_pinned_history_ends_at_its_revision(db: Database, number: int, told: int) -> None:
    for state in (actors("a"), actors("a", name="New"), {}, actors("b"), actors("a")):
        publish(db, state)

    steps = reading.history(db, at(db, number), "actors", "a")

    assert len(steps) == told
    assert all(step.revision <= number for step in steps)


def test_a_record_that_a_revision_lacks_is_not_found_by_name(db: Database) -> None:
    publish(db, {})
    publish(db, actors("a"))

    for ask in (reading.one, reading.history):
        with pytest.raises(NotFound) as caught:
            ask(db, at(db, 1), "actors", "a")
        assert caught.value.message == (
            "there is no record 'a' among the actors of revision 1 of example"
        )


@steady_store
@given(st.integers(1, 9))
def test_a_stream_is_the_same_in_steps_of_any_size(db: Database, step: int) -> None:
    name = publish_all(db, [actors(*"abcdefgh")])
    place = at(db, 1, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "STEP", step)
        found = [i for i, _ in records.stream(db, place, "actors")]

    assert found == list("abcdefgh")
