"""A reading as of an instant is that of its revision, and nothing later leaks into it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.app import create_app
from service.config import Config
from service.model import KINDS
from service.store import Database
from tests.api import dated
from tests.api.contract import declared
from tests.api.dated import INSTANTS, ISSUED, resolved
from tests.api.published import CHANGED, FIRST_OF, GONE, first, publish
from tests.api.routes import ASKED, VALUES
from tests.api.walking import BASE, HERE, local, walk

CLOCKS = ("issued", "published")
DIFFERING = {"Accept-Ranges", "Cache-Control", "Content-Location", "Date", "ETag", "Link",
             "Memento-Datetime", "X-Request-ID"}  # fmt: skip
IDS = {kind: [FIRST_OF[kind]] for kind in KINDS} | {"figures": [FIRST_OF["figures"], CHANGED, GONE]}


@pytest.fixture(scope="module")
def stopped(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[FlaskClient]]:
    """A client of the dataset as it was when each of its revisions was the newest."""
    made = list(dated.applications(migrated_sqlite, tmp_path_factory.mktemp("dated")))
    yield [app.test_client() for app, _ in made]
    for _, store in made:
        store.close()


@pytest.fixture(scope="module")
def now(stopped: list[FlaskClient]) -> FlaskClient:
    """A client of the dataset as it is."""
    return stopped[-1]


def reads(app: Flask) -> Iterator[str]:
    """Yield every moving read that can be asked for as of an instant."""
    routes = app.url_map.bind("")
    for rule in app.url_map.iter_rules():
        found = vars(app.view_functions[rule.endpoint])["operation"]
        if not found.dated or "revision" in rule.arguments:
            continue
        for kind in KINDS if "kind" in rule.arguments else ("",):
            for id in IDS[kind] if "id" in rule.arguments else ("",):
                every = VALUES | {"kind": kind, "id": id}
                yield routes.build(rule.endpoint, {name: every[name] for name in rule.arguments})


def ask(client: FlaskClient, path: str, **query: str) -> TestResponse:
    last = path.rpartition("/")[2]
    asked = dict(parse_qsl(ASKED.get(last, ""))) | ({"limit": "3"} if last in KINDS else {})
    return client.get(path, query_string=query | asked)


def without_self(answer: TestResponse) -> Any:
    """Return the body, less the one link that has to differ."""
    if answer.mimetype != "application/json" or "links" not in (told := answer.get_json()):
        return answer.get_data()
    del told["links"]["self"]
    return told


def test_there_are_reads_to_try(now: FlaskClient) -> None:
    found = set(reads(now.application))

    assert {HERE, f"{HERE}/dataset.json", f"{HERE}/export", f"{HERE}/figures"} <= found
    assert {f"{HERE}/figures/{GONE}/{part}" for part in ("history", "blame", "proof")} <= found


@pytest.mark.parametrize("clock", CLOCKS)
def test_each_read_as_of_each_instant_is_the_pinned_one(now: FlaskClient, clock: str) -> None:
    every = set(reads(now.application)) - {HERE}
    # A clock chooses the revision and nothing else: for the second one a few reads will do.
    few = {f"{HERE}/figures", f"{HERE}/figures/{CHANGED}", f"{HERE}/export", f"{HERE}/series"}
    for path in every if clock == "issued" else every & few:
        pinned = {n: ask(now, path.replace(HERE, f"{HERE}/revisions/{n}", 1)) for n in (1, 2, 3, 4)}
        for instant in INSTANTS:
            answer = ask(now, path, as_of=instant, clock=clock)
            number = resolved(instant, clock)

            assert answer.status_code == (pinned[number].status_code if number else 404), path
            if answer.status_code == 200:
                assert without_self(answer) == without_self(pinned[number]), (path, instant)
                assert plain(answer) == plain(pinned[number])
                assert local(answer.headers["Content-Location"]).startswith(
                    f"{HERE}/revisions/{number}/"
                )


def plain(answer: TestResponse) -> dict[str, str]:
    """Return the headers that have to be the same."""
    told = dict(answer.headers)
    if "links" not in (answer.get_json(silent=True) or {}):
        return {name: value for name, value in told.items() if name not in DIFFERING}
    return {name: told[name] for name in told if name not in DIFFERING | {"Content-Length"}}


def test_no_later_report_leaks_into_an_earlier_reading(stopped: list[FlaskClient]) -> None:
    now = stopped[-1]
    for path in reads(now.application):
        for instant in ISSUED:
            then = ask(stopped[resolved(instant, "issued") - 1], path)
            answer = ask(now, path, as_of=instant)

            assert answer.status_code == then.status_code, (path, instant)
            if answer.status_code == 200:
                assert said(answer) == said(then), (path, instant)


def said(answer: TestResponse) -> Any:
    """Return what an answer says of its subject."""
    if answer.mimetype != "application/json" or "links" not in (told := answer.get_json()):
        return answer.get_data()
    return told["data"], told.get("meta")


def test_links_of_an_earlier_reading_stay_there(now: FlaskClient) -> None:
    dataset = now.get(f"{HERE}?as_of=2022-01-07").get_json()["links"]
    page = now.get(f"{HERE}/figures?as_of=2022-01-07&limit=3").get_json()["links"]

    here = f"{BASE}{HERE}/revisions/2"
    assert {kind: dataset[kind] for kind in KINDS} == {kind: f"{here}/{kind}" for kind in KINDS}
    assert dataset["export"] == f"{here}/export"
    assert page["up"] == here
    assert page["first"] == f"{here}/figures?limit=3"
    assert page["next"].startswith(f"{here}/figures?cursor=")


def test_a_walk_that_begins_as_of_an_instant_is_whole(now: FlaskClient) -> None:
    walked = walk(now, f"{HERE}/figures?as_of=2022-01-07&limit=4")

    assert walked == walk(now, f"{HERE}/revisions/2/figures")


def test_a_cursor_goes_on_as_of_its_instant_and_no_other(now: FlaskClient) -> None:
    begun = now.get(f"{HERE}/figures?as_of=2022-01-07&limit=4").get_json()["links"]["next"]
    cursor = begun.partition("cursor=")[2].partition("&")[0]
    there = now.get(local(begun)).get_json()["data"]

    going_on = now.get(f"{HERE}/figures?as_of=2022-01-07&limit=4&cursor={cursor}")

    assert going_on.get_json()["data"] == there
    other = now.get(f"{HERE}/figures?as_of=2022-01-08&limit=4&cursor={cursor}")
    assert other.status_code == 400


def test_it_is_asked_for_again_and_costs_a_304(now: FlaskClient) -> None:
    answer = now.get(f"{HERE}/figures?as_of=2022-01-07")
    etag = answer.headers["ETag"]

    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert "Memento-Datetime" not in answer.headers
    again = now.get(f"{HERE}/figures?as_of=2022-01-07", headers={"If-None-Match": etag})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("clock", "begun"), [("issued", "2022-01-06T23:59:59Z"), ("published", "2022-02-01T23:59:59Z")]
)
def test_before_the_first_revision_is_told_when_it_began(
    now: FlaskClient, clock: str, begun: str
) -> None:
    for path in (HERE, f"{HERE}/figures", f"{HERE}/export"):
        answer = now.get(f"{path}?as_of=2022-01-05&clock={clock}")

        assert answer.status_code == 404
        assert begun in answer.get_json()["detail"]


@pytest.mark.parametrize(
    "wrong",
    ["", "2022", "2022-1-7", "2022-02-30", "2022-01-07T24:00:00Z", "2022-01-07T12:00:00",
     "2022-01-07T12:00:00+01:00", "2022-01-07t12:00:00z", "2022-01-07T12:00:00.5Z", "now",
     "0000-01-01", "\uff12022-01-07", "99999-01-01", "-2022-01-01", "2022-01-07\n"],
)  # fmt: skip
def test_what_is_no_instant_is_refused(client: FlaskClient, wrong: str) -> None:
    answer = client.get(f"{HERE}/figures", query_string={"as_of": wrong})

    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["parameter"] == "as_of"


@pytest.mark.parametrize(
    "query", ["clock=issued", "as_of=2022-01-07&clock=mine", "as_of=2022-01-07&as_of=2022-01-07"]
)
def test_a_clock_needs_an_instant_and_there_are_two_clocks(client: FlaskClient, query: str) -> None:
    assert client.get(f"{HERE}/figures?{query}").status_code == 400


@pytest.mark.parametrize(
    "path", ["revisions/2", "revisions/2/figures", "revisions/2/dataset.json", "revisions",
             "changes", "diff?from=1", "revisions.atom"]
)  # fmt: skip
def test_what_is_pinned_or_is_history_itself_has_no_instant(client: FlaskClient, path: str) -> None:
    separator = "&" if "?" in path else "?"
    answer = client.get(f"{HERE}/{path}{separator}as_of=2022-01-07")

    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["parameter"] == "as_of"


def test_the_document_tells_it_of_every_moving_read(app: Flask, document: dict[str, Any]) -> None:
    for template, described in document["paths"].items():
        if "get" not in described:
            continue
        names = {parameter["name"] for parameter in declared(document, described["get"])}
        is_moving = template.replace("{dataset}", "{dataset}/revisions/{revision}", 1) in (
            document["paths"]
        ) and not template.endswith(("}/ingestions",))

        assert ({"as_of", "clock"} <= names) == (is_moving and "{dataset}" in template), template


def test_a_revision_of_another_dataset_does_not_count(db: Database) -> None:
    publish(db, first()._replace(issued="2022-01-10"), "late")
    publish(db, first(), "early")
    client = create_app(Config(public_url=BASE), db).test_client()

    assert client.get("/v1/datasets/early?as_of=2022-01-09").status_code == 200
    assert client.get("/v1/datasets/late?as_of=2022-01-09").status_code == 404
    assert client.get("/v1/datasets/late?as_of=2022-01-10T23:59:59Z").status_code == 200
    assert client.get("/v1/datasets/late?as_of=2022-01-10&clock=published").status_code == 404
