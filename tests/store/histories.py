"""Random histories of small datasets, for hypothesis to choose from."""

from itertools import count
from typing import Any

from hypothesis import strategies as st

from service.store import Database
from tests.store.states import State, publish

_numbers = count(1)

keys = st.tuples(st.sampled_from(["actors", "sources"]), st.sampled_from("abcde"))


def _state(chosen: dict[tuple[str, str], int]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (kind, name): {"id": name, "note": f"state {value}"}
        for (kind, name), value in chosen.items()
    }


states = st.dictionaries(keys, st.integers(1, 2), max_size=8).map(_state)

histories = st.lists(states, min_size=1, max_size=5)


def publish_all(db: Database, history: list[State]) -> str:
    """Publish each state in a dataset of its own, and return its name."""
    name = f"history-{next(_numbers)}"
    for state in history:
        publish(db, state, name)
    return name
