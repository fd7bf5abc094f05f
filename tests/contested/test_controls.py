"""Planted faults: each makes the first dataset answer otherwise than was worked out by hand."""

from dataclasses import replace
from typing import Any

import pytest

from service.contested import RECENSION_1, Rule, assess, roles, series, status
from service.contested.claims import Voice
from tests.contested.dataset import State, materials
from tests.contested.test_expected import ANSWERS, LISTED, told

RULES = {
    "dozens begin at thirty": replace(RECENSION_1, name="thirty", tens=30),
    "hundreds and thousands are few": replace(RECENSION_1, name="few", hundreds=3, thousands=3),
    "about means anything": replace(RECENSION_1, name="anything", about=RECENSION_1.about * 20),
}
STAGES = ("suspect", "echo", "superseded", "earlier", "implied")


def mistakes(states: dict[int, State], rule: Rule = RECENSION_1) -> list[str]:
    """Return the expected answers that do not come out."""
    cut = {number: materials(state) for number, state in states.items()}
    return [
        f"{key} in revision {revision}"
        for key, revision, answer in ANSWERS
        if not _comes_out(cut[revision][key], answer, rule)
    ]


def _comes_out(material: Any, answer: dict[str, Any], rule: Rule) -> bool:
    assessment = assess(material, rule)
    verdict = assessment.verdict
    listed = all(
        sorted(map(told, assessment.having(role))) == sorted(answer.get(role, []))
        for role in LISTED
    )
    span = [verdict.span.min, verdict.span.max] if verdict.span else None
    return (
        listed
        and span == answer.get("span")
        and (verdict.status, verdict.revised, verdict.voices)
        == (
            answer["status"],
            answer["revised"],
            answer.get("voices", verdict.voices),
        )
    )


def test_without_a_fault_everything_comes_out(states: dict[int, State]):
    assert mistakes(states) == []


@pytest.mark.parametrize("name", RULES)
def test_another_rule_is_noticed(states: dict[int, State], name: str):
    assert mistakes(states, RULES[name])


@pytest.mark.parametrize("stage", STAGES)
def test_a_forgotten_role_is_noticed(
    states: dict[int, State], stage: str, monkeypatch: pytest.MonkeyPatch
):
    known = {role: found for role, found in roles.STAGES.items() if role != stage}
    monkeypatch.setattr(roles, "STAGES", known)

    assert mistakes(states)


def test_roles_in_another_order_are_noticed(
    states: dict[int, State], monkeypatch: pytest.MonkeyPatch
):
    first = {name: roles.STAGES[name] for name in ("undisclosed", "suspect", "implied")}
    monkeypatch.setattr(roles, "STAGES", first | dict(roles.STAGES))

    assert mistakes(states)


def test_voices_without_a_name_that_count_are_noticed(
    states: dict[int, State], monkeypatch: pytest.MonkeyPatch
):
    def every(voices: list[Voice]) -> int:
        return len(set(voices))

    monkeypatch.setattr(status, "count_voices", every)

    assert mistakes(states)


def test_echoes_that_count_are_noticed(states: dict[int, State], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(series, "roots", lambda claims: {c.figure: c for c in claims})

    assert mistakes(states)


def test_conflicts_that_are_overlooked_are_noticed(
    states: dict[int, State], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(series, "conflicting", lambda live: [])

    assert mistakes(states)
