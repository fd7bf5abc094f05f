"""The change feed: replayed it gives the head, and following it costs next to nothing."""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from service.app import create_app
from service.canonical import canonical, digest
from service.config import Config
from service.loader.redaction import redact
from service.model import DATASET
from service.store import Database
from service.store.changes import ORDER
from tests.api.published import CHANGED, FIGURE, GONE, NAME, first, fourth, publish, second, third
from tests.api.walking import BASE, HERE, local
from tests.steady import steady_store
from tests.store import states
from tests.store.histories import histories
from tests.store.states import State

FEED = f"{HERE}/changes"
_numbers = count(1)


class Follower:
    """A client that holds a copy of a dataset, and knows of it what the feed tells."""

    def __init__(self, client: FlaskClient, address: str) -> None:
        self.client, self.next = client, address
        self.etag: str | None = None
        self.held: dict[tuple[str, str], tuple[str, bytes]] = {}
        self.told: list[dict[str, Any]] = []

    def poll(self) -> int:
        """Ask once, take over what is told, and return the status."""
        asked = {"If-None-Match": self.etag} if self.etag else {}
        answer = self.client.get(self.next, headers=asked)
        if answer.status_code == 200:
            page = answer.get_json()
            self.told += page["data"]
            for item in page["data"]:
                self._apply(item)
            following = local(page["links"]["next"])
            self.etag = answer.headers["ETag"] if following == self.next else None
            self.next = following
        return answer.status_code

    def follow(self) -> None:
        """Poll until nothing is new."""
        while self.poll() == 200:
            pass

    def _apply(self, item: Mapping[str, Any]) -> None:
        key = item["kind"], item["id"]
        if item["change"] == "removed":
            del self.held[key]
            return
        assert (key in self.held) == (item["change"] == "modified")
        self.held[key] = item["digest"], canonical(item["record"])


def exported(client: FlaskClient, name: str) -> dict[tuple[str, str], tuple[str, bytes]]:
    """Return each record of the head, and `dataset.json`, from its export."""
    lines = client.get(f"/v1/datasets/{name}/export?format=ndjson").get_data().splitlines()
    bodies = {(DATASET, name): canonical(orjson.loads(lines[0])["dataset"])}
    for line in map(orjson.loads, lines[1:-1]):
        bodies[line["kind"], line["record"]["id"]] = canonical(line["record"])
    return {key: (digest(body), body) for key, body in bodies.items()}


@pytest.fixture
def following(db: Database) -> FlaskClient:
    """A client over an empty store on each engine."""
    return create_app(Config(public_url=BASE), db).test_client()


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_a_client_that_replays_the_feed_holds_the_head_and_stays_with_it(
    following: FlaskClient, db: Database, limit: int
) -> None:
    follower = Follower(following, f"{FEED}?limit={limit}")
    for release in (first(), second(), third(), fourth()):
        publish(db, release)
        follower.follow()

        assert follower.held == exported(following, NAME)
        assert follower.poll() == 304

    assert {kind for kind, _ in follower.held} == set(ORDER)


def expected(name: str, history: list[State]) -> Iterator[dict[str, Any]]:
    """Yield the whole feed as the model has it."""
    before: State = {}
    for number, state in enumerate(history, 1):
        after: State = {(DATASET, name): {"title": "Example"}, **state}
        for kind, record_id in sorted(
            {*before, *after}, key=lambda key: (ORDER.index(key[0]), key[1])
        ):
            old, new = before.get((kind, record_id)), after.get((kind, record_id))
            item = {"revision": number, "kind": kind, "id": record_id}
            if new is None:
                yield {**item, "change": "removed"}
            elif old != new:
                word = "added" if old is None else "modified"
                told = {"digest": digest(canonical(new)), "record": new}
                yield {**item, "change": word, **told}
        before = after


@steady_store
@given(
    history=histories,
    limits=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    pauses=st.lists(st.integers(0, 4), min_size=5, max_size=5),
)
def test_pages_of_any_size_with_publishes_in_between_are_the_whole_feed(
    following: FlaskClient, db: Database, history: list[State], limits: list[int], pauses: list[int]
) -> None:
    name = f"feed-{next(_numbers)}"
    states.publish(db, history[0], name)
    follower = Follower(following, f"/v1/datasets/{name}/changes?limit={limits[0]}")
    for state, polls in zip(history[1:], pauses, strict=False):
        for number in range(polls):
            follower.next = _limited(follower.next, limits[number % len(limits)])
            follower.poll()
        states.publish(db, state, name)
        follower.etag = None
    follower.follow()

    assert follower.told == list(expected(name, history))


def _limited(address: str, limit: int) -> str:
    start, _, _ = address.rpartition("limit=")
    return f"{start}limit={limit}"


def test_the_feed_is_in_order_of_revision_kind_and_id(client: FlaskClient) -> None:
    told = client.get(f"{FEED}?limit=1000").get_json()["data"]

    keys = [(item["revision"], ORDER.index(item["kind"]), item["id"]) for item in told]
    assert keys == sorted(set(keys))


def test_nothing_new_is_an_empty_page_with_the_same_cursor(client: FlaskClient) -> None:
    whole = client.get(f"{FEED}?limit=1000").get_json()

    answer = client.get(local(whole["links"]["next"]))
    page = answer.get_json()

    assert (page["data"], page["meta"]["more"]) == ([], False)
    assert page["meta"]["cursor"] == whole["meta"]["cursor"]
    assert page["links"]["next"] == whole["links"]["next"] == page["links"]["self"]
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert "Content-Location" not in answer.headers


def test_the_head_is_told_with_its_chain(client: FlaskClient) -> None:
    head = client.get(HERE).get_json()["data"]["head"]

    told = client.get(f"{FEED}?limit=1").get_json()["meta"]["head"]

    assert told == {
        "revision": head["number"],
        **{name: head[name] for name in ("issued", "published_at", "digest", "chain")},
    }


def test_a_removed_record_has_neither_digest_nor_record(
    publishing: FlaskClient, store: Database
) -> None:
    publish(store, fourth())

    told = publishing.get(f"{FEED}?limit=1000").get_json()["data"]

    assert [item for item in told if item["id"] == GONE and item["revision"] == 4] == [
        {"revision": 4, "change": "removed", "kind": "figures", "id": GONE}
    ]


def test_a_redacted_record_is_a_stub_in_every_revision_with_the_digest_it_had(
    publishing: FlaskClient, store: Database
) -> None:
    before = publishing.get(f"{FEED}?limit=1000").get_json()["data"]
    late = Follower(publishing, FEED)
    late.follow()

    redact(store, NAME, "figures", CHANGED, "a witness")
    after = publishing.get(f"{FEED}?limit=1000").get_json()["data"]
    late.follow()

    was = [item["digest"] for item in before if item["id"] == CHANGED]
    told = [item for item in after if item["id"] == CHANGED]
    assert [item["digest"] for item in told[:-1]] == was
    assert {item["record"]["redacted"]["why"] for item in told} == {"a witness"}
    assert digest(canonical(told[-1]["record"])) == told[-1]["digest"]
    assert late.held == exported(publishing, NAME)


def test_every_single_change_of_a_cursor_is_refused(client: FlaskClient) -> None:
    cursor = client.get(f"{FEED}?limit=5").get_json()["meta"]["cursor"]
    harmed = {cursor[:i] + other + cursor[i + 1 :] for i in range(len(cursor)) for other in "Aa0_"}
    harmed |= {cursor[:-1], cursor[1:], f"{cursor}A", f"{cursor}=", "", "x", "é", "A" * 900}

    for wrong in harmed - {cursor}:
        answer = client.get(FEED, query_string={"after": wrong})

        assert answer.status_code == 400, wrong
        assert answer.get_json()["errors"][0]["parameter"] == "after"


def test_a_cursor_of_another_list_or_dataset_is_refused(
    publishing: FlaskClient, store: Database
) -> None:
    publish(store, first(), "elsewhere")
    page = publishing.get(f"{HERE}/figures?limit=2").get_json()["links"]["next"]
    of_list = page.rpartition("cursor=")[2].partition("&")[0]
    of_feed = publishing.get(f"{FEED}?limit=2").get_json()["meta"]["cursor"]

    assert publishing.get(f"{FEED}?after={of_list}").status_code == 400
    assert publishing.get(f"{HERE}/figures?cursor={of_feed}").status_code == 400
    assert publishing.get(f"/v1/datasets/elsewhere/changes?after={of_feed}").status_code == 400
    assert publishing.get(f"{FEED}?after={of_feed}").status_code == 200


def test_a_cursor_of_a_history_that_went_another_way_is_refused(
    following: FlaskClient, db: Database, client: FlaskClient
) -> None:
    publish(db, first())
    publish(db, second())
    ends = [
        client.get(f"{FEED}?limit={limit}").get_json()["meta"]["cursor"] for limit in (5, 11, 1000)
    ]

    assert [following.get(f"{FEED}?after={end}").status_code for end in ends] == [200, 200, 400]
    publish(db, second()._replace(issued="2022-01-08", document=first().document | {"title": "X"}))
    assert following.get(f"{FEED}?after={ends[2]}").status_code == 400


def test_the_record_of_an_item_is_joined_as_it_is_stored(client: FlaskClient) -> None:
    body = client.get(f"{HERE}/figures/{FIGURE}").get_data()

    assert b'"record":' + body in client.get(f"{FEED}?limit=1000").get_data()
