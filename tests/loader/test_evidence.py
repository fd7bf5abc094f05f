"""The pure parts of the check of evidence: numbers, words, and runs of words that are shared."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import KINDS
from service.loader.evidence.bearers import evidence_paths
from service.loader.evidence.boundaries import splits_word
from service.loader.evidence.copied import LIMIT, runs
from service.loader.evidence.digits import in_digits
from service.loader.evidence.quantities import Quantity, Selected, faults, numbers_in
from service.loader.evidence.spelled import in_words

NUMBERS = st.integers(0, 10**12)
SEPARATORS = st.sampled_from(["", ",", ".", "'", "’", " ", "\u00a0", "\u2009", "\u202f"])  # noqa: RUF001
AROUND = st.sampled_from(
    [
        ("about ", " people"),
        ("$", "."),
        ("(€", ")"),
        ("", "-day"),
        ("“", "”"),
        ("USD", ","),
        ("", ""),
    ]
)


SMALL = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen",
)
TENS = re.findall(r"\w+", "twenty thirty forty fifty sixty seventy eighty ninety")


def grouped(number: int, separator: str) -> str:
    return f"{number:,}".replace(",", separator)


def values(text: str) -> set[Decimal]:
    return {value for found in in_digits(text) for value in found.values}


def worded(text: str, measure: str = "killed", unit: str = "persons") -> list[Decimal]:
    return sorted(value for found in in_words(text, measure, unit) for value in found.values)


def spelled(number: int) -> str:
    """An independent speller, in the way of British English."""
    if number < 20:
        return SMALL[number]
    if number < 100:
        ten, one = divmod(number, 10)
        return TENS[ten - 2] + (f"-{SMALL[one]}" if one else "")
    scales = {10**9: "billion", 10**6: "million", 1000: "thousand", 100: "hundred"}
    base = next(base for base in scales if number >= base)
    many, rest = divmod(number, base)
    joint = " and " if rest < 100 else " "
    return f"{spelled(many)} {scales[base]}" + (joint + spelled(rest) if rest else "")


@given(NUMBERS, SEPARATORS, AROUND)
def test_a_number_is_found_in_every_style_of_grouping(number, separator, around) -> None:
    assert number in values(grouped(number, separator).join(around))


@given(NUMBERS, st.integers(1, 10**6), SEPARATORS, AROUND, st.booleans())
def test_a_number_inside_a_longer_number_is_not_found(
    number, more, separator, around, is_head
) -> None:
    longer = int(f"{number}{more}" if is_head else f"{more}{number}")

    found = values(grouped(longer, separator).join(around))

    assert longer in found
    assert number not in found


@given(st.integers(0, 10**9), st.integers(1, 9), st.sampled_from(".,"))
def test_a_fraction_is_found_and_neither_of_its_halves(whole, tenth, point) -> None:
    assert values(f"a price of {whole}{point}{tenth} tenge") == {Decimal(f"{whole}.{tenth}")}


@given(
    st.integers(1, 999), st.sampled_from([("million", 6), ("-thousand", 3), ("bn", 9), ("k", 3)])
)
def test_a_scale_is_part_of_its_number(number, scale) -> None:
    word, power = scale
    gap = " " if word.isalpha() and len(word) > 2 else ""

    assert values(f"some {number}{gap}{word} people") == {Decimal(number * 10**power)}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("200\u2013250 protesters", 200),
        ("200\u2013250 protesters", 250),
        ("200-250 protesters", 250),
        ("between 2 and 3 million", 2_000_000),
        ("around $57 million", 57_000_000),
        ("(£57m)", 57_000_000),
        ("$0.11\u2013$0.15", "0.11"),
        ("a 55-year-old", 55),
        ("70 24-hour posts", 70),
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("$.57", "0.57"),
        ("the 3rd", 3),
    ],
)
def test_a_number_is_found_as_reports_print_it(text, number) -> None:
    assert Decimal(number) in values(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("112", 12),
        ("1,353", 353),
        ("1\u202f353", 353),
        ("2.5", 2),
        ("50,000", 50),
        ("50.000", 50),
        ("19 million", 19),
        ("12:30", 12),
        ("1/2", 1),
        ("6.1.2022", 6),
        ("F16", 16),
        ("1,2345", 2345),
        ("12 people", 0),
        ("twelve", 12),
    ],
)
def test_a_number_is_not_found_in_what_is_another(text, number) -> None:
    assert Decimal(number) not in values(text)


@given(st.integers(1, 10**12 - 1), st.sampled_from(["{}", "about {} people", "{}-strong", "“{}”"]))
def test_a_number_in_words_is_read_whole_and_nothing_else_is(number, frame) -> None:
    assert worded(frame.format(spelled(number))) == [number]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Six hours", [6]),
        ("a thousand", [1000]),
        ("twelve hundred", [1200]),
        ("a dozen", [12]),
        ("half a dozen", [6]),
        ("two dozen", [24]),
        ("half a million", [500_000]),
        ("two and a half million", [2_500_000]),
        ("two hundred and three hundred", [200, 300]),
        ("two thousand and three thousand", [2000, 3000]),
        ("five or six", [5, 6]),
        ("five-to-six", [5, 6]),
        ("nobody", [0]),
        ("a single shot", [1]),
        ("both brothers, twice", [2, 2]),
        ("two thirds", []),
        ("twenty-two thirds", []),
        ("the twenty-first", []),
        ("sixty", [60]),
        ("hundreds, dozens, several, a couple", []),
        ("a week, doubling", []),
        ("someone, tone, tension", []),
    ],
)
def test_words_are_read_as_the_numbers_that_they_are_for_certain(text, number) -> None:
    assert worded(text) == number


@pytest.mark.parametrize(
    ("text", "measure", "unit", "number"),
    [
        ("over three decades", "duration", "a", [30]),
        ("over three decades", "duration", "mo", [3]),
        ("a century", "duration", "a", [100]),
        ("the course of a week", "elapsed", "wk", [1]),
        ("the course of a week", "elapsed", "d", []),
        ("half an hour", "elapsed", "h", [Decimal("0.5")]),
        ("prices doubled", "price_factor", "1", [2]),
        ("a fourfold rise", "price_factor", "1", [4]),
        ("the third address", "ordinal", "1", [3]),
        ("the twenty-first", "ordinal", "1", [21]),
        ("three addresses", "ordinal", "1", []),
    ],
)
def test_a_unit_and_a_measure_say_which_words_are_numbers(text, measure, unit, number) -> None:
    assert worded(text, measure, unit) == number


@pytest.mark.parametrize(
    ("magnitude", "text", "is_said"),
    [
        ("few", "several casualties", True),
        ("few", "several hundred people", False),
        ("tens", "Scores were killed", True),
        ("tens", "tens of thousands", False),
        ("hundreds", "several hundred", True),
        ("hundreds", "hundreds of thousands", False),
        ("hundreds", "a hundred", False),
        ("thousands", "tens of thousands", True),
        ("thousands", "dozens", False),
        ("indefinite", "Large crowds", True),
    ],
)
def test_an_order_of_size_needs_its_own_word(magnitude, text, is_said) -> None:
    quantity = Quantity("words", "crowd", "persons", {}, magnitude, None)

    assert list(faults(quantity, [Selected(text, 0, len(text))])) == (
        [] if is_said else [("magnitude", f"no selected words say {magnitude}")]
    )


@pytest.mark.parametrize(
    ("text", "selected", "number"),
    [
        ("some 2,298 people", "298 people", []),
        ("some 2,298 people", "2", []),
        ("some 19 million", "19", []),
        ("some 2.5 per cent", "2", []),
        ("on May 6 200 people", "200 people", [200]),
        ("on May 6 200 people", "May 6 200", [6200]),
        ("some 2,298 people", "2,298", [2298]),
    ],
)
def test_a_selection_cannot_make_a_number_of_a_part_of_one(text, selected, number) -> None:
    start = text.index(selected)

    assert list(numbers_in(Selected(text, start, start + len(selected)), in_digits)) == number


@given(
    st.lists(st.from_regex(r"[a-zа-я0-9]{1,6}", fullmatch=True), min_size=1, max_size=6),  # noqa: RUF001
    st.sampled_from([" ", "\n", "-", "’", ", ", "\ufeff"]),  # noqa: RUF001
)
def test_a_cut_splits_a_word_inside_it_and_nowhere_else(found, gap) -> None:
    text, inside, at = gap.join(found), set(), 0
    for word in found:
        inside.update(range(at + 1, at + len(word)))
        at += len(word) + len(gap)

    assert {cut for cut in range(len(text) + 1) if splits_word(text, cut)} == inside


@pytest.mark.parametrize(
    ("text", "at", "splits"),
    [
        ("cafe\u0301", 4, True),
        ("cafe\u0301s", 5, True),
        ("\u2603\ufe0f", 1, True),
        ("क\u093f", 1, True),
        ("12人", 2, False),
        ("東京", 1, False),
        ("word", 0, False),
        ("word", 4, False),
        ("", 0, False),
    ],
)
def test_marks_belong_to_what_they_follow_and_some_scripts_show_no_words(text, at, splits) -> None:
    assert splits_word(text, at) is splits


@given(st.lists(st.booleans(), max_size=40))
def test_a_run_covers_exactly_the_shared_words(shared) -> None:
    words = [str(index) for index in range(len(shared) + LIMIT - 1)]
    accepts: Callable[[tuple[str, ...]], bool] = lambda gram: shared[int(gram[0])]  # noqa: E731

    found = list(runs(words, accepts))

    covered = [any(s <= at and at + LIMIT <= e for s, e in found) for at in range(len(shared))]
    assert covered == shared
    assert all(end - start >= LIMIT for start, end in found)


def test_evidence_is_found_wherever_a_schema_has_it() -> None:
    assert {name: set(evidence_paths(kind.schema)) for name, kind in KINDS.items()} == {
        "actors": {("names", "evidence"), ("roles", "evidence")},
        "events": {("accounts", "evidence")},
        "figures": {("evidence",)},
        "sources": set(),
    }
