"""Net changes between two states: applied they lead from one to the other, and back."""

import orjson
from hypothesis import assume, given

from service.canonical import canonical
from service.diff import (
    FieldChange,
    State,
    apply,
    between,
    compared,
    expanded,
    fields,
    invert,
    may_tell,
    patched,
)
from service.model import UNSTATED, Change, Reason
from tests.core import bodies
from tests.steady import steady


@steady
@given(bodies.states, bodies.states)
def test_applying_the_changes_gives_the_new_state(old: State, new: State) -> None:
    changes = list(between(old, new))

    assert apply(changes, old) == new


@steady
@given(bodies.states, bodies.states)
def test_applying_the_inverse_changes_gives_the_old_state(old: State, new: State) -> None:
    back = [invert(change) for change in between(old, new)]

    assert apply(back, new) == old
    assert back == list(between(new, old))


@steady
@given(bodies.states)
def test_a_state_does_not_differ_from_itself(state: State) -> None:
    assert list(between(state, dict(state))) == []


@steady
@given(bodies.states, bodies.states)
def test_only_what_differs_is_told_once_and_in_order(old: State, new: State) -> None:
    told = [(change.kind, change.id) for change in between(old, new)]

    differing = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    assert told == sorted(differing)


@steady
@given(bodies.states, bodies.states)
def test_a_lost_change_is_noticed(old: State, new: State) -> None:
    changes = list(between(old, new))
    assume(changes)

    assert apply(changes[1:], old) != new


def test_the_words_say_which_side_lacks_the_record() -> None:
    words = [change.change for change in between({("a", "1"): "x", ("a", "2"): "y"},
                                                 {("a", "2"): "z", ("a", "3"): "x"})]  # fmt: skip

    assert words == ["removed", "modified", "added"]


def test_nobody_stated_a_reason_for_an_inverse() -> None:
    change = Change("actors", "a", "{}", None, Reason("merged", "Two were one."))

    assert invert(change) == Change("actors", "a", None, "{}", UNSTATED)


@steady
@given(bodies.bodies, bodies.bodies)
def test_patching_with_the_changed_fields_gives_the_new_body(old: str, new: str) -> None:
    assert patched(old, fields(old, new)) == new


@steady
@given(bodies.bodies)
def test_a_body_has_no_changed_fields_against_itself(body: str) -> None:
    assert fields(body, body) == []


def test_a_lost_field_is_noticed() -> None:
    old, new = '{"a":1,"b":{"c":2}}', '{"a":2,"b":{"c":3}}'

    assert patched(old, fields(old, new)[1:]) != new


@steady
@given(bodies.bodies, bodies.bodies)
def test_members_of_a_changed_set_lead_from_the_old_to_the_new(old: str, new: str) -> None:
    told = [field for field in fields(old, new) if field.added is not None]

    for field in told:
        kept = [member for member in field.old if member not in (field.removed or [])]
        made = sorted([*kept, *(field.added or [])], key=canonical)
        assert made == field.new


def test_members_that_came_and_went_are_told() -> None:
    old, new = '{"condition":["original","truncated"]}', '{"condition":["garbled","original"]}'

    assert fields(old, new) == [
        FieldChange("/condition", ["original", "truncated"], ["garbled", "original"],
                    added=["garbled"], removed=["truncated"])
    ]  # fmt: skip


def test_a_set_that_one_side_lacks_is_told_whole() -> None:
    changed = fields('{"condition":["original"],"id":"a"}', '{"id":"a"}')

    assert changed == [FieldChange("/condition", ["original"], None)]


def test_attribution_is_a_sequence_and_told_whole() -> None:
    first, second = {"manner": "said"}, {"manner": "quoted"}
    old = orjson.dumps({"attribution": [first, second]}).decode()
    new = orjson.dumps({"attribution": [second, first]}).decode()

    changed = fields(old, new)

    assert changed == [FieldChange("/attribution", [first, second], [second, first])]


def test_attribution_below_another_object_is_a_sequence_too() -> None:
    changed = fields('{"of":{"attribution":[1]}}', '{"of":{"attribution":[2]}}')

    assert changed == [FieldChange("/of/attribution", [1], [2])]


def test_objects_are_entered_and_names_escaped() -> None:
    old, new = '{"ids":{"a/b":"1","c~d":"2"}}', '{"ids":{"a/b":"3","c~d":"4"}}'

    changed = fields(old, new)

    assert changed == [FieldChange("/ids/a~1b", "1", "3"), FieldChange("/ids/c~0d", "2", "4")]
    assert patched(old, changed) == new


def test_an_object_in_place_of_a_scalar_is_told_and_undone() -> None:
    scalar, members = '{"of":"x"}', '{"of":{"event":"x"}}'

    assert patched(scalar, fields(scalar, members)) == members
    assert patched(members, fields(members, scalar)) == scalar


@steady
@given(bodies.bodies, bodies.bodies)
def test_what_is_kept_of_a_change_says_what_comparing_the_bodies_does(old: str, new: str) -> None:
    told = [field.told() for field in fields(old, new)]

    assert expanded(compared(old, new), new) == orjson.dumps(told).decode()


@steady
@given(bodies.bodies, bodies.bodies, bodies.bodies)
def test_what_was_kept_of_another_change_is_noticed(old: str, other: str, new: str) -> None:
    # The control: what is kept tells the change of these two bodies, not of any.
    assume(fields(old, new) != fields(other, new))

    told = [field.told() for field in fields(old, new)]
    assert expanded(compared(other, new), new) != orjson.dumps(told).decode()


@steady
@given(bodies.bodies, bodies.bodies)
def test_no_member_of_which_a_change_may_tell_is_passed_over(old: str, new: str) -> None:
    before, after = orjson.loads(old), orjson.loads(new)
    differing = [n for n in before.keys() | after.keys() if before.get(n) != after.get(n)]

    assert all(may_tell(compared(old, new), [name]) for name in differing)


def test_a_member_that_is_as_it_was_is_passed_over() -> None:
    # The control.
    kept = compared('{"id":"a","note":"Old."}', '{"id":"a","note":"New."}')

    assert may_tell(kept, ["id", "note"])
    assert not may_tell(kept, ["id"])


def test_what_stands_in_the_newer_body_is_not_kept_again() -> None:
    old = '{"id":"a","names":["one-of-many-names","the-first-of-all"],"note":"Counted once."}'
    new = '{"id":"a","names":["the-first-of-all","the-last-of-all"],"note":"Counted again."}'

    kept = compared(old, new)

    assert len(kept) < len(expanded(kept, new))
    assert "Counted once." in kept
    assert "Counted again." not in kept
    assert "the-last-of-all" not in kept
