"""Where to begin, what there is, and its history."""

from hashlib import sha256

import orjson
import pytest
from flask.testing import FlaskClient

from service.canonical import canonical, chain
from service.model import KINDS
from tests.api.published import NAME, third
from tests.api.walking import BASE, HERE, local


def test_every_resource_is_reached_by_links_alone(client: FlaskClient) -> None:
    found, waiting = set(), ["/"]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            answer = client.get(path)
            assert answer.status_code == 200, path
            if answer.mimetype == "application/json" and "links" in (told := answer.get_json()):
                links = [
                    told["links"],
                    *(item.get("links", {}) for item in told["data"] if isinstance(item, dict)),
                ]
                waiting += [local(link) for each in links for link in each.values()]

    assert {"/v1", "/docs", "/openapi.json", "/readyz", HERE, f"{HERE}/revisions"} <= found
    assert {f"{HERE}/revisions/1/{kind}" for kind in KINDS} <= found
    assert f"{HERE}/diff?from=1&to=2" in found
    assert f"{HERE}/revisions/3/manifest" in found


def test_the_link_header_says_what_the_body_says(client: FlaskClient) -> None:
    answer = client.get(f"{HERE}/figures?limit=1")

    told = dict(
        reversed(part.strip("<").split('>; rel="'))
        for part in answer.headers["Link"].rstrip('"').split('", ')
    )
    assert told.pop("timegate") == f"{BASE}{HERE}/timegate/figures?limit=1"
    assert told.pop("license") == "https://spdx.org/licenses/CC-BY-4.0"
    assert told.pop("cite-as") == f"{BASE}{HERE}/revisions/3/figures?limit=1"
    assert told == answer.get_json()["links"]


def test_a_dataset_says_what_it_is_and_how_far_it_is(client: FlaskClient) -> None:
    told = client.get(HERE).get_json()

    assert told["data"]["name"] == NAME
    assert told["data"]["document"]["title"] == third().document["title"]
    assert told["data"]["head"]["number"] == told["meta"]["revision"] == 3
    assert told["data"]["head"]["records"] == {
        "actors": 3,
        "events": 2,
        "figures": 14,
        "sources": 2,
    }


def test_the_list_of_datasets_has_each_head(client: FlaskClient) -> None:
    (told,) = client.get("/v1/datasets").get_json()["data"]

    assert told["head"] == client.get(f"{HERE}/revisions/3").get_json()["data"]


def test_the_history_is_newest_first_with_counts_of_changes(client: FlaskClient) -> None:
    told = client.get(f"{HERE}/revisions").get_json()

    assert [revision["number"] for revision in told["data"]] == [3, 2, 1]
    assert told["data"][1]["changes"] == {"figures": {"added": 12, "modified": 1}}
    assert told["meta"]["total"] == 3


def test_a_revision_is_chained_to_the_one_before(client: FlaskClient) -> None:
    parent = "0" * 64
    for number in (1, 2, 3):
        told = client.get(f"{HERE}/revisions/{number}").get_json()["data"]

        assert told["chain"] == chain(NAME, number, told["issued"], told["digest"], parent)
        parent = told["chain"]


def test_no_link_of_a_pinned_answer_names_a_later_revision(client: FlaskClient) -> None:
    for path in ("", "/figures", "/dataset.json"):
        links = client.get(f"{HERE}/revisions/2{path}").headers["Link"]

        assert "revisions/3" not in links


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_revision_is_verified_with_nothing_but_sha256(client: FlaskClient, number: int) -> None:
    revision = f"{HERE}/revisions/{number}"
    digest = client.get(revision).get_json()["data"]["digest"]
    waiting, checked = [(digest, f"{revision}/manifest")], 0
    while waiting:
        expected, path = waiting.pop()
        data = client.get(path).get_data()
        assert sha256(data).hexdigest() == expected
        checked += 1
        if "/manifest" in path:
            lines = (line.split("  ") for line in data.decode().splitlines())
            waiting += [(hexdigest, _address(revision, name)) for hexdigest, name in lines]

    assert checked == 1 + 1 + len(KINDS) + (9 if number == 1 else 21)


def _address(revision: str, name: str) -> str:
    """Return where a file of an export is served."""
    return f"{revision}/{name if name == 'dataset.json' else name.removesuffix('.json')}"


def test_a_manifest_is_text_with_a_digest(client: FlaskClient) -> None:
    answer = client.get(f"{HERE}/revisions/2/manifest")

    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Repr-Digest"].startswith("sha-256=:")


def test_dataset_json_is_canonical_and_as_it_was_at_each_revision(client: FlaskClient) -> None:
    bodies = [client.get(f"{HERE}/revisions/{n}/dataset.json").get_data() for n in (1, 2, 3)]

    assert bodies[0] == bodies[1] != bodies[2]
    assert all(canonical(orjson.loads(body)) == body for body in bodies)
    assert client.get(f"{HERE}/dataset.json").get_data() == bodies[2]
