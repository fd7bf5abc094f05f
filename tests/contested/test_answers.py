"""What is built upon a judged series: a value if asked, points, steps, families, comparisons."""

import pytest

from service.contested import (
    RECENSION_1,
    RESOLUTIONS,
    Known,
    Parts,
    assess,
    compare,
    family,
    hierarchy,
    points,
    ranked,
    resolve,
    steps,
    title,
)
from tests.contested.dataset import State, materials
from tests.contested.made import UNNAMED, figure, material, related, word

KILLED = "killed.security-personnel.unrest"
INJURED = "injured.security-personnel.unrest"


@pytest.mark.parametrize(("revision", "value"), [(1, 12), (2, 18), (3, 18)])
def test_the_latest_count_of_dead_officers_never_goes_back(
    states: dict[int, State], revision: int, value: int
):
    assessment = assess(materials(states[revision])[KILLED])

    assert resolve(assessment, "latest").value == value


def test_a_resolution_says_what_it_chose_what_not_and_by_which_numbers(states: dict[int, State]):
    assessment = assess(materials(states[3])[INJURED])
    resolution = resolve(assessment, "official")

    assert resolution.value == 784
    assert (resolution.low, resolution.high) == (748, 784)
    assert resolution.rule == "recension-1"
    assert resolution.parameters == RECENSION_1.parameters()
    named = {*resolution.chosen, *(each.figure for each in resolution.rejected)}
    assert named == {each.claim.figure for each in assessment.judged}
    assert all(each.why for each in resolution.rejected)


@pytest.mark.parametrize("criterion", RESOLUTIONS)
def test_a_resolution_can_be_recomputed_from_what_it_shows(
    states: dict[int, State], criterion: str
):
    for material_ in materials(states[3]).values():
        resolution = resolve(assess(material_), criterion)
        if resolution.chosen:
            best = resolution.looked_at[resolution.chosen[0]]
            among = resolution.looked_at.values()
            assert best == max(among)


def test_equal_claims_that_differ_give_a_span_and_no_value():
    resolution = resolve(assess(material([figure("a", 784), figure("b", 748)])), "latest")

    assert resolution.value is None
    assert resolution.chosen == ("a", "b")
    assert (resolution.low, resolution.high) == (748, 784)
    assert "differ" in resolution.why


def test_the_number_of_most_voices_is_chosen():
    made = material([figure("a", 12), figure("b", 18), figure("c", 18)])

    assert resolve(assess(made), "most_corroborated").chosen == ("b", "c")


def test_a_chorus_without_names_does_not_outvote_one_name():
    actors = {"officials": UNNAMED, "authorities": UNNAMED}
    days = {"source-a": "2022-01-06/.."}
    figures = [figure("a", 12), figure("b", 18, by="officials"), figure("c", 18, by="authorities")]
    chosen = resolve(assess(material(figures, days, actors)), "most_corroborated").looked_at

    assert [counted[0] for counted in chosen.values()] == [1, 1, 1]


def test_nothing_official_means_no_choice():
    actors = {"actor-a": {"actor_type": "media", "anonymity": "named"}}
    resolution = resolve(assess(material([figure("a", 12)], actors=actors)), "official")

    assert resolution.chosen == ()
    assert resolution.value is None
    assert resolution.rejected[0].why == "not the word of a government body or security force"


def test_a_series_without_live_claims_resolves_to_nothing():
    made = material([figure("a", None, missing="unknown")])

    assert resolve(assess(made), "latest").chosen == ()


def test_points_are_flat_and_show_each_clock_apart(states: dict[int, State]):
    every = points(assess(materials(states[3])["detained.people.unrest"]))
    (told,) = (point for point in every if point.value == 2298)

    assert told.role == "implied"
    assert (told.min, told.max) == (2298, None)
    assert (told.as_of_start, told.as_of_end) == ("2022-01-06", "2022-01-06")
    assert (told.asserted_start, told.day_part) == ("2022-01-06", "late")
    assert (told.reported_start, told.reported_end) == ("2022-01-06", None)
    assert (told.revision, told.revision_issued) == (2, "2022-01-07T23:59:59Z")
    for point in every:
        assert all(v is None or isinstance(v, (str, int, float)) for v in point)


def test_points_are_in_the_printed_unit_and_derived_ends_in_that_of_the_series():
    time = {"measure": "duration"}
    figures = [
        figure("a", 180, unit="d", **time),
        figure("b", 6, unit="mo", relations=related("equates", "a"), **time),
        figure("c", 4320, unit="h", relations=related("converts", "a"), **time),
    ]
    assessment = assess(material(figures))
    found = {point.figure: (point.value, point.unit, point.min) for point in points(assessment)}

    assert assessment.unit == "d"
    assert found == {"a": (180, "d", 180), "b": (6, "mo", None), "c": (4320, "h", 180)}


def test_steps_tell_since_when_a_series_is_contested(states: dict[int, State]):
    history = [
        (number, found[INJURED])
        for number, state in states.items()
        if INJURED in (found := materials(state))
    ]

    told = [(step.revision, step.status, step.min, step.max) for step in steps(history)]
    assert told == [
        (1, "single_voice", 353, 353),
        (2, "contested", 748, 784),
        (3, "contested", 748, 784),
    ]


def test_leaving_a_source_out_can_settle_a_series(states: dict[int, State]):
    found = assess(materials(states[3])[INJURED], without=["report-004"])

    assert found.verdict.status == "single_voice"
    assert [claim.source for claim in found.live] == ["report-001"]


def test_what_repeats_a_source_that_is_left_out_stands_with_its_voice():
    figures = [figure("a", 2298), figure("b", 2300, relations=related("rounds", "a"))]
    found = assess(material(figures), without=["source-a"])

    assert [claim.figure for claim in found.live] == ["b"]
    assert found.voices["b"].actor == "actor-a"


def test_leaving_out_every_source_leaves_an_empty_view():
    found = assess(material([figure("a", 12)]), without=["source-a"])

    assert found.verdict.status == "empty"
    assert found.judged == ()


def test_a_family_links_and_never_merges(states: dict[int, State]):
    state = states[3]
    every = {key: assess(each).parts for key, each in materials(state).items()}
    within = hierarchy(state.document, state.records["events"].values())
    detained = every["detained.people.unrest"]
    whole = [("detained.people.unrest.almaty", "detained.people.unrest")]

    told = family(detained, every.values(), within, whole)

    assert "detained.people.unrest.almaty" in told.narrower
    assert told.parts == ("detained.people.unrest.almaty",)
    assert told.broader == ()
    part = family(every["detained.people.unrest.almaty"], every.values(), within, whole)
    assert part.broader == ("detained.people.unrest",)
    assert part.wholes == ("detained.people.unrest",)
    assert "injured.people.unrest" not in told.narrower


def test_a_place_made_of_parts_is_the_wider_one():
    places = [
        {"id": "both", "name": "Both", "parts": ["one", "two"]},
        *({"id": i, "name": i} for i in ("one", "two")),
    ]
    within = hierarchy({"places": places, "groups": []})
    both, one, two = (Parts("killed", "people", "event", "e", p) for p in ("both", "one", "two"))

    assert family(one, [both, two], within).broader == (both.key,)
    assert family(both, [one, two], within).narrower == (one.key, two.key)


def test_a_title_is_made_of_names():
    parts = Parts("in_intensive_care", "people", "event", "unrest", "almaty")
    names = {"people": "People", "unrest": "The unrest", "almaty": "Almaty"}

    assert title(parts, names) == "In intensive care: People. The unrest, in Almaty alone"
    assert title(Parts("price", None, "event", "cap", None), {}) == "Price. cap"


def test_contested_series_come_by_how_much_and_then_by_how_central():
    wide = assess(material([word("a", "tens"), word("b", "hundreds")]))
    close = assess(material([figure("a", 784), figure("b", 748)]))
    central = assess(material([figure("a", 784), figure("b", 748), figure("c", 748)]))
    agreed = assess(material([figure("a", 1), figure("b", 1)]))
    zero = assess(material([figure("a", 0), figure("b", 1)]))

    assert ranked([close, agreed, central, wide, zero]) == [zero, wide, central, close]


def test_a_change_names_what_made_a_series_contested(states: dict[int, State]):
    old, new = (assess(materials(states[number])[INJURED]) for number in (1, 2))
    change = compare(old, new)
    assert change is not None

    assert change.turn == "became_contested"
    assert set(change.by) == {claim.figure for claim in new.live}
    assert [name for name in change.no_longer_live] == [old.live[0].figure]


def test_a_change_names_what_settled_a_series():
    figures = [figure("a", 784), figure("b", 748)]
    supersedes = related("supersedes", "a", "b")
    old, new = (
        assess(material(figures)),
        assess(material([*figures, figure("c", 760, relations=supersedes)])),
    )
    change = compare(old, new)
    assert change is not None

    assert (change.turn, change.by) == ("settled", ("c",))
    assert (change.old_status, change.new_status) == ("contested", "single_voice")


def test_no_change_of_live_claims_status_or_span_is_no_change():
    figures = [figure("a", 18)]
    bound = figure("b", 12, quantifier="at_least")

    assert compare(assess(material(figures)), assess(material([*figures, bound]))) is None


def test_a_series_that_begins_or_ends_is_a_change():
    one = assess(material([figure("a", 18)]))

    begun, ended = compare(None, one), compare(one, None)
    assert begun is not None
    assert ended is not None
    assert (begun.old_status, begun.came_live, begun.turn) == (None, ("a",), None)
    assert (ended.new_status, ended.no_longer_live) == (None, ("a",))


def test_when_a_figure_became_known_is_shown_and_decides_nothing():
    known = {"a": Known(7, "2022-02-01T00:00:00Z")}
    (point,) = points(assess(material([figure("a", 18)], known=known)))

    assert (point.revision, point.revision_issued) == (7, "2022-02-01T00:00:00Z")
