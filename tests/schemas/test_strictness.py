"""Types, texts, ids, numbers and absence: the rules that hold for every kind."""

import pytest

from schemas import DATASET, KINDS, Misspelled, kind_of
from tests.schemas import samples
from tests.schemas.cases import GONE, MINIMAL, SAMPLES, changed, pointers, verdicts

ALL = [*KINDS.values(), DATASET]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_rich_and_minimal_records_are_accepted_by_both(kind):
    for sample in (SAMPLES[kind.name](), MINIMAL[kind.name]()):
        assert kind.problems(sample) == []
        assert verdicts(kind, sample) == (True, True)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_the_stub_of_an_erased_record_is_accepted_and_says_nothing(kind):
    stub = samples.stub()
    assert kind.problems(stub) == []
    assert kind.arranged(stub) == stub
    assert [*kind.references(stub), *kind.terms(stub)] == []
    assert set(kind.values(stub).values()) == {None}


def test_a_stub_with_anything_else_is_refused():
    assert pointers("figures", samples.figure() | samples.stub())
    assert pointers("figures", changed(samples.stub(), {"/redacted/at": "2022-02-30T00:00:00Z"}))
    assert pointers("dataset", samples.stub())


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_each_required_member_is_named_where_it_is_missing(kind):
    for name in MINIMAL[kind.name]():
        record = changed(MINIMAL[kind.name](), {f"/{name}": GONE})
        assert verdicts(kind, record) == (False, False)
        assert pointers(kind.name, record) == [f"/{name}"]


@pytest.mark.parametrize("nothing", [None, "", [], {}], ids=repr)
@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_nothing_is_refused_in_every_place_but_attribution(kind, nothing):
    for name in SAMPLES[kind.name]():
        record = changed(SAMPLES[kind.name](), {f"/{name}": nothing})
        if name == "attribution" and nothing == []:
            record = changed(record, {"/suspected": GONE})
            assert verdicts(kind, record) == (True, True)
        else:
            assert verdicts(kind, record) == (False, False), name
            assert any(place.startswith(f"/{name}") for place in pointers(kind.name, record))


def test_an_unknown_member_is_refused_with_those_that_exist():
    record = changed(samples.figure(), {"/counted/gruop": "people"})
    assert verdicts(KINDS["figures"], record) == (False, False)
    (problem,) = KINDS["figures"].problems(record)
    assert problem.pointer == "/counted/gruop"
    assert "fit, group, label, label_by" in problem.detail


def test_a_slip_in_a_code_is_answered_with_the_codes():
    (problem,) = KINDS["figures"].problems(changed(samples.figure(), {"/stance": "assert"}))
    assert problem.detail == '"assert" is not one of: asserts, denies, withdraws'


@pytest.mark.parametrize(
    "value",
    ["12", True, 12.0, 12.5, float("nan"), float("inf"), 10**15, -(10**15), 10**5000, [12]],
    ids=lambda value: str(value)[:20] if not isinstance(value, int) else hex(value)[:20],
)
def test_only_a_whole_number_counts_persons(value):
    record = changed(samples.minimal_figure(), {"/value": value})
    assert pointers("figures", record) == ["/value"]


PRICE = {"/measure": "price", "/unit": "KZT/L", "/counted": GONE}


@pytest.mark.parametrize(
    "value", [0, -3, 12.5, 0.0001, 10**15 - 1, -(10**15) + 1, 99999999999999.5], ids=repr
)
def test_numbers_that_are_written_back_as_read_are_accepted(value):
    record = changed(samples.minimal_figure(), PRICE | {"/value": value})
    assert verdicts(KINDS["figures"], record) == (True, True)


@pytest.mark.parametrize(
    "value", [120.0, -0.0, 0.00009, 1e15, 1e300, 1.2345678901234567, 0.1 + 0.2], ids=repr
)
def test_numbers_that_might_change_on_the_way_are_refused(value):
    record = changed(samples.minimal_figure(), PRICE | {"/value": value})
    assert pointers("figures", record) == ["/value"]


@pytest.mark.parametrize(
    "slug",
    ["a\n", "A", "a--b", "-a", "a-", "a_b", "é", "٣", "con", "lpt9", "a" * 101, 12],
    ids=repr,
)
def test_what_cannot_name_a_record_and_a_file_is_refused_as_an_id(slug):
    record = changed(samples.minimal_figure(), {"/id": slug})
    assert verdicts(KINDS["figures"], record) == (False, False)
    assert pointers("figures", record) == ["/id"]


@pytest.mark.parametrize("slug", ["a", "0", "report-001", "con1", "com10", "a" * 100])
def test_other_ids_are_accepted(slug):
    assert pointers("figures", changed(samples.minimal_figure(), {"/id": slug})) == []


@pytest.mark.parametrize(
    "text",
    [" a", "a ", "a\n", "\u00a0a", "a\u3000", "a\tb", "a\nb", "a\x85b", "x" * 301],
    ids=ascii,
)
def test_a_short_text_is_one_clean_line(text):
    record = changed(samples.minimal_figure(), {"/printed": text})
    assert verdicts(KINDS["figures"], record) == (False, False)


@pytest.mark.parametrize("text", ["a\nb", "x" * 2000, "\U0001f600", "é", "a\u200db"], ids=ascii)
def test_a_text_may_have_lines(text):
    record = changed(samples.minimal_figure(), {"/note": text})
    assert verdicts(KINDS["figures"], record) == (True, True)


@pytest.mark.parametrize("text", ["a\rb", "x" * 2001, "\na"], ids=ascii)
def test_a_text_may_not_have_other_control_characters(text):
    record = changed(samples.minimal_figure(), {"/note": text})
    assert verdicts(KINDS["figures"], record) == (False, False)


def test_text_that_is_not_composed_is_refused():
    assert pointers("figures", changed(samples.figure(), {"/note": "e\u0301"})) == ["/note"]


def test_lone_surrogates_are_refused_in_values_and_names():
    assert pointers("figures", changed(samples.figure(), {"/note": "a\ud800b"})) == ["/note"]
    (problem,) = KINDS["figures"].problems(samples.figure() | {"a\ud800": "b"})
    assert problem.pointer.isascii()


@pytest.mark.parametrize(
    "place", ["", "/value", "/note", "/of", "/of/event", "/evidence/1/start", "/stray", "/stance"]
)
def test_a_misspelled_number_is_found_wherever_it_stands(place):
    odd = Misspelled("1e3", "write 1000")
    record = changed(samples.figure(), {place: odd}) if place else odd
    problems = KINDS["figures"].problems(record)
    assert [(problem.pointer, problem.detail) for problem in problems] == [
        (place, '"1e3": write 1000')
    ]


def test_a_misspelled_number_below_an_unknown_member_is_found():
    record = samples.figure() | {"stray": [{"deep": Misspelled("012", "write 12")}]}
    assert pointers("figures", record) == ["/stray", "/stray/0/deep"]


def deep(levels):
    value = "bottom"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [None, True, 3, float("nan"), "text", [], [[]], {}, {"": {}}, {"id": deep(9000)}],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_what_is_no_record_at_all_is_refused_without_an_accident(kind, value):
    assert kind.problems(value)


def test_a_very_deep_value_of_a_text_is_refused_without_an_accident():
    assert pointers("figures", changed(samples.figure(), {"/note": deep(9000)})) == ["/note"]


def test_pointers_are_escaped():
    assert pointers("figures", samples.figure() | {"a/b~c": 1}) == ["/a~1b~0c"]


def test_problems_come_one_a_place_and_all_at_once():
    record = changed(samples.figure(), {"/value": None, "/stance": "yes", "/x": 1})
    assert pointers("figures", record) == ["/stance", "/value", "/x"]


def test_names_of_kinds():
    assert list(KINDS) == ["actors", "events", "figures", "sources"]
    assert kind_of("dataset") is DATASET
    with pytest.raises(KeyError):
        kind_of("places")
