"""Which series a revision touches: what matters of the records that they rest on is not missed."""

from itertools import combinations_with_replacement
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.store import Database, series
from service.store.series import MATTERING, Window
from tests.steady import steady_store
from tests.store.histories import publish_all
from tests.store.states import State, at

SOURCES = MATTERING["sources"]

# A note that is a pointer: what is kept of a change tells by its place what the body has as text.
sources = st.fixed_dictionaries(
    {"note": st.sampled_from(["Printed.", "/standing"])},
    optional={
        "standing": st.sampled_from(["current", "corrected"]),
        "publisher": st.sampled_from(["agency", "paper"]),
    },
)
histories = st.lists(st.dictionaries(st.sampled_from("abc"), sources), min_size=1, max_size=5)


def _state(chosen: dict[str, dict[str, Any]]) -> State:
    return {("sources", name): {"id": name, **members} for name, members in chosen.items()}


def _plainly(states: list[State]) -> set[str]:
    """Return the sources that do not state the same in all the states that have them."""
    told: dict[str, list[Any]] = {}
    for state in states:
        for (_, name), record in state.items():
            told.setdefault(name, []).append([record.get(member) for member in SOURCES])
    return {name for name, every in told.items() if every != every[:1] * len(every)}


@steady_store
@given(histories)
def test_what_changed_of_what_matters_is_what_the_states_say(
    db: Database, history: list[dict[str, dict[str, Any]]]
) -> None:
    states = list(map(_state, history))
    name = publish_all(db, states)
    dataset = at(db, name=name).dataset

    for low, high in combinations_with_replacement(range(1, len(states) + 1), 2):
        changed = series.changed(db, Window(dataset, low, high), "sources", SOURCES)
        assert changed == _plainly(states[low - 1 : high])


def test_a_change_that_is_passed_over_is_noticed(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The control.
    words = ("current", "corrected")
    states = [_state({"a": {"note": "/standing", "standing": word}}) for word in words]
    dataset = at(db, name=publish_all(db, states)).dataset
    asked = (db, Window(dataset, 1, 2), "sources", SOURCES)

    assert series.changed(*asked) == _plainly(states) == {"a"}
    monkeypatch.setattr(series, "may_tell", lambda short, _: '"path":"/standing"' in short)
    assert series.changed(*asked) == set()
