"""Where sources disagree, and what rests on a source, over HTTP and on both engines."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.api.walking import local, walk
from tests.contested.dataset import SEEDS
from tests.contested.test_expected import EVENTS, REVISIONS

HERE = f"/v1/datasets/{SEEDS.name}"
INJURED = "injured.security-personnel.unrest"


def listed(client: FlaskClient, revision: int, query: str = "") -> dict[str, dict[str, Any]]:
    found = walk(client, f"{HERE}/revisions/{revision}/disagreements{query}")
    return {each["id"]: each for each in found}


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_contested_series_are_listed(real: FlaskClient, revision: int) -> None:
    series = walk(real, f"{HERE}/revisions/{revision}/series?status=contested")
    found = listed(real, revision)

    assert {each["key"] for each in series} == {
        name for name, each in found.items() if each["about"] == "series"
    }
    for each in series:
        assert found[each["key"]]["figures"] == each["rests_on"]
        assert found[each["key"]]["reason"] == each["reason"]


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("key", EVENTS)
def test_an_event_is_listed_from_the_expected_revision_on(
    real: FlaskClient, key: str, revision: int
) -> None:
    found = listed(real, revision).get(key, {"conflicts": []})
    aspects = {conflict["aspect"] for conflict in found["conflicts"]}

    assert (EVENTS[key]["aspect"] in aspects) == (revision in EVENTS[key]["contested"])
    if aspects:
        assert found["since"]["revision"] == EVENTS[key]["contested"][0]


def test_what_each_report_says_of_the_day_is_told(real: FlaskClient) -> None:
    cap = listed(real, 3)["price-cap-set"]
    (dates,) = cap["conflicts"]
    days = {s.removeprefix("report-"): a["answer"] for a in dates["answers"] for s in a["sources"]}

    assert days == {name: str(day) for name, day in EVENTS["price-cap-set"]["days"].items()}
    assert cap["reason"].startswith("When it was: 2022-01-04 (report-002); ")


def test_a_walk_keeps_the_order_of_rank(real: FlaskClient) -> None:
    whole = real.get(f"{HERE}/disagreements").get_json()
    steps = walk(real, f"{HERE}/disagreements?limit=1")

    assert steps == whole["data"]
    assert len(steps) == whole["meta"]["total"]
    assert [each["about"] for each in steps] == sorted((e["about"] for e in steps), reverse=True)
    ratios = [each["span"]["ratio"] for each in steps if each["about"] == "series"]
    assert ratios == sorted(ratios, reverse=True)


def test_since_when_is_told(real: FlaskClient) -> None:
    since = listed(real, 3)[INJURED]["since"]

    assert since == {"revision": 2, "issued": "2022-01-07T23:59:59Z"}
    assert INJURED not in listed(real, 1)


def test_each_leads_to_what_it_is_about(real: FlaskClient) -> None:
    for each in listed(real, 3).values():
        assert real.get(local(each["links"]["self"])).status_code == 200


def test_to_leave_a_source_out_settles_what_it_alone_disputes(real: FlaskClient) -> None:
    every, found = listed(real, 3), listed(real, 3, "?without=report-004")

    assert found.keys() < every.keys()
    assert {INJURED, "nazarbayev-rule-begins"} <= every.keys() - found.keys()
    assert "price-cap-set" in found
    assert all("report-004" not in each["sources"] for each in found.values())


def test_what_rests_on_a_source_is_told(real: FlaskClient) -> None:
    found = real.get(f"{HERE}/sources/report-004/impact").get_json()["data"]

    assert (found["standing"], found["stands"]) == ("updated", False)
    for kind, resting in found["records"].items():
        ids = [each["id"] for each in walk(real, f"{HERE}/{kind}?source=report-004&limit=1000")]
        assert resting == {"ids": ids, "total": len(ids)}
    (injured,) = [each for each in found["series"] if each["key"] == INJURED]
    assert (injured["old"]["status"], injured["new"]["status"]) == ("contested", "single_voice")
    assert (injured["turn"], injured["new"]["span"]["max"]) == ("settled", 784)
    assert found["judged"] == found["claimed"] >= len(found["series"])


def test_what_would_be_without_a_source_is_what_the_series_say(real: FlaskClient) -> None:
    (answer,) = [real.get(f"{HERE}/revisions/3/sources/report-001/impact").get_json()["data"]]
    for change in answer["series"]:
        path = f"{HERE}/revisions/3/series/{change['key']}"
        with_it, without = (
            real.get(path + query).get_json()["data"] for query in ("", "?without=report-001")
        )
        assert (with_it["status"], with_it.get("span")) == (
            change["old"]["status"], change["old"].get("span"))  # fmt: skip
        assert (without["status"], without.get("span")) == (
            change["new"]["status"], change["new"].get("span"))  # fmt: skip


def test_a_source_that_stands_says_so_and_one_that_is_missing_is_404(real: FlaskClient) -> None:
    standing = real.get(f"{HERE}/sources/report-002/impact").get_json()["data"]

    assert standing["stands"] == (standing["standing"] == "current")
    assert real.get(f"{HERE}/sources/report-009/impact").status_code == 404
    assert real.get(f"{HERE}/revisions/1/sources/report-004/impact").status_code == 404
