"""Answers in the coding that a client accepts, with the length, digest and tag of its bytes."""

import gzip
from base64 import b64decode
from hashlib import sha256

import pytest
import zstandard
from flask.testing import FlaskClient

from service.web import codings
from tests.api.published import FIGURE
from tests.api.walking import HERE

PACKED = {"gzip": gzip.decompress, "zstd": lambda body: zstandard.decompress(body)}
PAGE = f"{HERE}/figures"


@pytest.mark.parametrize(
    ("header", "best"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, zstd", "zstd"),
        ("gzip, deflate, br", "gzip"),
        ("gzip;q=0.8, zstd;q=0.7", "gzip"),
        ("gzip ; q=1.0 , zstd;q=0", "gzip"),
        ("br", "identity"),
        ("gzip;q=0", "identity"),
        ("*", "zstd"),
        ("*;q=0, identity", "identity"),
        ("gzip;q=0.1, identity;q=0.5", "identity"),
        ("gzip;q=0.001", "gzip"),
        ("gzip;q=2", "identity"),
        ("gzip;q=nan", "identity"),
        ("identity;q=0, gzip;q=0.2", "gzip"),
        (";;,,", "identity"),
    ],
)
def test_the_coding_that_is_liked_best_is_chosen(header: str | None, best: str) -> None:
    assert codings.accepted(header).best == best


@pytest.mark.parametrize("header", ["identity;q=0", "*;q=0", "br, identity;q=0"])
def test_who_accepts_no_coding_that_there_is_is_told(client: FlaskClient, header: str) -> None:
    assert client.get(PAGE, headers={"Accept-Encoding": header}).status_code == 406


@pytest.mark.parametrize("path", [PAGE, f"{HERE}/revisions/2/figures", "/openapi.json"])
@pytest.mark.parametrize("coding", PACKED)
def test_a_coded_answer_is_the_plain_one(client: FlaskClient, path: str, coding: str) -> None:
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": coding})
    head = client.head(path, headers={"Accept-Encoding": coding})

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == coding
    assert PACKED[coding](packed.get_data()) == plain.get_data()
    assert packed.content_length == len(packed.get_data()) < plain.content_length
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.vary
    assert "Accept-Encoding" in plain.vary
    assert {**head.headers, "Date": "", "X-Request-ID": ""} == {
        **packed.headers, "Date": "", "X-Request-ID": ""}  # fmt: skip


@pytest.mark.parametrize("coding", PACKED)
@pytest.mark.parametrize("held", ["identity", "own"])
def test_any_tag_that_still_holds_is_answered_304(
    client: FlaskClient, coding: str, held: str
) -> None:
    accepts = {"Accept-Encoding": coding}
    tag = client.get(PAGE, headers=accepts if held == "own" else {}).headers["ETag"]

    answer = client.get(PAGE, headers={**accepts, "If-None-Match": tag})

    assert answer.status_code == 304
    assert answer.headers["ETag"] == tag
    assert "Accept-Encoding" in answer.vary
    assert "Content-Encoding" not in answer.headers


def test_the_tag_of_a_coding_that_is_not_accepted_does_not_hold(client: FlaskClient) -> None:
    tag = client.get(PAGE, headers={"Accept-Encoding": "gzip"}).headers["ETag"]

    assert client.get(PAGE, headers={"If-None-Match": tag}).status_code == 200


def test_a_digest_is_that_of_the_bytes_that_are_sent(client: FlaskClient) -> None:
    path = f"{HERE}/figures/{FIGURE}?include=evidence.source"
    answers = [client.get(path, headers={"Accept-Encoding": c}) for c in ("identity", "gzip")]

    assert len(answers[1].get_data()) < len(answers[0].get_data())
    for answer in answers:
        written = answer.headers["Repr-Digest"].removeprefix("sha-256=:").removesuffix(":")
        assert b64decode(written) == sha256(answer.get_data()).digest()


def test_a_few_bytes_are_sent_as_they_are(client: FlaskClient) -> None:
    record = client.get("/v1", headers={"Accept-Encoding": "gzip"})

    assert record.content_length < codings.SMALLEST
    assert "Content-Encoding" not in record.headers


def test_a_stream_is_sent_as_it_is(client: FlaskClient) -> None:
    path = f"{HERE}/revisions/2/export?format=ndjson"
    plain, asked = client.get(path), client.get(path, headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in asked.headers
    assert asked.get_data() == plain.get_data()
    assert asked.headers["ETag"] == plain.headers["ETag"]
    refused = client.get(path, headers={"Accept-Encoding": "gzip, identity;q=0"})
    assert refused.status_code == 406
