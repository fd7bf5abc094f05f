"""Records as they are stored, at any revision, and what became of them."""

from base64 import b64encode
from hashlib import sha256

import orjson
import pytest
from flask.testing import FlaskClient

from service.canonical import canonical
from service.model import KINDS
from service.store import Database
from tests.api.published import CHANGED, FIGURE, FIRST_OF, GONE, fourth, publish
from tests.api.walking import HERE, walk


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_is_its_canonical_bytes_and_nothing_else(client: FlaskClient, kind: str) -> None:
    answer = client.get(f"{HERE}/{kind}/{FIRST_OF[kind]}")
    body = answer.get_data()

    assert answer.content_type == "application/json"
    assert canonical(orjson.loads(body)) == body
    digest = b64encode(sha256(body).digest()).decode()
    assert answer.headers["Repr-Digest"] == f"sha-256=:{digest}:"


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_joins_the_very_bytes_of_the_records(client: FlaskClient, kind: str) -> None:
    body = client.get(f"{HERE}/{kind}").get_data()
    ids = [record["id"] for record in orjson.loads(body)["data"]]

    bodies = [client.get(f"{HERE}/{kind}/{name}").get_data() for name in ids]

    assert body.startswith(b'{"data":[' + b",".join(bodies) + b'],"links":{')
    assert ids == sorted(ids)


def test_a_page_says_which_revision_it_was_read_from(client: FlaskClient) -> None:
    meta = client.get(f"{HERE}/revisions/1/figures?limit=1").get_json()["meta"]
    revision = client.get(f"{HERE}/revisions/1").get_json()["data"]

    assert meta["revision"] == 1
    assert {meta[name] for name in ("digest", "issued")} == {revision["digest"], revision["issued"]}
    assert meta["total"] == 2


def test_a_record_is_what_it_was_at_each_revision(client: FlaskClient) -> None:
    told = [client.get(f"{HERE}/revisions/{n}/figures/{CHANGED}").get_json() for n in (1, 2, 3)]

    assert ["note" in record for record in told] == [False, True, True]


def test_a_record_that_was_added_later_is_not_there_before(client: FlaskClient) -> None:
    assert client.get(f"{HERE}/revisions/1/figures/more-000").status_code == 404
    assert client.get(f"{HERE}/revisions/2/figures/more-000").status_code == 200


def test_a_record_links_to_its_collection_history_and_latest_state(client: FlaskClient) -> None:
    link = client.get(f"{HERE}/revisions/1/figures/{FIGURE}").headers["Link"]

    assert f'{HERE}/revisions/1/figures>; rel="collection"' in link
    assert f'{HERE}/figures/{FIGURE}>; rel="latest-version"' in link
    assert f'{HERE}/figures/{FIGURE}/history>; rel="version-history"' in link


def test_a_history_tells_each_change_and_its_fields(client: FlaskClient) -> None:
    told = client.get(f"{HERE}/figures/{CHANGED}/history").get_json()

    assert [(step["revision"], step["change"]) for step in told["data"]] == [
        (1, "added"),
        (2, "modified"),
    ]
    assert told["data"][1]["fields"] == [{"path": "/note", "new": "Counted again."}]
    assert "fields" not in told["data"][0]


def test_a_pinned_history_ends_at_its_revision(client: FlaskClient) -> None:
    told = client.get(f"{HERE}/revisions/1/figures/{CHANGED}/history").get_json()

    assert [step["revision"] for step in told["data"]] == [1]


def test_a_removed_record_has_a_history_and_no_state(
    publishing: FlaskClient, store: Database
) -> None:
    publish(store, fourth())

    history = publishing.get(f"{HERE}/figures/{GONE}/history").get_json()["data"]

    assert history[-1]["change"] == "removed"
    assert "digest" not in history[-1]
    assert publishing.get(f"{HERE}/figures/{GONE}").status_code == 404
    assert publishing.get(f"{HERE}/revisions/3/figures/{GONE}").status_code == 200


def test_a_walk_has_each_record_once(client: FlaskClient) -> None:
    ids = [record["id"] for record in walk(client, f"{HERE}/figures?limit=3")]

    assert len(ids) == len(set(ids)) == 14
