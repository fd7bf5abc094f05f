"""What scripts of other sites may do (CORS), tried as a browser does."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.web import caching, sharing
from service.web.headers import HEADERS
from tests.api.sending import LIST, SECRET, Sender
from tests.api.test_contract import addresses
from tests.api.walking import HERE

ORIGIN = {"Origin": "https://elsewhere.example"}


def readable(answer: TestResponse) -> set[str]:
    """Return the headers that a browser lets a foreign script see; none of a refused answer."""
    if answer.headers.get("Access-Control-Allow-Origin") != "*":
        return set()
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    return {name for name, _ in answer.headers if name in {*exposed, *sharing.SEEN_ANYWAY}}


def test_every_read_is_shared_with_all_that_it_says(app: Flask, client: FlaskClient) -> None:
    for path, query in addresses(app):
        for method in ("GET", "HEAD"):
            answer = client.open(path, method=method, query_string=query, headers=ORIGIN)

            said = HEADERS.keys() - sharing.NOT_FOR_SCRIPTS
            assert {name for name, _ in answer.headers} & said <= readable(answer), path
            assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        (f"{HERE}/figures?x=1", 400),
        (f"{HERE}/figures/none", 404),
        (f"{HERE}/figures?" + "x" * 9000, 414),
    ],
)
def test_errors_of_reads_are_shared(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(path, headers=ORIGIN)

    assert answer.status_code == status
    assert "X-Request-ID" in readable(answer)


def test_an_answer_that_is_not_modified_is_shared(client: FlaskClient) -> None:
    etag = client.get(HERE).headers["ETag"]

    answer = client.get(HERE, headers={**ORIGIN, "If-None-Match": etag})

    assert answer.status_code == 304
    assert {"ETag", "Content-Location"} - {"Content-Location"} <= readable(answer)


def test_a_browser_may_ask_before_it_sends_what_reads_understand(
    app: Flask, client: FlaskClient
) -> None:
    for path, _ in addresses(app):
        asked = {
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "accept-datetime,if-none-match,range",
        }
        answer = client.options(path, headers={**ORIGIN, **asked})

        assert (answer.status_code, answer.get_data()) == (204, b"")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
        allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
        assert {"accept-datetime", "if-none-match", "range"} <= set(allowed)
        assert "authorization" not in allowed


def test_publishing_and_its_reports_are_shared_with_no_site(settled: Sender) -> None:
    client = settled.app.test_client()
    token = {**ORIGIN, "Authorization": f"Bearer {SECRET}"}

    for answer in (
        client.get(LIST, headers=token),
        client.get(LIST, headers=ORIGIN),
        client.post(LIST, headers=token),
        client.post(f"{HERE}/figures", headers=ORIGIN),
        client.options(LIST, headers=ORIGIN),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    assert client.options(LIST).status_code == 405


def test_a_header_that_is_not_exposed_is_noticed(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The control of the first.
    monkeypatch.setitem(sharing.SHARED, "Access-Control-Expose-Headers", "Link")

    assert not caching.HEADERS.keys() & readable(client.get(HERE)) - {"Cache-Control"}
