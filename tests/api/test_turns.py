"""What became contested between two revisions, what was settled, and tables of it all."""

import csv
import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.contested import Point
from tests.api.contract import Contract
from tests.api.walking import local, walk
from tests.contested.dataset import SEEDS
from tests.contested.test_expected import EXPECTED, SERIES

HERE = f"/v1/datasets/{SEEDS.name}"
INJURED = "injured.security-personnel.unrest"
PAIRS = [(old, new) for old in (1, 2, 3) for new in (1, 2, 3)]


def contested(client: FlaskClient, revision: int) -> set[tuple[str, str]]:
    found = walk(client, f"{HERE}/revisions/{revision}/disagreements")
    return {(each["about"], each["id"]) for each in found}


def turned(client: FlaskClient, old: int, new: int, more: str = "") -> list[dict[str, Any]]:
    return walk(client, f"{HERE}/disagreements?from={old}&to={new}{more}")


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_what_turned_is_what_is_contested_on_one_side_only(
    real: FlaskClient, old: int, new: int
) -> None:
    before, after = contested(real, old), contested(real, new)
    found = turned(real, old, new)

    told = {turn: {(e["about"], e["id"]) for e in found if e["turn"] == turn}
            for turn in ("became_contested", "settled")}  # fmt: skip
    assert told == {"became_contested": after - before, "settled": before - after}
    assert len(found) == len(after ^ before)
    assert all(("since" in each) == (each["turn"] == "became_contested") for each in found)


@pytest.mark.parametrize(("old", "new"), [(1, 2), (2, 1), (1, 3)])
def test_the_diff_tells_the_same_turns(real: FlaskClient, old: int, new: int) -> None:
    diff = walk_last(real, f"{HERE}/diff?from={old}&to={new}&limit=1000")
    found = {each["id"]: each for each in turned(real, old, new, "&about=series")}

    assert found.keys() == {each["key"] for each in diff if "turn" in each}
    for each in diff:
        if "turn" in each:
            one = found[each["key"]]
            assert (one["turn"], one.get("by"), one["old"], one["new"]) == (
                each["turn"], each.get("by"), each["old"], each["new"])  # fmt: skip


def walk_last(client: FlaskClient, path: str) -> list[dict[str, Any]]:
    return list(client.get(path).get_json().get("series", []))


def test_what_was_expected_to_become_contested_did(real: FlaskClient) -> None:
    expected = {".".join(key) for each in EXPECTED["between"] if each["to"] == 2
                for key in each["became_contested"]}  # fmt: skip
    found = {each["id"]: each for each in turned(real, 1, 2)}

    assert expected <= found.keys()
    assert found.keys() & SERIES.keys() >= expected
    assert found[INJURED]["by"] == ["security-injured-report-001", "security-injured-report-004"]
    assert found[INJURED]["sources"] == ["report-001", "report-004"]
    assert found[INJURED]["since"]["revision"] == 2
    assert "748" in found[INJURED]["reason"]


def test_an_account_that_came_names_its_source(real: FlaskClient) -> None:
    (events) = [each for each in turned(real, 1, 2) if each["about"] == "events"]

    assert events
    for each in events:
        assert each["conflicts"]
        assert set(each["by"]) <= set(each["sources"])
        assert {"report-001", "report-004"} & set(each["by"])
        assert real.get(local(each["links"]["self"])).status_code == 200


def test_a_walk_through_turns_gives_them_all(real: FlaskClient) -> None:
    whole = real.get(f"{HERE}/disagreements?from=3&to=1").get_json()
    steps = turned(real, 3, 1, "&limit=1")

    assert steps == whole["data"] != []
    assert whole["meta"]["total"] == len(steps)
    assert (whole["meta"]["from"]["revision"], whole["meta"]["to"]["revision"]) == (3, 1)
    assert whole["data"][0]["turn"] == "settled"


def test_a_pinned_comparison_knows_nothing_later(real: FlaskClient) -> None:
    pinned = walk(real, f"{HERE}/revisions/2/disagreements?from=1")

    assert pinned == turned(real, 1, 2)


@pytest.mark.parametrize(("query", "wrong"), [("from=1&to=3", "to"), ("from=3", "from")])
def test_what_lies_after_the_pinned_revision_is_named(
    real: FlaskClient, query: str, wrong: str
) -> None:
    answer = real.get(f"{HERE}/revisions/2/disagreements?{query}")

    assert answer.status_code == 400
    assert [each["parameter"] for each in answer.get_json()["errors"]] == [wrong]


@pytest.mark.parametrize("query", ["to=2", "from=1&without=report-004", "from=0", "from=9",
    "from=1&to=9", "format=csv&points=true", "escape=formulas"])  # fmt: skip
def test_a_comparison_that_makes_no_sense_is_refused(real: FlaskClient, query: str) -> None:
    assert real.get(f"{HERE}/disagreements?{query}").status_code == 400


@pytest.mark.parametrize("path", ["disagreements", "disagreements?from=1&to=2", "series?limit=9"])
def test_lines_and_tables_say_what_the_list_does(
    real: FlaskClient, contract: Contract, path: str
) -> None:
    mark = "&" if "?" in path else "?"
    told = real.get(f"{HERE}/{path}")
    lines = real.get(f"{HERE}/{path}{mark}format=ndjson")
    table = real.get(f"{HERE}/{path}{mark}format=csv")
    rows = list(csv.DictReader(io.StringIO(table.get_data(as_text=True), newline="")))

    assert contract.violations(f"{HERE}/{path.partition('?')[0]}", told) == []
    assert [json.loads(line) for line in lines.get_data().splitlines()] == told.get_json()["data"]
    assert table.headers["Form-Version"] == "1"
    if path.startswith("series"):
        assert 'rel="next"' in table.headers["Link"]
        assert 'rel="next"' in lines.headers["Link"]
        data = [e for e in real.get(f"{HERE}/{path}&points=true").get_json()["data"]]
        points = [(each["key"], point) for each in data for point in each["points"]]
        assert [(row["series"], row["figure"]) for row in rows] == [
            (key, point["figure"]) for key, point in points
        ]
        assert list(rows[0])[-len(Point._fields) :] == list(Point._fields)
    else:
        assert [row["id"] for row in rows] == [each["id"] for each in told.get_json()["data"]]
        assert rows[0]["sources"].split() == told.get_json()["data"][0]["sources"]


def test_impact_tells_the_disputes_that_a_source_alone_keeps_up(real: FlaskClient) -> None:
    every = {e["id"] for e in walk(real, f"{HERE}/disagreements?about=events")}
    kept_up = {}
    for number in range(5):
        source = f"report-00{number}"
        left = {e["id"] for e in walk(real, f"{HERE}/disagreements?about=events&without={source}")}
        impact = real.get(f"{HERE}/sources/{source}/impact").get_json()["data"]
        kept_up[source] = {each["id"] for each in impact["settled"]}

        assert kept_up[source] == every - left
        assert all(each["conflicts"] and each["reason"] for each in impact["settled"])
    assert any(kept_up.values())
