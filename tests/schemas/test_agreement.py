"""The two validators agree, but for what JSON Schema has no words for."""

import re
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import KINDS, kind_of
from tests.schemas.cases import MINIMAL, SAMPLES, changed, verdicts

# All that JSON Schema cannot say, by the words in which marshmallow refuses it.
UNSAYABLE = [
    r"is not a whole number, written in digits only$",  # 12.0 is an integer to JSON Schema
    r"is whole: write it without a fraction$",
    r"has more than 15 significant digits$",
    r"there is no day \d\d in",
    r"the interval ends before it starts",
    r"is not a day of the calendar$",
    r"is not in Unicode's normal form NFC",
    r"^the same (id|source) as member",
    r"^\S+ is less than (low|value)",
    r"^the end is exclusive",
    r"^\d+ characters are too many: select 300$",
    r"^all evidence here is of one source",
    r"points to nothing that is stated here$",
    r"has no order: let the pointer end there$",
    r"a record has no relation to itself$",
    r"^required where an account has a date",
    r"lies outside the event's own date",
    r"^participants are those of the accounts",
    r"the extent ends before it starts$",
    r"^not declared among (places|groups)",
    r"may not go in a circle$",
]


def places(value, here=""):
    """Yield the pointer of every member below a value."""
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, member in steps:
        place = f"{here}/{step}"
        yield place
        if isinstance(member, dict | list):
            yield from places(member, place)


NAMES = sorted({place.rsplit("/")[-1] for sample in SAMPLES.values() for place in places(sample())})
CODES = sorted(
    {
        code
        for kind in KINDS.values()
        for component in kind.json_schema["$defs"].values()
        for member in component["properties"].values()
        for code in member.get("enum", ())
    }
)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, -1, 12, 13, 10**15, 10**16, 12.0, 0.5, 0.00001, 1e16, 3.14159]),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    st.sampled_from(CODES),
    st.sampled_from(["12", " a", "a\n", "e\u0301", "con", "2022-02-30", "2022/2021", "../2022"]),
    st.sampled_from(
        ["people", "north-quay", "herald-001", "/value", "/evidence/0", "KZT", "KZT/L"]
    ),
    st.sampled_from([[], {}, [1], ["a", "a"], ["a"], {"id": "a"}, {"event": "a"}, {"x": 1}]).map(
        deepcopy
    ),
)


@st.composite
def mutations(draw):
    """Draw a kind and a sample of it with up to three faults or changes."""
    name = draw(st.sampled_from(sorted(SAMPLES)))
    record = draw(st.sampled_from([SAMPLES, MINIMAL]))[name]()
    for _ in range(draw(st.integers(1, 3))):
        mutate(draw, record)
    return kind_of(name), record


def mutate(draw, record):
    place = draw(st.sampled_from([*places(record)]))
    parent, _, last = place.rpartition("/")
    bearer = record
    for step in parent.split("/")[1:]:
        bearer = bearer[int(step)] if isinstance(bearer, list) else bearer[step]
    action = draw(st.sampled_from(["drop", "replace", "add", "repeat"]))
    if action == "drop":
        del bearer[int(last) if isinstance(bearer, list) else last]
    elif action == "replace":
        changed(record, {place: draw(values)})
    elif isinstance(bearer, list):
        bearer.append(bearer[0] if action == "repeat" else draw(values))
    else:
        bearer[draw(st.sampled_from(NAMES))] = draw(values)


@settings(max_examples=800, deadline=None)
@given(mutations())
def test_the_verdicts_differ_only_where_json_schema_has_no_words(mutation):
    kind, record = mutation
    marshmallow, json_schema = verdicts(kind, record)
    problems = kind.problems(record)
    assert json_schema or not marshmallow, problems
    assert bool(problems) is not marshmallow
    if json_schema:
        for problem in problems:
            assert any(re.search(words, problem.detail) for words in UNSAYABLE), problem


@settings(max_examples=200, deadline=None)
@given(mutations())
def test_what_is_accepted_is_loaded_unchanged(mutation):
    kind, record = mutation
    if not kind.problems(record):
        assert kind.schema.load(record) == record


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_each_validator_notices_a_seeded_fault_by_itself(name):
    record = SAMPLES[name]() | {"stray": 1}
    assert verdicts(kind_of(name), record) == (False, False)


def test_json_schema_is_asked_about_what_marshmallow_accepts(monkeypatch):
    kind = kind_of("figures")
    monkeypatch.setattr(kind.schema, "load", lambda record: record)
    (problem,) = kind.problems(SAMPLES["figures"]() | {"stray": 1})
    assert problem.pointer == ""
