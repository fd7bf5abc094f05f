"""Questions about the crowd: filters and orders, drawn."""

from typing import Any

from hypothesis import strategies as st

from schemas import KINDS
from tests.reading import crowd


def texts(type_: str) -> st.SearchStrategy[str]:
    """Return values to ask for: those of the crowd, and some that it lacks."""
    pools: dict[str, Any] = {
        "number": (*map(_written, crowd.NUMBERS), "11", "-0.25", "7.5"),
        "date": (*crowd.DATES, "2022-01-02/2022-01-05", "2021", "2022-01-06?"),
    }
    return st.sampled_from(pools[type_])


def _written(number: float) -> str:
    return str(number)


@st.composite
def filters(draw: st.DrawFn, kind: str) -> tuple[str, str]:
    """Draw a parameter and its text."""
    of = draw(st.sampled_from(sorted(KINDS[kind].filters.values(), key=lambda each: each.name)))
    operator = draw(st.sampled_from(of.operators))
    name = f"{of.name}__{operator}" if operator else of.name
    if operator == "exists":
        return name, draw(st.sampled_from(["true", "false"]))
    if operator == "contains":
        return name, draw(st.sampled_from(["x", "A", "b, a", "aa", "Ä!", "10"]))
    one = st.sampled_from(_codes(kind, of.name)) if of.type == "text" else texts(of.type)
    if operator == "in":
        return name, ",".join(draw(st.lists(one, min_size=1, max_size=4)))
    return name, draw(one)


def _codes(kind: str, name: str) -> list[str]:
    field = KINDS[kind].filters[name].field
    pools = {
        "id": ["r-a1", "r-x2", "r-z30", "r-b7"],
        "name": list(crowd.TEXTS),
        "unit": ["persons", "KZT/L"],
        "series": ["killed.one.one", "price.two", "injured.three.two.port-ember"],
        "language": ["en", "kk-Cyrl", "de"],
        "place.id": ["port-ember", "north-quay", "nowhere"],
        "reference.country": ["AQ", "KZ"],
    }
    if name.endswith("source"):
        return [*crowd.SOURCES, "nobody"]
    return pools.get(name) or list(getattr(field, "values", ())) or [*crowd.IDS, "nobody"]


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]], list[str]]:
    """Draw a kind, filters and sort keys."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    asked = draw(st.lists(filters(kind), max_size=3, unique_by=lambda each: each[0]))
    names = draw(st.lists(st.sampled_from(sorted(KINDS[kind].sorts)), max_size=3, unique=True))
    keys = [draw(st.sampled_from(["", "-"])) + name for name in names]
    return kind, asked, keys
