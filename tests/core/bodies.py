"""Bodies of the shape that the record model admits, for hypothesis to choose from.

Numbers are those that the model can spell; names are ASCII; no object is empty and nothing is null.
A member is either a truth value or a number, never now this and now that, so truth values stand
under a name of their own.
"""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from service.canonical import canonical

MOST = 10**15 - 1


def _decimal(digits: int, shift: int) -> float:
    return float(Decimal(digits).scaleb(-shift))


def _is_spelled(number: float) -> bool:
    return number != int(number) and 0.0001 <= abs(number) < 10**15


integers = st.integers(-MOST, MOST)
fractions = st.builds(_decimal, integers, st.integers(1, 18)).filter(_is_spelled)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
scalars = texts | integers | fractions
names = st.text("ab~/_0", min_size=1, max_size=3)


def _objects(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(names, values, min_size=1, max_size=4)


def _sets(members: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    unique = st.lists(members, min_size=1, max_size=4, unique_by=canonical)
    return unique.map(lambda found: sorted(found, key=canonical))


_values = st.recursive(scalars, lambda below: _objects(below) | _sets(below), max_leaves=8)

records = st.builds(
    lambda members, links, complete: members | links | complete,
    _objects(_values),
    st.fixed_dictionaries({}, optional={"attribution": st.lists(_objects(scalars), max_size=3)}),
    st.fixed_dictionaries({}, optional={"complete": st.booleans()}),
)
"""Whole records: objects of scalars, sets and objects; perhaps an attribution, perhaps empty."""

bodies = records.map(lambda record: canonical(record).decode())
"""Canonical bodies."""

states = st.dictionaries(
    st.tuples(st.sampled_from(["actors", "sources"]), st.sampled_from(["a", "a-b", "b", "c"])),
    st.sampled_from(['{"n":1}', '{"n":2}', '{"n":2,"t":["x"]}']),
)
"""(kind, id) to canonical body."""
