"""Each rule of the contract on the smallest series that shows it."""

from typing import Any

import pytest

from service.contested import Material, assess
from tests.contested.made import doubt, figure, material, related, word


def roles(made: Material) -> dict[str, str]:
    return {each.claim.figure: each.role for each in assess(made).judged}


def status(made: Material) -> str:
    return assess(made).verdict.status


def later(name: str, value: float, day: str = "2022-01-07", **fields: Any) -> dict[str, Any]:
    return figure(name, value, asserted={"date": day, "basis": "printed"}, **fields)


def test_two_voices_that_say_the_same_agree():
    assert status(material([figure("a", 12), figure("b", 12)])) == "agreed"


def test_two_numbers_that_cannot_both_hold_are_contested():
    made = material([figure("a", 784), figure("b", 748)])

    assert status(made) == "contested"
    assert assess(made).verdict.rests_on == ("a", "b")


def test_numbers_within_what_about_allows_agree():
    assert status(material([figure("a", 2298), figure("b", 2300, quantifier="about")])) == "agreed"
    assert status(material([figure("a", 18), figure("b", 20, quantifier="about")])) == "contested"


def test_words_of_different_magnitude_are_contested_and_alike_ones_are_not():
    assert status(material([word("a", "tens"), word("b", "hundreds")])) == "contested"
    assert status(material([word("a", "tens"), word("b", "tens")])) == "agreed"


def test_an_indefinite_word_conflicts_with_no_word():
    made = material([word("a", "indefinite"), word("b", "hundreds")])

    assert roles(made) == {"a": "implied", "b": "live"}


def test_a_word_of_a_part_conflicts_with_no_word_of_the_whole():
    assert (
        status(material([word("a", "tens", fit="narrower"), word("b", "hundreds")])) != "contested"
    )


def test_a_word_is_implied_by_a_number_of_its_order_or_above():
    made = material([word("a", "tens"), figure("b", 26), figure("c", 11)])

    assert roles(made) == {"a": "implied", "b": "live", "c": "live"}


def test_a_word_that_words_exclude_is_not_implied_through_a_bound_between_them():
    bound = figure("b", 50, quantifier="at_least")
    made = material([word("a", "tens"), bound, word("c", "hundreds")])

    assert roles(made) == {"a": "live", "b": "implied", "c": "live"}
    assert status(made) == "contested"


def test_a_bound_is_implied_and_its_voice_is_not_counted():
    made = material([figure("a", 18), figure("b", 12, quantifier="at_least")])

    assert roles(made) == {"a": "live", "b": "implied"}
    assert status(made) == "single_voice"


def test_a_bound_above_a_number_contests_it():
    made = material([figure("a", 748), figure("b", 784, quantifier="at_least")])

    assert status(made) == "contested"


def test_more_than_a_number_excludes_the_number_itself():
    made = material([figure("a", 12), figure("b", 12, quantifier="more_than")])

    assert status(made) == "contested"


def test_a_part_of_the_group_is_a_bound():
    made = material([figure("a", 6), figure("b", 5, fit="narrower")])

    assert roles(made) == {"a": "live", "b": "implied"}


def test_a_superseded_claim_steps_back_and_the_series_went_up():
    made = material([figure("a", 12), figure("b", 18, relations=related("supersedes", "a"))])

    assert roles(made) == {"a": "superseded", "b": "live"}
    assert assess(made).verdict.revised == "up"


def test_a_surely_later_count_that_excludes_an_earlier_one_takes_its_place():
    made = material([later("a", 12, "2022-01-06"), later("b", 18)])

    assert roles(made) == {"a": "earlier", "b": "live"}
    assert assess(made).verdict.revised == "up"


@pytest.mark.parametrize("day", ["2022-01-06/..", "2022-01", "2022-01-05"])
def test_a_count_that_may_not_be_later_takes_no_place(day: str):
    made = material([later("a", 12, "2022-01-06"), later("b", 18, day)])

    assert roles(made)["a"] != "earlier"


def test_a_later_bound_below_a_count_takes_nothing_back():
    made = material([later("a", 18), later("b", 12, "2022-01-15", quantifier="at_least")])

    assert roles(made) == {"a": "live", "b": "implied"}
    assert assess(made).verdict.revised == "none"


def test_a_fall_of_a_running_total_is_reported():
    made = material([later("a", 18, "2022-01-06"), later("b", 12)])

    assert assess(made).verdict.revised == "down"
    assert assess(made).verdict.fall == ("b",)
    assert "fell" in assess(made).verdict.reason


def test_a_reference_period_says_as_of_when_before_anything_else():
    told = {"date": "2022-01-09", "basis": "printed"}
    old = figure("a", 12, reference_period="2022-01-05/2022-01-06", asserted=told)
    made = material([old, later("b", 18)])

    assert roles(made) == {"a": "earlier", "b": "live"}


def test_without_any_day_the_day_of_the_report_counts():
    days = {"source-a": "2022-01-06", "source-b": "2022-01-07"}
    made = material([figure("a", 12), figure("b", 18)], days)

    assert roles(made) == {"a": "earlier", "b": "live"}


def test_a_stock_of_another_instant_is_earlier_even_where_it_agrees():
    crowd = {"measure": "crowd"}
    made = material([later("a", 5, "2022-01-06", **crowd), later("b", 5, **crowd)])

    assert roles(made) == {"a": "earlier", "b": "live"}
    assert assess(made).verdict.revised == "none"


def test_a_stock_of_one_instant_can_be_contested():
    crowd = {"measure": "crowd"}
    assert status(material([later("a", 5, **crowd), later("b", 50, **crowd)])) == "contested"


@pytest.mark.parametrize("relation", ["restates", "rounds", "converts", "equates"])
def test_what_a_relation_calls_a_repetition_is_an_echo(relation: str):
    made = material([figure("a", 2298), figure("b", 2300, relations=related(relation, "a"))])

    assert roles(made) == {"a": "live", "b": "echo"}
    assert status(made) == "single_voice"


def test_a_relation_to_a_figure_of_another_series_makes_no_echo():
    made = material([figure("b", 2300, relations=related("converts", "elsewhere"))])

    assert roles(made) == {"b": "live"}


def test_one_first_link_with_one_number_is_told_twice():
    days = {"source-a": "2022-01-06", "source-b": "2022-01-07"}
    told = {"asserted": {"date": "2022-01-05", "basis": "printed"}, "by": "ministry"}
    made = material([figure("b", 18, **told), figure("a", 18, **told)], days)

    assert roles(made) == {"a": "live", "b": "echo"}


def test_a_sharper_telling_is_no_echo_of_a_bound():
    days = {"source-a": "2022-01-06", "source-b": "2022-01-07"}
    told = {"asserted": {"date": "2022-01-05", "basis": "printed"}, "by": "ministry"}
    bound = figure("a", 18, quantifier="at_least", **told)
    made = material([bound, figure("b", 18, **told)], days)

    assert roles(made) == {"a": "implied", "b": "live"}


def test_what_repeats_an_unusable_print_stands_for_itself():
    bad = figure("a", 2928, suspected=doubt("unusable"))
    made = material([bad, figure("b", 2300, relations=related("rounds", "a"))])

    assert roles(made) == {"a": "suspect", "b": "live"}


def test_claims_that_repeat_each_other_in_a_circle_have_a_first():
    days = {"source-a": "2022-01-06", "source-b": "2022-01-07"}
    one = figure("a", 12, relations=related("equates", "b"))
    other = figure("b", 12, relations=related("equates", "a"))

    assert roles(material([one, other], days)) == {"a": "live", "b": "echo"}


def test_a_missing_number_is_undisclosed_and_not_zero():
    made = material([figure("a", None, missing="not_disclosed")])

    assert status(made) == "undisclosed"
    assert assess(made).verdict.span is None


def test_zero_is_a_value():
    span = assess(material([figure("a", 0), figure("b", 5)])).verdict.span

    assert span is not None
    assert (span.min, span.max, span.ratio) == (0, 5, None)


def test_an_indefinite_word_has_a_voice_and_no_span():
    made = material([word("a", "indefinite")])

    assert status(made) == "single_voice"
    assert assess(made).verdict.span is None


def test_an_unusable_figure_takes_part_in_no_status_and_is_listed():
    made = material([figure("a", 1000, suspected=doubt("unusable"))])

    assert status(made) == "suspect_only"
    assert [each.claim.figure for each in assess(made).judged] == ["a"]


def test_a_doubt_stays_live_and_is_said():
    made = material([figure("a", 784, suspected=doubt("doubt"))])

    assert roles(made) == {"a": "live"}
    assert "In doubt: a." in assess(made).verdict.reason


@pytest.mark.parametrize("how", ["stance", "retraction", "source", "correction"])
def test_what_was_taken_back_is_withdrawn(how: str):
    stance = {"stance": "withdraws"} if how == "stance" else {}
    figures = [figure("a", 164, **stance)]
    if how == "correction":
        figures.append(figure("b", 26, relations=related("corrects", "a")))
    made = material(
        figures,
        sources={"source-a": {"standing": "retracted"}} if how == "source" else None,
        retracted=["a"] if how == "retraction" else [],
    )

    assert roles(made)["a"] == "withdrawn"
    assert status(made) == ("single_voice" if how == "correction" else "withdrawn")


def test_when_the_later_count_is_taken_back_the_earlier_one_stands_again():
    figures = [figure("a", 26), figure("b", 164, relations=related("supersedes", "a"))]

    assert roles(material(figures)) == {"a": "superseded", "b": "live"}
    assert roles(material(figures, retracted=["b"])) == {"a": "live", "b": "withdrawn"}


def test_a_correction_went_the_way_its_number_went():
    made = material([figure("a", 164), figure("b", 26, relations=related("corrects", "a"))])

    assert assess(made).verdict.revised == "down"


def test_exact_units_are_compared_and_inexact_ones_are_not():
    time = {"measure": "duration"}
    hours = figure("a", 48, unit="h", **time)

    assert status(material([hours, figure("b", 2, unit="d", **time)])) == "agreed"
    assert status(material([hours, figure("b", 3, unit="d", **time)])) == "contested"
    assert status(material([hours, figure("b", 3, unit="mo", **time)])) == "agreed"
