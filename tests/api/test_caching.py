"""Validators are strong and free, pinned answers stay, moving ones are asked for again."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.reading import records
from service.store import Database
from service.web import caching
from tests.api import golden
from tests.api.published import FIGURE, fourth, publish
from tests.api.walking import HERE, local

MOVING = (
    f"{HERE}/figures",
    f"{HERE}/figures/{FIGURE}",
    f"{HERE}/figures/{FIGURE}/history",
    f"{HERE}/dataset.json",
    f"{HERE}/diff?from=1",
)


@pytest.mark.parametrize("address", MOVING)
def test_a_moving_answer_is_asked_for_again_and_names_its_pinned_one(
    client: FlaskClient, address: str
) -> None:
    moving = client.get(address)
    pinned = client.get(local(moving.headers["Content-Location"]))

    assert moving.headers["Cache-Control"] == "public, no-cache"
    assert pinned.headers["Cache-Control"] == "public, max-age=86400, immutable"
    assert "Content-Location" not in pinned.headers
    if not {"data", "links", "meta"} <= moving.get_json().keys():
        assert pinned.get_data() == moving.get_data()
    else:
        assert pinned.get_json()["data"] == moving.get_json()["data"]


def test_a_pinned_answer_is_the_same_after_another_revision(
    publishing: FlaskClient, store: Database
) -> None:
    addresses = [f"{HERE}/revisions/2/figures", f"{HERE}/revisions/2", f"{HERE}/diff?from=1&to=2"]
    before = [publishing.get(address) for address in addresses]

    publish(store, fourth())
    after = [publishing.get(address) for address in addresses]

    assert [a.get_data() for a in after] == [b.get_data() for b in before]
    assert [a.headers["ETag"] for a in after] == [b.headers["ETag"] for b in before]


def test_a_moving_tag_changes_with_the_head(publishing: FlaskClient, store: Database) -> None:
    before = publishing.get(f"{HERE}/figures").headers["ETag"]

    publish(store, fourth())
    after = publishing.get(f"{HERE}/figures", headers={"If-None-Match": before})

    assert after.status_code == 200
    assert after.headers["ETag"] != before


@pytest.mark.parametrize(
    "form", ["{}", "W/{}", '"other", {}', '{}, "other"', '"a",W/{} , "b"', "*"]
)
@pytest.mark.parametrize("address", [*MOVING, f"{HERE}/revisions/1", "/v1/datasets", "/docs"])
def test_a_tag_that_still_holds_is_answered_304(
    client: FlaskClient, address: str, form: str
) -> None:
    etag = client.get(address).headers["ETag"]

    answer = client.get(address, headers={"If-None-Match": form.format(etag)})

    assert answer.status_code == 304
    assert answer.get_data() == b""
    assert answer.headers["ETag"] == etag


@pytest.mark.parametrize("form", ['"{}x"', '"x{}"', '"0"', "", '"', "W/"])
def test_a_tag_that_does_not_hold_is_answered_in_full(client: FlaskClient, form: str) -> None:
    etag = client.get(f"{HERE}/figures").headers["ETag"].strip('"')

    answer = client.get(f"{HERE}/figures", headers={"If-None-Match": form.format(etag)})

    assert answer.status_code == 200


def test_a_304_is_decided_before_data_is_read(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = client.get(f"{HERE}/figures").headers["ETag"]

    def never(*_: object) -> None:
        raise AssertionError("data was read")

    monkeypatch.setattr(records, "page", never)
    answer = client.get(f"{HERE}/figures", headers={"If-None-Match": etag})

    assert answer.status_code == 304


def test_a_star_does_not_make_a_missing_record_exist(client: FlaskClient) -> None:
    assert client.get(f"{HERE}/figures/none", headers={"If-None-Match": "*"}).status_code == 404


def test_tags_differ_by_address_query_and_revision(client: FlaskClient) -> None:
    kinds = ("actors", "events", "figures", "sources")
    addresses = [f"{HERE}/{kind}" for kind in kinds]
    addresses += [f"{HERE}/revisions/{n}/{kind}" for n in (1, 2, 3) for kind in kinds]
    addresses += [f"{HERE}/figures?limit={limit}" for limit in (1, 2, 100)]
    addresses += [f"{HERE}/figures/{FIGURE}", f"{HERE}/revisions/3/figures/{FIGURE}"]
    addresses += [f"{HERE}/diff?from={old}&to={new}" for old in (1, 2, 3) for new in (1, 2, 3)]
    addresses += [f"{HERE}/revisions", *(f"{HERE}/revisions/{n}" for n in (1, 2, 3)), HERE]

    tags = {client.get(address).headers["ETag"] for address in addresses}

    assert len(tags) == len(addresses)


def test_the_order_of_parameters_does_not_matter(client: FlaskClient) -> None:
    one = client.get(f"{HERE}/diff?from=1&to=2&limit=5")
    other = client.get(f"{HERE}/diff?limit=5&to=2&from=1")

    assert one.headers["ETag"] == other.headers["ETag"]
    assert one.get_data() == other.get_data()


def test_a_redaction_changes_every_tag_of_its_dataset(
    publishing: FlaskClient, store: Database
) -> None:
    addresses = [f"{HERE}/figures", f"{HERE}/revisions/1/figures", f"{HERE}/diff?from=1&to=2"]
    before = [publishing.get(address).headers["ETag"] for address in addresses]

    store.run("UPDATE datasets SET redactions = redactions + 1")
    after = [publishing.get(address).headers["ETag"] for address in addresses]

    assert not set(before) & set(after)


def test_answers_that_tell_the_present_are_never_kept(client: FlaskClient) -> None:
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)

        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers


def test_errors_are_never_kept(client: FlaskClient) -> None:
    for path in ("/none", f"{HERE}/figures?x=1", f"{HERE}/revisions/9", "/v1/datasets/none"):
        assert client.get(path).headers["Cache-Control"] == "no-store"


def test_no_answer_sets_a_cookie(app: Flask) -> None:
    client = app.test_client()

    assert not any("Set-Cookie" in client.get(path).headers for path in (*MOVING, "/", "/docs"))


def test_no_answer_changes_its_form_without_a_new_representation_version() -> None:
    written = json.loads(golden.FILE.read_text(encoding="utf-8"))

    assert written["representation"] == caching.REPRESENTATION
    assert golden.answers() == written["answers"], "raise REPRESENTATION, then write golden.json"


def test_a_new_representation_version_changes_every_tag(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [client.get(address).headers["ETag"] for address in MOVING]

    monkeypatch.setattr(caching, "REPRESENTATION", caching.REPRESENTATION + 1)
    after = [client.get(address).headers["ETag"] for address in MOVING]

    assert not set(before) & set(after)
