"""One answer in several forms: which one a client gets, and that each is as documented."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.reading import diffs
from service.store import changes
from service.web import formats, streams
from tests.api.contract import Contract, declared
from tests.api.test_contract import addresses
from tests.api.walking import BASE, HERE, following_link, local

DIFF = f"{HERE}/diff?from=1&to=3"
TYPES = {form.name: form.media_type for form in reversed(formats.FORMATS.values())}
TYPES_OF_EXPORTS = TYPES | {"csv": formats.TABLES.media_type}
NAMES = ["json", "ndjson", "csv", "json-patch"]


def formatted(
    app: Flask, document: dict[str, Any], contract: Contract
) -> Iterator[tuple[str, str, str]]:
    """Yield path, query and media type of each form of each operation that has several."""
    for path, query in addresses(app):
        operation = document["paths"][contract.template(path)].get("get", {"parameters": []})
        for parameter in declared(document, operation):
            if parameter.get("name") == "format":
                types = TYPES_OF_EXPORTS if path.endswith("/export") else TYPES
                for name in parameter["schema"]["enum"]:
                    yield path, f"{query}&format={name}".lstrip("&"), types[name]


def read(answer: TestResponse) -> TestResponse:
    """Return an answer that was read to its end: streams are sent to few clients at once."""
    answer.get_data()
    return answer


@pytest.fixture(scope="module")
def contract(document: dict[str, Any]) -> Contract:
    return Contract(document)


def test_every_form_is_answered_as_documented(
    app: Flask, client: FlaskClient, document: dict[str, Any], contract: Contract
) -> None:
    found = list(formatted(app, document, contract))
    assert len(found) >= len(NAMES)

    for path, query, media_type in found:
        answer = read(client.get(path, query_string=query))
        held = client.get(
            path, query_string=query, headers={"If-None-Match": answer.headers["ETag"]}
        )

        assert (answer.status_code, answer.mimetype) == (200, media_type), (path, query)
        assert contract.violations(path, answer) == [], (path, query)
        assert held.status_code == 304
        assert contract.violations(path, held) == [], (path, query)


def test_every_form_is_offered(document: dict[str, Any]) -> None:
    content = document["paths"]["/v1/datasets/{dataset}/diff"]["get"]["responses"]["200"]["content"]

    assert list(content) == [TYPES[name] for name in (*NAMES, "citation", "bibtex", "csl-json")]


@pytest.mark.parametrize("name", NAMES[1:])
def test_accept_chooses_what_format_would(client: FlaskClient, name: str) -> None:
    named = read(client.get(f"{DIFF}&format={name}"))
    accepted = read(client.get(DIFF, headers={"Accept": TYPES[name]}))

    assert accepted.get_data() == named.get_data()
    assert accepted.headers["ETag"] == named.headers["ETag"]
    assert accepted.headers["Vary"] == "Accept, Accept-Encoding"
    assert named.headers["Vary"] == "Accept-Encoding"


def test_the_usual_form_needs_no_name(client: FlaskClient) -> None:
    usual = client.get(DIFF)
    accepted = client.get(DIFF, headers={"Accept": "application/json"})

    assert accepted.get_data() == usual.get_data()
    assert accepted.headers["ETag"] == usual.headers["ETag"]
    assert "Accept" in accepted.vary
    assert "Accept" in usual.vary
    assert "format" not in usual.headers["Link"]


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("*/*", "json"),
        ("text/*", "csv"),
        ("application/*", "json"),
        ("text/csv; header=present", "csv"),
        ("text/csv;charset=utf-8", "csv"),
        ("text/csv;q=0.5, application/x-ndjson", "ndjson"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "json"),
        ("application/json;q=0, */*", "ndjson"),
        ("*/*;q=0.1, text/csv;header=absent, text/csv;q=0.2", "csv"),
        ("Text/CSV; Charset=UTF-8", "csv"),
        ("application/json-patch+json, application/json;q=0.9", "json-patch"),
    ],
)
def test_the_most_welcome_form_is_given(client: FlaskClient, accept: str, name: str) -> None:
    assert client.get(DIFF, headers={"Accept": accept}).mimetype == TYPES[name]


@pytest.mark.parametrize("accept", ["text/html", "image/*", "application/json;q=0", "nonsense"])
def test_what_no_form_suits_is_not_acceptable(client: FlaskClient, accept: str) -> None:
    assert client.get(DIFF, headers={"Accept": accept}).status_code == 406
    assert client.get(f"{DIFF}&format=csv", headers={"Accept": accept}).status_code == 200


def test_an_unknown_form_is_refused_and_the_known_are_named(client: FlaskClient) -> None:
    answer = client.get(f"{DIFF}&format=xml")

    assert answer.status_code == 400
    (error,) = answer.get_json()["errors"]
    assert error["parameter"] == "format"
    assert all(name in error["detail"] for name in NAMES)


def test_each_form_has_its_own_tag(client: FlaskClient) -> None:
    tags = {client.get(f"{DIFF}&format={name}").headers["ETag"] for name in NAMES}

    assert len(tags) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_links_carry_the_form(client: FlaskClient, name: str) -> None:
    named = "&format=json" if name == "json" else ""
    moving = read(client.get(f"{HERE}/diff?from=1{named}", headers={"Accept": TYPES[name]}))

    assert f"{BASE}{HERE}/diff?format={name}&from=1>; rel=" in moving.headers["Link"]
    location = moving.headers["Content-Location"]
    assert location == f"{BASE}{HERE}/diff?format={name}&from=1&to=3"
    pinned = client.get(local(location))
    if name == "json":
        assert pinned.get_json()["data"] == moving.get_json()["data"]
    else:
        assert pinned.get_data() == moving.get_data()


def test_a_walk_stays_in_its_form_and_at_its_revision(client: FlaskClient) -> None:
    first = client.get(f"{HERE}/diff?from=1&limit=5", headers={"Accept": TYPES["json-patch"]})
    following = following_link(first)

    assert following is not None
    assert "to=3" in following
    assert client.get(following).mimetype == TYPES["json-patch"]


@pytest.mark.parametrize("name", ["ndjson", "csv"])
def test_a_stream_has_no_pages(client: FlaskClient, name: str) -> None:
    answer = client.get(f"{DIFF}&format={name}&limit=5&cursor=x")
    assert answer.status_code == 400

    paged = client.get(f"{DIFF}&format={name}&limit=5")
    assert [error["parameter"] for error in paged.get_json()["errors"]] == ["limit"]
    assert following_link(client.get(f"{DIFF}&format={name}")) is None


@pytest.mark.parametrize("name", NAMES)
def test_head_tells_the_counts_without_the_changes(client: FlaskClient, name: str) -> None:
    answer = client.head(
        f"{DIFF}&format={name}&limit=1" if "json" in name[:4] else f"{DIFF}&format={name}"
    )

    counts = client.get(f"{DIFF}&limit=1").get_json()["meta"]["counts"]
    assert answer.get_data() == b""
    assert _counts(answer) == counts


def _counts(answer: TestResponse) -> dict[str, dict[str, int]]:
    total, *each = answer.headers["Change-Counts"].split(", ")
    counts: dict[str, dict[str, int]] = {}
    for key, number in (member.split("=") for member in each):
        kind, word = key.split(".")
        counts.setdefault(kind, {})[word] = int(number)
    assert total == f"total={sum(n for words in counts.values() for n in words.values())}"
    return counts


def test_no_change_is_counted_too(client: FlaskClient) -> None:
    assert client.head(f"{HERE}/diff?from=2&to=2").headers["Change-Counts"] == "total=0"


def test_a_stream_is_read_in_short_steps_while_it_is_sent(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    told = changes.told

    def counted(*arguments: Any) -> Any:
        asked.append(len(arguments[-1]))
        return told(*arguments)

    monkeypatch.setattr(changes, "told", counted)
    monkeypatch.setattr(diffs, "STEP", 5)
    monkeypatch.setattr(streams, "CHUNK", 1)
    answer = app.test_client().get(f"{DIFF}&format=ndjson", buffered=False)
    chunks = iter(answer.response)

    assert orjson.loads(next(chunks))["kind"] == "dataset"
    assert asked == [1]
    *_, end = chunks
    assert "end" in orjson.loads(end)
    assert asked == [1, 5, 5, 3]


def test_a_table_says_that_it_has_a_header(client: FlaskClient) -> None:
    table = read(client.get(f"{DIFF}&format=csv"))

    assert table.headers["Content-Type"] == "text/csv; header=present; charset=utf-8"
    assert table.get_data().startswith(b"kind,id,change,reason,why,path,old,new\r\n")


@pytest.mark.parametrize("path", ["", "/", "note", "/note/", "//", "/a b", "/~2", "/note?"])
def test_a_path_that_is_no_pointer_is_refused(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{HERE}/diff", query_string={"from": 1, "path": path})

    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["parameter"] == "path"
