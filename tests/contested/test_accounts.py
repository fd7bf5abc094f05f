"""When accounts of one event contradict each other, and when they only differ."""

from typing import Any

import pytest

from service.contested import around, dispute, hierarchy, ranked_disputes
from service.contested.accounts import EXCLUSIVE
from tests.contested.made import NAMED, UNNAMED, doubt

PLACES = [
    {"id": "country", "name": "Country"},
    {"id": "city", "name": "City", "within": ["country"]},
    {"id": "square", "name": "Square", "within": ["city"]},
    {"id": "port", "name": "Port", "within": ["country"]},
    {"id": "both", "name": "City and port", "parts": ["city", "port"]},
]
ACTORS: dict[str, dict[str, Any]] = {
    "army": NAMED,
    "guard": NAMED | {"member_of": [{"actor": "army", "source": "s"}]},
    "general": NAMED | {"speaks_for": {"actor": "army", "source": "s"}},
    "gang": NAMED,
    "men": UNNAMED,
}
ABOUT = around(hierarchy({"places": PLACES, "groups": []}), ACTORS)


def event(*accounts: dict[str, Any]) -> dict[str, Any]:
    """Make an event of accounts; each is of a source of its own and otherwise silent."""
    told = [
        {"status": "happened", **account, "evidence": [{"source": f"s{number}"}]}
        for number, account in enumerate(accounts)
    ]
    return {"id": "clash", "accounts": told}


def aspects(*accounts: dict[str, Any]) -> set[str]:
    found = dispute(event(*accounts), ABOUT)
    return {conflict.aspect for conflict in found.conflicts} if found else set()


def on(date: str, **fields: Any) -> dict[str, Any]:
    return {"date": {"date": date, "basis": "printed"}, **fields}


def by(*actors: str, role: str = "actor") -> dict[str, Any]:
    return {"participants": [{"actor": actor, "role": role} for actor in actors]}


@pytest.mark.parametrize(
    ("one", "other", "contested"),
    [
        ("2022-01-04", "2022-01-06", True),
        ("2022-01-05", "2022-01-05/..", False),
        ("2022-01-01/2022-01-02", "2022-01-02", False),
        ("2022-01", "2022-01-31", False),
        ("../2022-01-04", "2022-01-05", True),
        ("1989", "1991", True),
    ],
)
def test_days_contradict_if_none_is_common(one: str, other: str, contested: bool):
    assert aspects(on(one), on(other)) == ({"date"} if contested else set())


@pytest.mark.parametrize(
    ("one", "other", "contested"),
    [
        ("city", "port", True),
        ("square", "port", True),
        ("square", "country", False),
        ("both", "square", False),
        ("city", "city", False),
    ],
)
def test_places_contradict_if_neither_lies_in_the_other(one: str, other: str, contested: bool):
    found = aspects({"place": {"id": one}}, {"place": {"id": other}})

    assert found == ({"place"} if contested else set())


@pytest.mark.parametrize(
    ("one", "other", "contested"),
    [
        (by("army"), by("gang"), True),
        (by("army", "gang"), by("gang"), False),
        (by("guard"), by("army"), False),
        (by("general"), by("army"), False),
        (by("army"), by("men"), False),
        (by("army"), by("gang", role="target"), False),
        (by("army", role="speaker"), by("gang", role="speaker"), False),
        (by("army", role="decider"), by("gang", role="decider"), True),
    ],
)
def test_doers_contradict_if_none_can_be_the_same(
    one: dict[str, Any], other: dict[str, Any], contested: bool
):
    assert aspects(one, other) == ({"participants"} if contested else set())


def test_sub_event_types_contradict_if_they_differ():
    peaceful, violent = "Peaceful protest", "Violent demonstration"

    assert aspects({"sub_event_type": peaceful}, {"sub_event_type": violent}) == {"sub_event_type"}
    assert aspects({"sub_event_type": peaceful}, {"sub_event_type": peaceful}) == set()


@pytest.mark.parametrize(
    ("one", "other", "contested"),
    [
        ("planned", "happened", False),
        ("under_way", "ended", False),
        ("attempted", "happened", True),
        ("said_not_to_have_happened", "happened", True),
        ("said_not_to_have_happened", "planned", False),
    ],
)
def test_states_contradict_if_they_exclude_each_other(one: str, other: str, contested: bool):
    assert aspects({"status": one}, {"status": other}) == ({"status"} if contested else set())
    assert (frozenset({one, other}) in EXCLUSIVE) == contested


def test_silence_is_no_contradiction():
    assert aspects(on("2022-01-04"), {}, by("army")) == set()


def test_what_an_editor_found_unusable_has_no_say_on_that_aspect():
    bad = [{**doubt("unusable")[0], "field": "/date/date"}]

    assert aspects(on("2022-01-04"), on("2022-01-06", suspected=bad)) == set()
    assert aspects(on("2022-01-04"), on("2022-01-06", suspected=doubt("doubt"))) == {"date"}


def test_answers_come_with_their_sources():
    found = dispute(event(on("2022-01-04"), on("2022-01-06"), on("2022-01-06")), ABOUT)
    assert found is not None

    assert found.conflicts[0].answers == {"2022-01-04": ("s0",), "2022-01-06": ("s1", "s2")}
    assert (found.sources, found.accounts) == (3, 3)


def test_leaving_a_source_out_can_settle_an_event():
    assert dispute(event(on("2022-01-04"), on("2022-01-06")), ABOUT, without=["s1"]) is None


def test_disputes_come_by_aspects_then_by_sources():
    two = dispute(event(on("1989", **by("army")), on("1991", **by("gang"))), ABOUT)
    more = dispute(event(on("1989"), on("1991"), on("1992")), ABOUT)
    less = dispute(event(on("1989"), on("1991")), ABOUT)
    assert two is not None
    assert more is not None
    assert less is not None

    assert ranked_disputes([less, two, more]) == [two, more, less]
