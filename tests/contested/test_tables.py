"""The small tables and readers of the core against what they restate."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import edtf
from schemas.figure import series_key
from schemas.standards import CURRENCIES, TIMES, VOLUMES
from schemas.vocabularies import (
    FIGURE_RELATIONS,
    MAGNITUDES,
    MEASURES,
    QUANTIFIERS,
    VALUED,
)
from service.contested import parts_of
from service.contested.claims import BOUNDS, ECHOES
from service.contested.dates import days, end_of
from service.contested.measures import nature, scale
from service.contested.reasons import _WORDS
from service.contested.rule import RECENSION_1
from tests.contested.dataset import State, materials
from tests.contested.made import figure, word

DATES = st.one_of(
    st.from_regex(r"[0-9]{4}(-[0-9]{2}(-([0-9]{2}|XX))?)?[?~%]?", fullmatch=True),
    st.from_regex(r"[0-9]{4}-XX(-XX)?|[0-9]{2}(X|[0-9])X", fullmatch=True),
)
TEXTS = st.one_of(
    DATES,
    st.tuples(DATES, DATES).map("/".join),
    DATES.map("{}/..".format),
    DATES.map("../{}".format),
)


@given(TEXTS)
def test_dates_are_read_as_the_schema_reads_them(text: str):
    try:
        expected = edtf.bounds(text)
    except ValueError:
        return
    assert days(text) == expected


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("2022-01-06", "2022-01-06", "2022-01-06"),
        ("2022-01-02/2022-01-06", "2022-01-06", "2022-01-06"),
        ("2022-01", "2022-01-01", "2022-01-31"),
        ("../2022-01-06", "2022-01-06", "2022-01-06"),
        ("2022-01-02/..", "2022-01-02", "9999-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
    ],
)
def test_a_period_counts_up_to_its_end(period: str, start: str, end: str):
    assert end_of(period) == (start, end)


@pytest.mark.parametrize("measure", MEASURES)
def test_natures_are_those_of_the_schema(measure: str):
    assert nature(measure) == MEASURES[measure].nature


def test_codes_are_those_of_the_schema():
    assert set(_WORDS) == set(VALUED)
    assert set(BOUNDS) < set(VALUED)
    assert set(ECHOES) < set(FIGURE_RELATIONS)
    assert all(RECENSION_1.word(magnitude) > 0 for magnitude in MAGNITUDES)


def test_keys_are_those_of_the_schema(states: dict[int, State]):
    for state in states.values():
        for key, material in materials(state).items():
            assert {series_key(dict(each)) for each in material.figures} == {key}


@pytest.mark.parametrize("unit", [*TIMES, *VOLUMES, "1", "%"])
def test_every_unit_of_the_model_has_a_scale(unit: str):
    assert scale(unit).factor > 0


@pytest.mark.parametrize(
    ("one", "other", "factor"),
    [
        ("h", "min", 60),
        ("d", "h", 24),
        ("wk", "d", 7),
        ("a", "mo", 12),
        ("m3", "L", 1000),
        ("KZT/L", "KZT/m3", 1000),
        ("[bbl_us]", "[gal_us]", 42),
    ],
)
def test_exact_factors_are_applied(one: str, other: str, factor: int):
    assert scale(one).name == scale(other).name
    assert scale(one).factor == factor * scale(other).factor


@pytest.mark.parametrize(
    ("one", "other"), [("mo", "d"), ("a", "d"), ("KZT/L", "USD/L"), CURRENCIES[:2], ("L", "KZT/L")]
)
def test_inexact_factors_are_never_applied(one: str, other: str):
    assert scale(one).name != scale(other).name


@pytest.mark.parametrize(
    ("quantifier", "low", "high"),
    [
        ("plain", (100, 0), (100, 0)),
        ("about", (95, 0), (105, 0)),
        ("nearly", (90, 0), (100, -1)),
        ("at_least", (100, 0), (float("inf"), 0)),
        ("more_than", (100, 1), (float("inf"), 0)),
        ("at_most", (float("-inf"), 0), (100, 0)),
        ("less_than", (float("-inf"), 0), (100, -1)),
    ],
)
def test_quantifiers_mean_what_the_contract_says(
    quantifier: str, low: tuple[float, int], high: tuple[float, int]
):
    assert RECENSION_1.interval(figure("f", 100, quantifier=quantifier)) == (low, high)


@pytest.mark.parametrize(
    ("magnitude", "least"),
    [("few", 3), ("tens", 12), ("hundreds", 100), ("thousands", 1000), ("indefinite", 1)],
)
def test_words_are_bounds_from_below(magnitude: str, least: int):
    assert RECENSION_1.interval(word("f", magnitude)).low == (least, 0)
    assert RECENSION_1.interval(word("f", magnitude)).high == (float("inf"), 0)


@pytest.mark.parametrize(
    ("fit", "low", "high"),
    [
        ("close", 95, 105),
        ("unclear", 95, 105),
        ("narrower", 95, float("inf")),
        ("wider", float("-inf"), 105),
    ],
)
def test_a_fit_opens_one_side(fit: str, low: float, high: float):
    interval = RECENSION_1.interval(figure("f", 100, quantifier="about", fit=fit))

    assert (interval.low.number, interval.high.number) == (low, high)


def test_numbers_are_exact():
    interval = RECENSION_1.interval(figure("f", 0.11, measure="price", unit="USD/L"))

    assert interval.low.number == Fraction(11, 100)


def test_every_quantifier_has_an_interval():
    for quantifier in QUANTIFIERS:
        made = figure("f", 10, low=5, high=15, quantifier=quantifier)
        if quantifier == "in_words":
            made["magnitude"] = "tens"
        assert RECENSION_1.interval(made).low.number <= 12


def test_parts_leave_out_a_place_that_does_not_limit():
    place = {"id": "city", "bearing": "context"}
    limited = {"id": "city", "bearing": "limit"}

    assert parts_of(figure("f", place=place)).key == "killed.people.clash"
    assert parts_of(figure("f", place=limited)).key == "killed.people.clash.city"
