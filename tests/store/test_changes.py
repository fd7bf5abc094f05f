"""Net changes from the ends of intervals, against a plain model over random histories."""

from collections.abc import Iterator
from itertools import permutations, product

from hypothesis import given

from service.diff import apply
from service.model import DATASET, Change, ChangeCounts, Reason
from service.store import Database, changes, revisions
from service.store.changes import ORDER, Only, Span
from tests.steady import steady_store
from tests.store.histories import histories, publish_all
from tests.store.states import NAME, State, actors, bodies, publish

EVERY = 1000


def expected(old: State, new: State) -> list[Change]:
    """Return the net changes between two states as the model has them."""
    before, after = bodies(old), bodies(new)
    differing = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    differing.sort(key=lambda key: (ORDER.index(key[0]), key[1]))
    return [Change(*key, before.get(key), after.get(key)) for key in differing]


def spans(db: Database, name: str, history: list[State]) -> Iterator[tuple[Span, list[Change]]]:
    """Yield every pair of revisions, in both directions, and what the model says of it."""
    dataset = revisions.dataset(db, name)
    for (old, before), (new, after) in product(enumerate(history, 1), repeat=2):
        yield Span(dataset, old, new), expected(before, after)


def told(found: list[Change]) -> ChangeCounts:
    counts: dict[str, dict[str, int]] = {}
    for change in found:
        words = counts.setdefault(change.kind, {})
        words[change.change] = words.get(change.change, 0) + 1
    return counts


@steady_store
@given(histories)
def test_every_pair_of_revisions_differs_as_the_model_says(
    db: Database, history: list[State]
) -> None:
    name = publish_all(db, history)

    for span, wanted in spans(db, name, history):
        assert changes.between(db, span, Only(), None, EVERY) == wanted
        assert changes.counts(db, span, Only()) == told(wanted)


@steady_store
@given(histories)
def test_applied_to_the_old_state_the_changes_give_the_new(
    db: Database, history: list[State]
) -> None:
    name = publish_all(db, history)

    for span, _ in spans(db, name, history):
        found = changes.between(db, span, Only(), None, EVERY)
        old, new = history[span.old - 1], history[span.new - 1]
        assert apply(found, bodies(old)) == bodies(new)


@steady_store
@given(histories)
def test_filters_admit_what_the_model_admits(db: Database, history: list[State]) -> None:
    name = publish_all(db, history)
    filters = [
        Only(kinds, change, name)
        for kinds in (("actors",), ("actors", "sources"), ("events",))
        for change in (None, "added", "modified", "removed")
        for name in (None, "a", "nobody")
    ]

    for span, wanted in list(spans(db, name, history))[-4:]:
        for only in filters:
            admitted = [c for c in wanted if _admits(only, c)]
            assert changes.between(db, span, only, None, EVERY) == admitted
            assert changes.counts(db, span, only) == told(admitted)


def _admits(only: Only, change: Change) -> bool:
    return (
        change.kind in only.kinds
        and only.change in (None, change.change)
        and only.id in (None, change.id)
    )


@steady_store
@given(histories)
def test_pages_of_any_size_tell_every_change_once(db: Database, history: list[State]) -> None:
    name = publish_all(db, history)
    span, wanted = list(spans(db, name, history))[len(history) - 1]

    for limit in range(1, len(wanted) + 2):
        found: list[Change] = []
        while page := changes.between(db, span, Only(), _last(found), limit):
            assert len(page) <= limit
            found += page
        assert found == wanted


def _last(found: list[Change]) -> tuple[str, str] | None:
    return (found[-1].kind, found[-1].id) if found else None


def test_the_model_notices_a_version_whose_interval_is_wrong(db: Database) -> None:
    # The control: an interval that ends one revision late must not pass for what was published.
    history = [actors("a", "b"), actors("b")]
    name = publish_all(db, history)
    with db.writing():
        db.run("UPDATE actors SET until = 3 WHERE id = 'a'")

    wrong = [span for span, wanted in spans(db, name, history)
             if changes.between(db, span, Only(), None, EVERY) != wanted]  # fmt: skip

    assert [(span.old, span.new) for span in wrong] == [(1, 2), (2, 1)]


def test_changed_and_changed_back_is_no_change(db: Database) -> None:
    for state in (actors("a"), actors("a", name="New"), actors("a")):
        publish(db, state)
    span = Span(revisions.dataset(db, NAME), 1, 3)

    assert changes.between(db, span, Only(), None, EVERY) == []
    assert changes.counts(db, span, Only()) == {}


def test_removed_and_brought_back_is_no_change(db: Database) -> None:
    for state in (actors("a"), {}, actors("a")):
        publish(db, state)
    dataset = revisions.dataset(db, NAME)

    assert changes.between(db, Span(dataset, 1, 3), Only(), None, EVERY) == []
    assert changes.between(db, Span(dataset, 3, 1), Only(), None, EVERY) == []


def test_a_change_of_the_document_comes_first(db: Database) -> None:
    publish(db, {})
    publish(db, {(DATASET, NAME): {"title": "New"}, **actors("a")})
    span = Span(revisions.dataset(db, NAME), 1, 2)

    found = changes.between(db, span, Only(), None, EVERY)

    assert found == [
        Change(DATASET, NAME, '{"title":"Example"}', '{"title":"New"}'),
        Change("actors", "a", None, '{"id":"a"}'),
    ]


def test_kinds_are_told_in_their_order_however_they_are_asked_for(db: Database) -> None:
    asked = ("actors", "events", "sources")
    state = {(kind, f"{kind}-{n}"): {"id": f"{kind}-{n}"} for kind in asked for n in range(2)}
    publish(db, {})
    publish(db, state)
    span = Span(revisions.dataset(db, NAME), 1, 2)

    for kinds in permutations(asked):
        found: list[Change] = []
        while page := changes.between(db, span, Only(kinds), _last(found), 1):
            found += page
        assert [change.kind for change in found] == [kind for kind in asked for _ in range(2)]
        assert list(changes.counts(db, span, Only(kinds))) == list(asked)


def test_the_reason_is_that_of_the_last_change(db: Database) -> None:
    key = ("actors", "a")
    publish(db, {key: {"id": "a"}})
    publish(db, {key: {"id": "a", "n": 1}}, reasons={key: Reason("reading_corrected", "Once.")})
    publish(db, {key: {"id": "a", "n": 2}}, reasons={key: Reason("reading_corrected", "Twice.")})
    publish(db, {}, reasons={key: Reason("withdrawn", "It was ours.")})
    dataset = revisions.dataset(db, NAME)

    modified, *_ = changes.between(db, Span(dataset, 1, 3), Only(), None, EVERY)
    removed, *_ = changes.between(db, Span(dataset, 2, 4), Only(), None, EVERY)

    assert modified.reason == Reason("reading_corrected", "Twice.")
    assert removed.reason == Reason("withdrawn", "It was ours.")
