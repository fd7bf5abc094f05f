"""The charts of the documents draw what the service answers, and the picture is one of them."""

import csv
import io

import pytest
import requests

from tests.docs import chart
from tests.docs.shell import Served

CHARTS = chart.specifications()


def table(served: Served, number: int) -> str:
    answer = requests.get(f"{served.base}{chart.address(CHARTS[number])}", timeout=30)
    return answer.text


@pytest.mark.parametrize("number", range(len(CHARTS)))
def test_a_chart_draws_every_claim_of_the_table(served: Served, number: int) -> None:
    text = table(served, number)
    rows = list(csv.DictReader(io.StringIO(text)))
    marks = chart.marks(chart.drawn(CHARTS[number], text))

    points = [mark for mark in marks if "quantifier: " in mark]
    assert len(points) == len(rows) > 3
    for row in rows:
        said = (row["source"], f": {row['min']};", f"role: {row['role']}",
                f"quantifier: {row['quantifier']}")  # fmt: skip
        assert any(all(part in mark for part in said) for mark in points), row["figure"]


def test_the_picture_says_what_the_service_answers(served: Served) -> None:
    fresh = chart.marks(chart.drawn(CHARTS[-1], table(served, -1)))
    picture = chart.marks(chart.PICTURE.read_text(encoding="utf-8"))

    assert picture == fresh != []


def test_a_picture_of_other_numbers_is_noticed(served: Served) -> None:
    other = table(served, -1).replace(",18,", ",17,")

    assert chart.marks(chart.drawn(CHARTS[-1], other)) != chart.marks(
        chart.PICTURE.read_text(encoding="utf-8")
    )
