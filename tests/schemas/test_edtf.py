"""Dates in EDTF: our verdict and bounds, and those of the `edtf` library."""

import re
import warnings
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import edtf

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Its grammar is older than the parser that reads it.
    from edtf import EDTFParseException, parse_edtf


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2022", "2022-01-01", "2022-12-31"),
        ("2022-02", "2022-02-01", "2022-02-28"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2022-01-05", "2022-01-05", "2022-01-05"),
        ("202X", "2020-01-01", "2029-12-31"),
        ("20XX", "2000-01-01", "2099-12-31"),
        ("2022-XX", "2022-01-01", "2022-12-31"),
        ("2022-XX-XX", "2022-01-01", "2022-12-31"),
        ("2022-01-XX", "2022-01-01", "2022-01-31"),
        ("2022-01-05?", "2022-01-05", "2022-01-05"),
        ("2022~", "2022-01-01", "2022-12-31"),
        ("202X%", "2020-01-01", "2029-12-31"),
        ("0000", "0000-01-01", "0000-12-31"),
        ("0000-02-29", "0000-02-29", "0000-02-29"),
        ("9999-12-31", "9999-12-31", "9999-12-31"),
        ("2022-01-02/2022-01-05", "2022-01-02", "2022-01-05"),
        ("2022-01-15/2022-01", "2022-01-15", "2022-01-31"),
        ("2022?/2023~", "2022-01-01", "2023-12-31"),
        ("2022-01-06/..", "2022-01-06", "9999-12-31"),
        ("../2022-01-06", "0000-01-01", "2022-01-06"),
    ],
)
def test_a_date_has_a_first_and_a_last_possible_day(text, earliest, latest):
    assert edtf.bounds(text) == (earliest, latest)


@pytest.mark.parametrize(
    "text",
    [
        *("", "22", "2022-1", "2022-13", "2022-00", "2022-01-00", "2022-02-30", "2021-02-29"),
        *("1900-02-29", "2022-04-31", "2022-21", "X022", "202X-01", "2022-1X"),
        *("2022-01-0X", "2022-XX-05", "?2022", "2022?~", "2022-?01", "y2022", "-2022", "../.."),
        *("2022/", "/2022", "2022/2023/2024", "2022-02/2022-01", "..", "2022-01-05T10:00:00Z"),
        *("2022\n", "\uff12\uff10\uff12\uff12", "2022-01-05/2022-02-30"),
    ],
    ids=ascii,
)
def test_what_the_model_does_not_take_for_a_date_is_refused(text):
    with pytest.raises(ValueError, match=r"date|day|interval"):
        edtf.bounds(text)


years = st.integers(0, 9999).map("{:04}".format)
months = st.integers(0, 13).map("{:02}".format) | st.just("XX")
days = st.integers(0, 32).map("{:02}".format) | st.just("XX")
dates = st.builds(
    "".join,
    st.tuples(
        st.one_of(
            years,
            years.map(lambda year: year[:3] + "X"),
            years.map(lambda year: year[:2] + "XX"),
            st.builds("{}-{}".format, years, months),
            st.builds("{}-{}-{}".format, years, months, days),
        ),
        st.sampled_from(["", "", "?", "~", "%"]),
    ),
).filter(lambda text: not re.search("XX-[0-9]", text))
# Within one interval the library knows either qualifiers or unspecified digits, and no XX months.
qualified = dates.filter(lambda text: "X" not in text)
unspecified = dates.filter(lambda text: not re.search("[?~%]|^[0-9]{4}-XX", text))
texts = (
    dates
    | st.builds("{}/{}".format, qualified, qualified)
    | st.builds("{}/{}".format, unspecified, unspecified)
)


def as_the_library_says(text):
    """Return the library's bounds, or None; it takes 29 February and any order for granted."""
    try:
        parsed = parse_edtf(text)
        bounds = [
            "{:04}-{:02}-{:02}".format(*day)
            for day in (parsed.lower_strict(), parsed.upper_strict())
        ]
    except EDTFParseException:
        return None
    is_real = all(is_a_day(day) for day in re.findall("[0-9]{4}-[0-9]{2}-[0-9]{2}", text))
    return tuple(bounds) if is_real and bounds[0] <= bounds[1] else None


def is_a_day(text):
    year, month, day = map(int, text.split("-"))
    try:
        date(year or 2000, month, day)
    except ValueError:
        return False
    return True


def ours(text):
    try:
        return edtf.bounds(text)
    except ValueError:
        return None


@settings(max_examples=60, deadline=None)
@given(texts)
def test_verdict_and_bounds_agree_with_the_edtf_library(text):
    assert ours(text) == as_the_library_says(text)


def test_the_comparison_notices_a_wrong_bound(monkeypatch):
    monkeypatch.setattr(edtf, "isleap", lambda year: False)
    assert ours("2024-02") != as_the_library_says("2024-02")
