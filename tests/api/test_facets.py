"""Counts of a revision, by value and by day."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from schemas import KINDS
from service.store import tallies
from tests.api.contract import Contract
from tests.api.walking import HERE

FACETS = f"{HERE}/facets"


def told(client: FlaskClient, query: str, start: str = HERE) -> Any:
    answer = client.get(f"{start}/facets?{query}")
    assert answer.status_code == 200, answer.get_data()
    return answer.get_json()


def test_values_are_counted_for_several_fields_at_once(
    client: FlaskClient, contract: Contract
) -> None:
    answer = client.get(f"{FACETS}?kind=figures&field=measure,quantifier,place.id,value")

    assert contract.violations(FACETS, answer) == []
    assert answer.get_json()["data"] == [
        {"field": "measure", "values": [{"value": "injured", "count": 14}], "more": 0, "absent": 0},
        {
            "field": "quantifier",
            "values": [{"value": "about", "count": 13}, {"value": "at_least", "count": 1}],
            "more": 0,
            "absent": 0,
        },
        {
            "field": "place.id",
            "values": [{"value": "north-quay", "count": 1}],
            "more": 0,
            "absent": 13,
        },
        {
            "field": "value",
            "values": [{"value": 15, "count": 13}, {"value": 12, "count": 1}],
            "more": 0,
            "absent": 0,
        },
    ]
    assert answer.get_json()["meta"]["total"] == 14


def test_facets_are_of_the_revision_and_of_what_is_filtered(client: FlaskClient) -> None:
    query = "kind=figures&field=source&measure=injured"

    assert told(client, query, f"{HERE}/revisions/1")["meta"]["total"] == 2
    assert told(client, f"{query}&source=wire-002")["data"][0]["values"] == [
        {"value": "wire-002", "count": 13}
    ]
    assert told(client, f"{query}&bbox=11,-65,13,-64")["meta"]["total"] == 1


def test_members_of_lists_count_once_a_record(client: FlaskClient) -> None:
    (facet,) = told(client, "kind=events&field=accounts.evidence.source")["data"]

    assert facet["values"] == [
        {"value": "wire-002", "count": 2},
        {"value": "herald-001", "count": 1},
    ]


def test_of_many_values_the_most_frequent_are_told(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "MOST", 1)
    (facet,) = told(client, "kind=figures&field=value")["data"]

    assert (facet["values"], facet["more"]) == ([{"value": 15, "count": 13}], 1)


def test_dates_are_counted_by_day(client: FlaskClient, contract: Contract) -> None:
    query = "kind=figures&field=reference_period&by=day"
    answer = client.get(f"{FACETS}?{query}&days=1931-05-03/1931-05-06")

    assert contract.violations(FACETS, answer) == []
    (histogram,) = answer.get_json()["data"]
    assert [day["count"] for day in histogram["days"]] == [0, 1, 1, 0]
    assert histogram["absent"] == 13
    assert [day["day"] for day in told(client, query)["data"][0]["days"]] == [
        "1931-05-04",
        "1931-05-05",
    ]


def test_days_that_nobody_states_are_no_days(client: FlaskClient) -> None:
    (histogram,) = told(client, "kind=figures&field=reference_period&by=day&value=15")["data"]

    assert histogram == {"field": "reference_period", "days": [], "absent": 13}


@pytest.mark.parametrize(("query", "parameter", "detail"), [
    ("field=measure", "kind", "give one of: actors, events, figures, sources"),
    ("kind=figures", "field", "is missing"),
    ("kind=persons&field=measure", "kind", "is not one of"),
    ("kind=figures&field=printed", "field", "is not one of"),
    ("kind=figures&field=id", "field", "is not one of"),
    ("kind=figures&field=", "field", "is not one of"),
    ("kind=figures&field=measure,measure", "field", "twice"),
    ("kind=figures&field=a,b,c,d,e,f,g,h,i", "field", "at most 8"),
    ("kind=actors&field=measure", "field", "is not one of"),
    ("kind=figures&field=measure&event_type=scene", "event_type", "filters of figures"),
    ("kind=figures&field=measure&measure=x", "measure", "is not one of"),
    ("kind=actors&field=anonymity&bbox=1,2,3,4", "bbox", "actors have no place"),
    ("kind=figures&field=reference_period", "field", "count it with by=day"),
    ("kind=figures&field=measure&by=day", "by", "no date is counted"),
    ("kind=figures&field=measure&days=2022", "days", "no date is counted"),
    ("kind=figures&field=reference_period&by=week", "by", "is not one of: day"),
    ("kind=figures&field=reference_period&by=day&days=x", "days", "a date is written"),
    ("kind=figures&field=reference_period&by=day&days=2021/2022", "days", "366"),
    ("kind=figures&field=reference_period&by=day&days=../2022", "days", "366"),
    ("kind=figures&field=reference_period&by=day&days=2022/..", "days", "366"),
    ("kind=figures&field=reference_period&by=day&days=0000-01-01", "days", "366"),
    ("kind=sources&field=published.date&by=day", "days", "366"),
    ("kind=figures&field=measure&limit=5", "limit", "is unknown here"),
])  # fmt: skip
def test_what_cannot_be_counted_is_refused(
    client: FlaskClient, contract: Contract, query: str, parameter: str, detail: str
) -> None:
    answer = client.get(f"{FACETS}?{query}")

    assert answer.status_code == 400, answer.get_data()
    place = answer.get_json()["errors"][0]
    assert place["parameter"] == parameter
    assert detail in place["detail"]
    assert contract.violations(FACETS, answer) == []


def test_every_field_of_every_kind_is_counted(client: FlaskClient, contract: Contract) -> None:
    for kind in KINDS.values():
        for of in kind.filters.values():
            if of.counted:
                by = "&by=day&days=1931-05" if of.type == "date" else ""
                answer = client.get(f"{FACETS}?kind={kind.name}&field={of.name}{by}")

                assert answer.status_code == 200, answer.get_data()
                assert contract.violations(FACETS, answer) == []
