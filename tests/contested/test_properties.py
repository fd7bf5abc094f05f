"""What must hold for every series, however it was written down, cut, named or published."""

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service.contested import Assessment, Known, Material, assess, parts_of, points, steps
from service.contested.claims import claims_of
from service.contested.roles import judge
from service.contested.rule import RECENSION_1
from service.contested.series import corroboration
from service.contested.status import conflicting
from tests.contested import naive
from tests.contested.drawn import ECHOES, SOURCES, VOICES, series
from tests.contested.made import figure, related

THOROUGH = settings(max_examples=40, deadline=None)
ORDERS = st.permutations(range(7))


def renamed(value: Any, names: dict[str, str]) -> Any:
    """Return the value with ids renamed wherever they stand alone."""
    if isinstance(value, dict):
        return {names.get(k, k): renamed(v, names) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [renamed(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value


def summary(assessment: Assessment) -> Any:
    """Return all that an assessment says, but the words of its reason, as JSON would."""
    verdict = replace(assessment.verdict, reason="")
    said = [
        {point.figure: [point._asdict(), sorted(each.by)]}
        for point, each in zip(points(assessment), assessment.judged, strict=True)
    ]
    return json.loads(json.dumps([said, verdict.__dict__], default=lambda each: each.__dict__))


@THOROUGH
@given(series(), ORDERS)
def test_nothing_depends_on_the_order_in_which_figures_are_read(
    material: Material, order: list[int]
):
    count = len(material.figures)
    shuffled = [material.figures[place] for place in order if place < count]

    assert assess(replace(material, figures=shuffled)) == assess(material)


@THOROUGH
@given(series(), st.permutations(range(16)))
def test_nothing_depends_on_ids(material: Material, order: list[int]):
    ids = [f["id"] for f in material.figures] + [*SOURCES, *VOICES]
    names = dict(zip(ids, (f"x{place}" for place in order), strict=False))
    again = Material(
        *(renamed(getattr(material, part), names) for part in ("figures", "sources", "actors"))
    )

    told, expected = summary(assess(again)), renamed(summary(assess(material)), names)
    for name in ("rests_on", "fall"):
        expected[1][name] = sorted(expected[1][name])
    for one in expected[0]:
        for told_of in one.values():
            told_of[1].sort()
    assert told == expected


@THOROUGH
@given(series(), st.lists(st.integers(1, 5), min_size=7, max_size=7))
def test_nothing_depends_on_the_releases_in_which_figures_came(
    material: Material, numbers: list[int]
):
    known = {
        each["id"]: Known(number, f"2022-01-0{number}T23:59:59Z")
        for each, number in zip(material.figures, numbers, strict=False)
    }
    cut = assess(replace(material, known=known))
    whole = assess(material)

    assert cut.verdict == whole.verdict
    assert [each.role for each in cut.judged] == [each.role for each in whole.judged]


@THOROUGH
@given(series())
def test_a_step_knows_nothing_of_later_revisions(material: Material):
    figures = list(material.figures)
    history = [
        (number, replace(material, figures=figures[:number]))
        for number in range(1, len(figures) + 1)
    ]

    every = steps(history)
    for number in range(len(history)):
        assert steps(history[:number]) == every[:number]


@THOROUGH
@given(series(), st.data())
def test_an_echo_changes_nothing_but_the_list(material: Material, data: st.DataObject):
    origin = data.draw(st.sampled_from(material.figures))
    if any(each["use"] == "unusable" for each in origin.get("suspected", ())):
        return
    echo: dict[str, Any] = {
        **origin,
        "id": "echo",
        "stance": "asserts",
        "printed": "phrase of the echo",
        "attribution": [{"actor": data.draw(st.sampled_from(sorted(VOICES))), "manner": "said"}],
        "relations": related(data.draw(st.sampled_from(ECHOES)), origin["id"]),
        "evidence": [{**origin["evidence"][0], "source": "last"}],
    }
    last = {"id": "last", "published": {"date": "2022-02-01", "basis": "printed"}}
    more = replace(
        material,
        figures=[*material.figures, echo],
        sources={**material.sources, "last": last},
    )
    before, after = assess(material), assess(more)

    assert after.live == before.live
    assert after.verdict.status == before.verdict.status
    assert after.verdict.voices == before.verdict.voices
    for claim in before.having("live", "implied", "echo"):
        assert corroboration(after, claim) <= corroboration(before, claim)


@THOROUGH
@given(series(calm=True, least=2), st.sampled_from(SOURCES))
def test_a_source_that_is_left_out_makes_nothing_better_corroborated(
    material: Material, source: str
):
    before, after = assess(material), assess(material, without=[source])

    for each in after.judged:
        assert corroboration(after, each.claim) <= corroboration(before, each.claim)


ids = st.sampled_from(("a", "b", "a-b", "killed"))


@THOROUGH
@given(*(st.tuples(st.sampled_from(("killed", "age")), ids, ids, ids) for _ in "xy"))
def test_figures_of_other_groups_or_events_never_share_a_key(
    one: tuple[str, ...], other: tuple[str, ...]
):
    parts = []
    for measure, group, of, place in (one, other):
        counted = {"counted": {"group": group}} if measure == "killed" else {}
        where = {"place": {"id": place, "bearing": "limit"}} if place != "killed" else {}
        made = {"measure": measure, "of": {"event": of}, **counted, **where}
        parts.append(parts_of(made))

    assert (parts[0].key == parts[1].key) == (parts[0] == parts[1])


@THOROUGH
@given(series(calm=True), st.integers(0, 110), st.integers(0, 110), st.data())
def test_raising_a_bound_below_a_live_value_changes_no_status(
    material: Material, one: int, other: int, data: st.DataObject
):
    live = [c for c in assess(material).live if not c.bound and c.suspected is None]
    if not live:
        return
    value = data.draw(st.sampled_from(live)).allows.low.number
    answers = []
    for bound in sorted((one, other)):
        if bound <= value:
            made = figure("bound", bound, quantifier="at_least", source="late", by="stranger")
            more = replace(
                material,
                figures=[*material.figures, made],
                sources={
                    **material.sources,
                    "late": {**material.sources[live[0].source], "id": "late"},
                },
                actors={**material.actors, "stranger": VOICES["ministry"]},
            )
            verdict = assess(more).verdict
            answers.append((verdict.status, verdict.voices, verdict.revised, verdict.rests_on))

    assert all(a == b for a, b in pairwise(answers))


@THOROUGH
@given(series())
def test_roles_are_those_of_the_definition_taken_word_by_word(material: Material):
    claims = claims_of(material, RECENSION_1)

    found = {each.claim.figure: each.role for each in judge(claims)}
    assert found == naive.roles(claims)


@THOROUGH
@given(series())
def test_claims_conflict_as_their_pairs_do(material: Material):
    live = assess(material).live

    assert {c.figure for c in conflicting(live)} == naive.conflicting(live)


@THOROUGH
@given(series())
def test_every_series_comes_to_something(material: Material):
    assessment = assess(material)
    verdict = assessment.verdict

    assert verdict.status != "empty"
    assert (verdict.status in ("contested", "single_voice", "agreed")) == bool(assessment.live)
    assert verdict.rests_on
    assert all(name in verdict.reason for name in verdict.rests_on[:1])
