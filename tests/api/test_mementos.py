"""Datetime negotiation (RFC 7089) and version links (RFC 5829)."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.http import http_date

from service.errors import BadQuery
from service.store import Database
from service.web import memento
from service.web.api import mementos
from tests.api.published import CHANGED, FIGURE, GONE, fourth, publish
from tests.api.walking import BASE, HERE, local
from tests.store import states

RESTS = ["/figures", f"/figures/{FIGURE}", "/dataset.json", "/export?format=zip", "",
         "/figures?limit=3", f"/figures/{FIGURE}/history"]  # fmt: skip
SECOND = "Fri, 07 Jan 2022 23:59:59 GMT"


def gate(rest: str) -> str:
    return f"{HERE}/timegate{rest}"


def linked(text: str) -> dict[str, list[dict[str, str]]]:
    """Return links by relation, each with its address and attributes."""
    found: dict[str, list[dict[str, str]]] = {}
    for target, rest in re.findall(r'<([^>]*)>((?:; [a-z]+="[^"]*")+)', text):
        attributes = dict(re.findall(r'; ([a-z]+)="([^"]*)"', rest))
        for rel in attributes.pop("rel").split():
            found.setdefault(rel, []).append({"href": target, **attributes})
    return found


@pytest.mark.parametrize("rest", RESTS)
@pytest.mark.parametrize(
    ("asked", "number"),
    [("Thu, 06 Jan 2022 23:59:59 GMT", 1), ("Fri, 07 Jan 2022 23:59:58 GMT", 1), (SECOND, 2),
     ("Sat, 08 Jan 2022 12:00:00 GMT", 2), ("Wed, 01 Jan 2070 00:00:00 GMT", 3), (None, 3)],
)  # fmt: skip
def test_a_time_gate_leads_to_the_pinned_address(
    client: FlaskClient, rest: str, asked: str | None, number: int
) -> None:
    answer = client.get(gate(rest), headers={"Accept-Datetime": asked} if asked else {})

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{BASE}{HERE}/revisions/{number}{rest}"
    assert answer.headers["Vary"] == "Accept-Datetime"
    assert answer.headers["Cache-Control"] == "no-store"
    there = client.get(local(answer.headers["Location"]))
    assert there.status_code == 200
    assert "immutable" in there.headers["Cache-Control"]
    assert linked(answer.headers["Link"])["original"][0]["href"] == f"{BASE}{HERE}{rest}"


@pytest.mark.parametrize(
    "wrong",
    ["", "now", "2022-01-07", "2022-01-07T00:00:00Z", "Thu, 07 Jan 2022 23:59:59 GMT",
     "Fri, 7 Jan 2022 23:59:59 GMT", "Fri, 07 Jan 2022 23:59:59", "Fri, 07 Jan 2022 23:59:59 UTC",
     "Fri, 07 Jan 2022 25:59:59 GMT", "Fri, 07 Jan 22 23:59:59 GMT",
     "Fri, 07 Jan 2022 23:59:59 +0000", "Friday, 07-Jan-22 23:59:59 GMT",
     "Fri Jan  7 23:59:59 2022",
     "Mon, 01 Jan 0000 00:00:00 GMT"],
)  # fmt: skip
def test_a_bad_date_is_refused(client: FlaskClient, wrong: str) -> None:
    answer = client.get(gate("/figures"), headers={"Accept-Datetime": wrong})

    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["parameter"] == "Accept-Datetime"


def test_dates_are_read_back_as_they_are_written() -> None:
    for instant in ("2022-01-07T23:59:59Z", "0999-03-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        assert memento.asked(memento.written(instant)) == instant
    with pytest.raises(BadQuery):
        memento.asked(http_date(0).lower())


def test_before_the_first_revision_there_is_none(client: FlaskClient) -> None:
    early = {"Accept-Datetime": "Thu, 06 Jan 2022 23:59:58 GMT"}
    answer = client.get(gate("/figures"), headers=early)

    assert answer.status_code == 404
    assert "2022-01-06T23:59:59Z" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    "rest",
    ["revisions", "revisions/2", "revisions/2/figures", "manifest", "diff?from=1", "changes",
     "nonsense", "figures/", "timegate/figures", "timemap/figures", "ingestions", "export/x",
     "revisions.atom", "figures//x"],
)  # fmt: skip
def test_what_has_no_past_has_no_time_gate(client: FlaskClient, rest: str) -> None:
    assert client.get(f"{HERE}/timegate/{rest}").status_code == 404
    assert client.get(f"{HERE}/timemap/{rest}").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["x=1", "limit=0", "limit=3&limit=3", "as_of=2022-01-07", "cursor=%00&x=1", "cursor=x", "=1",
     "as_of=2022-01-07&clock=x", "clock=published"],
)  # fmt: skip
def test_a_query_that_the_read_refuses_is_refused_at_once(client: FlaskClient, query: str) -> None:
    for name in ("timegate", "timemap"):
        assert client.get(f"{HERE}/{name}/figures?{query}").status_code == 400
        assert client.get(f"{HERE}/{name}?{query}").status_code == 400


def test_a_moving_address_never_answers_by_the_header(client: FlaskClient) -> None:
    plain = client.get(f"{HERE}/figures")
    asked = client.get(f"{HERE}/figures", headers={"Accept-Datetime": SECOND})

    assert asked.get_data() == plain.get_data()
    assert "Accept-Datetime" not in plain.headers.get("Vary", "")
    assert "Memento-Datetime" not in plain.headers
    told = linked(plain.headers["Link"])
    assert told["timegate"] == [{"href": f"{BASE}{HERE}/timegate/figures"}]
    assert not {"original", "timemap", "memento"} & set(told)


@pytest.mark.parametrize("rest", RESTS)
def test_a_pinned_answer_says_when_and_of_what_it_is_a_memento(
    client: FlaskClient, rest: str
) -> None:
    answer = client.get(f"{HERE}/revisions/2{rest}")

    assert answer.headers["Memento-Datetime"] == SECOND
    told = linked(answer.headers["Link"])
    assert told["original"] == [{"href": f"{BASE}{HERE}{rest}"}]
    assert told["timegate"] == [{"href": f"{BASE}{HERE}/timegate{rest}"}]
    assert told["memento"] == [{"href": f"{BASE}{HERE}/revisions/2{rest}", "datetime": SECOND}]
    (timemap,) = told["timemap"]
    assert timemap == {
        "href": f"{BASE}{HERE}/timemap{rest}",
        "type": "application/link-format",
    }
    for link in (told["original"][0], timemap):
        assert client.get(local(link["href"])).status_code == 200


def test_pages_of_a_walk_are_mementos_of_the_list(client: FlaskClient) -> None:
    first = client.get(f"{HERE}/revisions/2/figures?limit=3")
    second = client.get(local(first.get_json()["links"]["next"]))

    told = linked(second.headers["Link"])
    assert told["original"] == [{"href": f"{BASE}{HERE}/figures?limit=3"}]


@pytest.mark.parametrize("rest", RESTS)
def test_a_time_map_lists_every_memento(client: FlaskClient, rest: str) -> None:
    answer = client.get(f"{HERE}/timemap{rest}")

    assert answer.mimetype == "application/link-format"
    told = linked(answer.get_data(as_text=True))
    assert told["original"] == [{"href": f"{BASE}{HERE}{rest}"}]
    assert told["timegate"] == [{"href": f"{BASE}{HERE}/timegate{rest}"}]
    assert told["self"][0]["from"] == told["first"][0]["datetime"]
    assert told["self"][0]["until"] == told["last"][0]["datetime"]
    assert len(told["first"]) == len(told["last"]) == 1
    mementos = [f"{BASE}{HERE}/revisions/{number}{rest}" for number in (1, 2, 3)]
    assert [link["href"] for link in told["memento"]] == mementos
    for link in told["memento"]:
        there = client.get(local(link["href"]))
        assert there.headers["Memento-Datetime"] == link["datetime"]


def test_the_time_map_of_a_record_lists_the_revisions_that_have_it(
    publishing: FlaskClient, store: Database
) -> None:
    publish(store, fourth())

    told = linked(publishing.get(f"{HERE}/timemap/figures/{GONE}").get_data(as_text=True))

    assert [local(link["href"]) for link in told["memento"]] == [
        f"{HERE}/revisions/{number}/figures/{GONE}" for number in (2, 3)
    ]
    assert publishing.get(f"{HERE}/timemap/figures/nobody").status_code == 404


def test_a_time_map_of_one_memento_calls_it_first_and_last(client: FlaskClient) -> None:
    told = client.get(f"{HERE}/timemap/figures?before=2").get_data(as_text=True)

    assert re.findall('rel="([^"]*memento)"', told) == ["first memento"]
    whole = client.get(f"{HERE}/timemap").get_data(as_text=True)
    assert re.findall('rel="([^"]*memento)"', whole) == ["first memento", "memento", "last memento"]


def test_a_long_time_map_goes_on_with_older_mementos(
    publishing: FlaskClient, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mementos, "MOST", 3)
    for number in range(8):
        here = states.actors("a") if number in (1, 2, 6) else {}
        states.publish(store, {**here, **states.actors("b", note=str(number))}, "long")

    def walked(rest: str) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        address: str | None = f"/v1/datasets/long/timemap/{rest}"
        while address:
            text = publishing.get(address).get_data(as_text=True)
            told = re.findall(r'/revisions/(\d+)/[^>]*>; rel="([^"]*)"', text)
            found = [(int(number), rel) for number, rel in told] + found
            older: list[Any] = linked(text).get("timemap", [])
            address = local(older[0]["href"]) if older else None
        return found

    middle = [(number, "memento") for number in range(2, 8)]
    assert walked("actors") == [(1, "first memento"), *middle, (8, "last memento")]
    assert walked("actors/a") == [(2, "first memento"), (3, "memento"), (7, "last memento")]


def test_version_links_lead_back_and_to_the_latest_only(client: FlaskClient) -> None:
    told = linked(client.get(f"{HERE}/revisions/2/figures?limit=3").headers["Link"])

    assert told["latest-version"] == [{"href": f"{BASE}{HERE}/figures?limit=3"}]
    assert told["predecessor-version"] == [{"href": f"{BASE}{HERE}/revisions/1/figures?limit=3"}]
    assert told["version-history"] == [{"href": f"{BASE}{HERE}/revisions"}]
    assert "successor-version" not in told
    first = linked(client.get(f"{HERE}/revisions/1/figures").headers["Link"])
    assert "predecessor-version" not in first


def test_a_record_leads_to_its_version_before(publishing: FlaskClient, store: Database) -> None:
    publish(store, fourth())
    links = {
        (number, name): linked(
            publishing.get(f"{HERE}/revisions/{number}/figures/{name}").headers["Link"]
        ).get("predecessor-version")
        for number, name in ((1, CHANGED), (2, CHANGED), (4, CHANGED), (2, GONE), (4, FIGURE))
    }

    before = [{"href": f"{BASE}{HERE}/revisions/1/figures/{CHANGED}"}]
    assert links == {
        (1, CHANGED): None,
        (2, CHANGED): before,
        (4, CHANGED): before,
        (2, GONE): None,
        (4, FIGURE): None,
    }


def test_a_pinned_answer_says_the_same_after_another_revision(
    publishing: FlaskClient, store: Database
) -> None:
    addresses = [f"{HERE}/revisions/3{rest}" for rest in RESTS]
    before = [publishing.get(address) for address in addresses]

    publish(store, fourth())
    after = [publishing.get(address) for address in addresses]

    for name in ("Link", "Memento-Datetime", "ETag"):
        assert [a.headers[name] for a in after] == [b.headers[name] for b in before]
