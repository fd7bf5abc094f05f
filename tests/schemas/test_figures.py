"""The rules of figures."""

import pytest

from schemas import KINDS, series_key
from schemas.vocabularies import MEASURES, UNITS
from tests.schemas import samples
from tests.schemas.cases import GONE, changed, pointers, verdicts

FIGURES = KINDS["figures"]
UNIT = {
    "persons": "persons",
    "things": "things",
    "price": "KZT/L",
    "money": "USD",
    "time": "mo",
    "ratio": "%",
    "one": "1",
}


def figure(**members):
    """Return the minimal figure with members set or, if GONE, removed."""
    return changed(samples.minimal_figure(), {f"/{name}": it for name, it in members.items()})


def test_a_missing_number_needs_no_value_quantifier_or_form():
    quiet = figure(value=GONE, quantifier=GONE, form=GONE, missing="not_disclosed")
    assert verdicts(FIGURES, quiet) == (True, True)
    assert verdicts(FIGURES, quiet | {"withheld_by": "council"}) == (True, True)


BROKEN = [
    ("a missing number has no value", {"missing": "unknown"}, ["form", "quantifier", "value"]),
    ("a value needs a quantifier", {"quantifier": GONE}, ["quantifier"]),
    ("a value needs a form", {"form": GONE}, ["form"]),
    ("plain needs a value", {"value": GONE}, ["value"]),
    ("plain has no magnitude", {"magnitude": "tens"}, ["magnitude"]),
    ("between needs both bounds", {"quantifier": "between"}, ["high", "low", "value"]),
    ("between has no value", {"quantifier": "between", "low": 1, "high": 30}, ["value"]),
    ("words need a magnitude", {"quantifier": "in_words", "value": GONE}, ["magnitude"]),
    ("words have no value", {"quantifier": "in_words", "magnitude": "tens"}, ["value"]),
    ("nobody withholds what is stated", {"withheld_by": "council"}, ["withheld_by"]),
    ("persons counted are named", {"counted": GONE}, ["counted"]),
    ("nobody is counted by a share", {"measure": "share", "unit": "1"}, ["counted"]),
    ("bounds of persons are whole", {"low": 11.5}, ["low"]),
    (
        "members are listed only where enumerated",
        {"enumerated": {"complete": True}},
        ["enumerated"],
    ),
    ("what is implied is explained", {"form": "implied"}, ["note"]),
    ("one subject", {"of": {"event": "bridge-fall", "actor": "council"}}, ["of/actor"]),
    ("a bearing", {"place": {"id": "north-quay"}}, ["place/bearing"]),
    (
        "a label before its author",
        {"counted": {"group": "a", "fit": "close", "label_by": "b"}},
        ["counted/label"],
    ),
]


@pytest.mark.parametrize(
    ("members", "where"), [row[1:] for row in BROKEN], ids=[r[0] for r in BROKEN]
)
def test_a_broken_rule_is_refused_by_both_at_its_place(members, where):
    record = figure(**members)
    assert verdicts(FIGURES, record) == (False, False)
    assert pointers("figures", record) == [f"/{place}" for place in where]


def test_a_subject_is_required():
    assert pointers("figures", figure(of={})) == ["/of"]


@pytest.mark.parametrize(
    ("bounds", "where"),
    [
        ({"low": 16}, ["/value"]),
        ({"high": 14}, ["/high"]),
        ({"low": 17, "high": 14}, ["/high", "/value"]),
    ],
)
def test_bounds_lie_around_the_value(bounds, where):
    assert pointers("figures", figure(**bounds)) == where


def test_between_bounds_may_not_cross():
    crossed = figure(quantifier="between", value=GONE, low=3, high=2)
    assert pointers("figures", crossed) == ["/high"]
    assert verdicts(FIGURES, crossed | {"high": 3}) == (True, True)


def test_words_stand_alone():
    record = figure(quantifier="in_words", magnitude="indefinite", value=GONE, form="words")
    assert verdicts(FIGURES, record) == (True, True)
    assert pointers("figures", record | {"low": 3}) == ["/low"]


def test_only_persons_and_things_are_many_without_an_order_of_size():
    record = figure(measure="damage", counted=GONE, unit="USD", quantifier="in_words", value=GONE)
    assert verdicts(FIGURES, record | {"magnitude": "thousands"}) == (True, True)
    assert verdicts(FIGURES, record | {"magnitude": "indefinite"}) == (False, False)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_unit_agrees_with_the_dimension_of_the_measure(measure):
    counted = {"group": "people", "fit": "exact"} if MEASURES[measure].counts else GONE
    own = UNIT[MEASURES[measure].dimension]
    assert verdicts(FIGURES, figure_of(measure, own, counted)) == (True, True)
    for dimension, unit in UNIT.items():
        if dimension != MEASURES[measure].dimension and unit != "1" and own != "1":
            record = figure_of(measure, unit, counted)
            assert verdicts(FIGURES, record) == (False, False)
            assert pointers("figures", record) == ["/unit"]


def figure_of(measure, unit, counted):
    record = figure(measure=measure, unit=unit)
    return changed(record, {"/counted": counted})


@pytest.mark.parametrize("unit", ["kzt", "KZX/L", "KZT/l", "KZT", "L/KZT", "KZT/L/L", "KZT/L\n"])
def test_a_price_is_money_by_volume(unit):
    assert pointers("figures", figure_of("price", unit, GONE)) == ["/unit"]


def test_every_dimension_has_units():
    assert set(UNITS) == {measure.dimension for measure in MEASURES.values()} == set(UNIT)


@pytest.mark.parametrize("value", [12.5, 0.5])
def test_a_fraction_is_refused_where_persons_are_counted(value):
    record = figure(value=value)
    assert verdicts(FIGURES, record) == (False, False)
    assert pointers("figures", record) == ["/value"]


def test_all_evidence_is_of_one_source():
    record = samples.figure()
    record["evidence"][1]["source"] = "wire-002"
    assert pointers("figures", record) == ["/evidence/1/source"]


def test_a_figure_has_no_relation_to_itself():
    record = changed(samples.figure(), {"/relations/0/figure": "herald-001-hurt"})
    assert pointers("figures", record) == ["/relations/0/figure"]


@pytest.mark.parametrize(
    ("start", "end", "fits"),
    [(0, 1, True), (0, 300, True), (0, 301, False), (5, 5, False), (6, 5, False), (-1, 5, False)],
)
def test_evidence_is_a_short_run_of_characters(start, end, fits):
    record = changed(samples.minimal_figure(), {"/evidence/0/start": start, "/evidence/0/end": end})
    assert (pointers("figures", record) == []) is fits


@pytest.mark.parametrize("digest", ["A" * 64, "a" * 63, "a" * 65, "g" * 64, "a" * 64 + "\n"])
def test_a_digest_is_64_lower_case_hexadecimal_digits(digest):
    record = changed(samples.minimal_figure(), {"/evidence/0/sha256": digest})
    assert verdicts(FIGURES, record) == (False, False)


@pytest.mark.parametrize(
    "field", ["/value", "/counted/group", "/attribution", "/attribution/1/manner", "/evidence"]
)
def test_a_suspicion_points_to_a_member_of_its_object(field):
    assert pointers("figures", changed(samples.figure(), {"/suspected/0/field": field})) == []


@pytest.mark.parametrize(
    "field",
    [
        *("value", "/", "/vlaue", "/value/0", "/evidence/0", "/attribution/2", "/attribution/01"),
        "/a~2b",
    ],
)
def test_a_suspicion_that_points_to_nothing_or_into_a_set_is_refused(field):
    record = changed(samples.figure(), {"/suspected/0/field": field})
    assert pointers("figures", record) == ["/suspected/0/field"]


def test_a_set_holds_no_two_equal_members():
    record = samples.figure()
    record["evidence"].append(dict(reversed(record["evidence"][0].items())))
    assert verdicts(FIGURES, record) == (False, False)
    assert pointers("figures", record) == ["/evidence/2"]


def test_a_chain_of_voices_may_repeat():
    record = figure(attribution=[{"manner": "passive"}, {"manner": "passive"}])
    assert verdicts(FIGURES, record) == (True, True)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({}, "injured.people.bridge-fall.north-quay"),
        ({"/place/bearing": "context"}, "injured.people.bridge-fall"),
        ({"/place": GONE}, "injured.people.bridge-fall"),
        (
            {"/value": 99, "/coverage": "instant", "/unit": "x"},
            "injured.people.bridge-fall.north-quay",
        ),
        ({"/of": {"actor": "council"}, "/place": GONE}, "injured.people.council"),
        ({"/measure": "price", "/counted": GONE}, "price.bridge-fall.north-quay"),
    ],
)
def test_the_series_of_a_figure_is_what_it_counts(changes, key):
    assert series_key(changed(samples.figure(), changes)) == key
