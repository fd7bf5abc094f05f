"""What the first dataset answers, against what was worked out by hand from the reports."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from service.contested import Assessment, Claim, assess, compare, dispute, hierarchy, parts_of
from service.contested.accounts import around
from service.contested.roles import Role
from tests.contested.dataset import State, materials

EXPECTED = yaml.safe_load((Path(__file__).parent / "expected.yaml").read_text(encoding="utf-8"))
REVISIONS = (1, 2, 3)
SERIES = {".".join(series["key"]): series["revisions"] for series in EXPECTED["series"]}
ANSWERS = [
    (key, revision, answer)
    for key, answers in SERIES.items()
    for revision, answer in answers.items()
]
EVENTS = {event["key"]: event for event in EXPECTED["events"]}
LISTED: tuple[Role, ...] = (
    "live",
    "undisclosed",
    "suspect",
    "echo",
    "superseded",
    "earlier",
    "implied",
)
SIGNS = {"at_least": "{}+", "more_than": ">{}", "nearly": "<{}", "about": "~{}", "at_most": "{}-"}


def told(claim: Claim) -> str:
    """Write a claim as the expected answers do: its report and what it gives."""
    record = claim.record
    report = claim.source.removeprefix("report-")
    if claim.missing:
        return f"{report} none"
    if "magnitude" in record:
        return f"{report} {record['magnitude']}"
    if record["quantifier"] == "between":
        return f"{report} {record['low']}-{record['high']}"
    return f"{report} {SIGNS.get(record['quantifier'], '{}').format(record['value'])}"


def assessed(states: dict[int, State], key: str, revision: int) -> Assessment:
    return assess(materials(states[revision])[key])


@pytest.mark.parametrize(("key", "revision", "answer"), ANSWERS)
def test_a_series_has_the_expected_status(
    states: dict[int, State], key: str, revision: int, answer: dict[str, Any]
):
    verdict = assessed(states, key, revision).verdict

    assert (verdict.status, verdict.revised) == (answer["status"], answer["revised"])
    assert verdict.voices >= answer.get("at_least_voices", 0)
    assert verdict.voices == answer.get("voices", verdict.voices)


@pytest.mark.parametrize(("key", "revision", "answer"), ANSWERS)
def test_a_series_has_the_expected_claims_in_each_role(
    states: dict[int, State], key: str, revision: int, answer: dict[str, Any]
):
    assessment = assessed(states, key, revision)

    for role in LISTED:
        assert sorted(map(told, assessment.having(role))) == sorted(answer.get(role, []))


@pytest.mark.parametrize(("key", "revision", "answer"), ANSWERS)
def test_a_series_has_the_expected_span(
    states: dict[int, State], key: str, revision: int, answer: dict[str, Any]
):
    verdict = assessed(states, key, revision).verdict

    for name in ("span", "span_all"):
        span = getattr(verdict, name)
        if name in answer:
            assert [span.min, span.max] == answer[name]
    assert (verdict.span is None) == ("span" not in answer)
    assert (verdict.span is not None and verdict.span.open) == answer.get("open", False)


@pytest.mark.parametrize(("key", "revision"), [(k, r) for k in SERIES for r in REVISIONS])
def test_a_series_exists_from_its_first_report_on(
    states: dict[int, State], key: str, revision: int
):
    assert (key in materials(states[revision])) == (revision in SERIES[key])


@pytest.mark.parametrize(("key", "revision"), [(k, r) for k in EVENTS for r in REVISIONS])
def test_an_event_is_contested_from_the_expected_revision_on(
    states: dict[int, State], key: str, revision: int
):
    state = states[revision]
    event = state.records["events"].get(key)
    about = around(hierarchy(state.document), state.records["actors"])
    found = dispute(event, about) if event else None
    aspects = {conflict.aspect for conflict in found.conflicts} if found else set()

    assert (EVENTS[key]["aspect"] in aspects) == (revision in EVENTS[key]["contested"])


def test_the_days_of_the_price_cap_are_those_of_each_report(states: dict[int, State]):
    state = states[3]
    about = around(hierarchy(state.document), state.records["actors"])
    found = dispute(state.records["events"]["price-cap-set"], about)
    assert found is not None

    (dates,) = (conflict for conflict in found.conflicts if conflict.aspect == "date")
    days = {s.removeprefix("report-"): day for day, who in dates.answers.items() for s in who}
    assert days == {name: str(day) for name, day in EVENTS["price-cap-set"]["days"].items()}


@pytest.mark.parametrize("expected", EXPECTED["between"])
def test_what_became_contested_and_what_was_settled(
    states: dict[int, State], expected: dict[str, Any]
):
    old, new = (materials(states[expected[side]]) for side in ("from", "to"))
    turns: dict[str, set[str]] = {"became_contested": set(), "settled": set()}
    for key in old.keys() | new.keys():
        before = assess(old[key]) if key in old else None
        after = assess(new[key]) if key in new else None
        change = compare(before, after)
        if change and change.turn and key in SERIES:
            turns[change.turn].add(key)

    for turn, keys in turns.items():
        assert keys == {".".join(parts) for parts in expected[turn]}


def test_every_series_of_every_revision_can_be_judged(states: dict[int, State]):
    for state in states.values():
        for key, material in materials(state).items():
            assessment = assess(material)
            assert assessment.verdict.status != "empty", key
            assert assessment.parts == parts_of(material.figures[0])
            assert len(assessment.judged) == len(material.figures)
