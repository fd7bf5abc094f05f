"""What changed between two revisions, over HTTP."""

import pytest
from flask.testing import FlaskClient

from service.canonical import canonical, digest
from tests.api.published import ADDED, CHANGED, NAME
from tests.api.walking import HERE


def test_a_modification_is_told_field_by_field(client: FlaskClient) -> None:
    told = client.get(f"{HERE}/diff?from=1&to=2&change=modified").get_json()

    (change,) = told["data"]
    after = client.get(f"{HERE}/revisions/2/figures/{CHANGED}").get_data()
    assert change == {
        "kind": "figures",
        "id": CHANGED,
        "change": "modified",
        "reason": "unstated",
        "digest": digest(after),
        "fields": [{"path": "/note", "new": "Counted again."}],
    }


def test_an_addition_brings_the_record_whole(client: FlaskClient) -> None:
    told = client.get(f"{HERE}/diff?from=1&to=2&change=added").get_json()

    assert len(told["data"]) == ADDED
    for change in told["data"]:
        assert digest(canonical(change["record"])) == change["digest"]


def test_the_diff_back_is_the_inverse(client: FlaskClient) -> None:
    there = client.get(f"{HERE}/diff?from=1&to=3").get_json()
    back = client.get(f"{HERE}/diff?from=3&to=1").get_json()

    words = {"added": "removed", "removed": "added", "modified": "modified"}
    assert [words[change["change"]] for change in there["data"]] == [
        change["change"] for change in back["data"]
    ]
    assert back["meta"]["counts"] == {
        "dataset": {"modified": 1},
        "figures": {"modified": 1, "removed": ADDED},
    }
    modified = [change for change in back["data"] if change["id"] == CHANGED]
    assert modified[0]["fields"] == [{"path": "/note", "old": "Counted again."}]


def test_dataset_json_comes_first(client: FlaskClient) -> None:
    first = client.get(f"{HERE}/diff?from=1").get_json()["data"][0]

    assert (first["kind"], first["id"], first["change"]) == ("dataset", NAME, "modified")
    assert [field["path"] for field in first["fields"]] == ["/description"]


def test_the_counts_are_of_all_that_the_filters_admit(client: FlaskClient) -> None:
    def counts(query: str) -> object:
        return client.get(f"{HERE}/diff?from=1&limit=1&{query}").get_json()["meta"]["counts"]

    assert counts("") == {"dataset": {"modified": 1}, "figures": {"added": ADDED, "modified": 1}}
    assert counts("kind=dataset") == {"dataset": {"modified": 1}}
    assert counts("change=modified") == {"dataset": {"modified": 1}, "figures": {"modified": 1}}
    assert counts(f"id={CHANGED}") == {"figures": {"modified": 1}}
    assert counts("kind=actors") == {}


def test_both_ends_are_named(client: FlaskClient) -> None:
    meta = client.get(f"{HERE}/diff?from=1").get_json()["meta"]

    assert (meta["from"]["revision"], meta["to"]["revision"]) == (1, 3)
    assert meta["to"]["digest"] == client.get(f"{HERE}/revisions/3").get_json()["data"]["digest"]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_revision_does_not_differ_from_itself(client: FlaskClient, number: int) -> None:
    told = client.get(f"{HERE}/diff?from={number}&to={number}").get_json()

    assert told["data"] == []
    assert told["meta"]["counts"] == {}


def test_a_diff_needs_to_know_from_where(client: FlaskClient) -> None:
    told = client.get(f"{HERE}/diff?to=2")

    assert told.status_code == 400
    assert told.get_json()["errors"][0]["parameter"] == "from"
