"""Every error is a problem that says what is wrong and what would be right, and nothing else."""

import logging
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service import errors
from service.app import create_app
from service.config import Config
from service.model import Flaw, Place
from service.reading import datasets
from service.store import Database, health
from service.web import problems
from service.web.security import LONGEST_ADDRESS
from tests.api.published import NAME
from tests.api.walking import HERE

NAMED = (
    "a",
    "/",
    "..",
    "%2e%2e",
    "%00",
    "%0a",
    "%ff",
    "é",
    "'",
    '"',
    "<b>",
    "{x}",
    "%",
    "a" * 5000,
)


def problem(answer: TestResponse, status: int) -> Mapping[str, Any]:
    """Return the problem that an answer tells, once its form is checked."""
    told: dict[str, Any] = answer.get_json()
    assert answer.status_code == told["status"] == status
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert told["detail"]
    assert "Traceback" not in answer.get_data(as_text=True)
    return told


def test_an_unknown_path_is_told(client: FlaskClient) -> None:
    assert "/v1" in problem(client.get("/v2"), 404)["detail"]


@pytest.mark.parametrize("path", ["/v1/", "/v1//datasets", f"{HERE}/", "/docs/", "/healthz/"])
def test_an_address_has_one_spelling_and_no_redirects(client: FlaskClient, path: str) -> None:
    problem(client.get(path), 404)


def test_a_request_without_a_path_is_not_redirected(client: FlaskClient) -> None:
    answer = client.get("/", environ_overrides={"PATH_INFO": ""}, headers={"Host": "evil.example"})

    problem(answer, 404)
    assert "evil" not in str(answer.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_another_method_is_told_those_that_exist(client: FlaskClient, method: str) -> None:
    answer = client.open(f"{HERE}/figures", method=method)

    problem(answer, 405)
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_an_unknown_parameter_is_named_with_those_that_exist(client: FlaskClient) -> None:
    told = problem(client.get(f"{HERE}/figures?limits=5&x=1"), 400)

    assert [place["parameter"] for place in told["errors"]] == ["limits", "x"]
    for known in ("cursor", "limit", "sort", "measure", "place.id"):
        assert f" {known}," in told["errors"][0]["detail"]


def test_a_repeated_parameter_is_refused(client: FlaskClient) -> None:
    told = problem(client.get(f"{HERE}/figures?limit=5&limit=5"), 400)

    assert told["errors"] == [{"detail": "is given more than once", "parameter": "limit"}]


def test_all_wrong_parameters_are_told_at_once(client: FlaskClient) -> None:
    told = problem(client.get(f"{HERE}/diff?to=x&kind=things&change=moved&id=A"), 400)

    named = {place["parameter"]: place["detail"] for place in told["errors"]}
    assert named.keys() == {"from", "to", "kind", "change", "id"}
    assert "figures" in named["kind"]
    assert "modified" in named["change"]


def test_an_unknown_dataset_is_answered_with_those_that_exist(client: FlaskClient) -> None:
    assert NAME in problem(client.get("/v1/datasets/nowhere"), 404)["detail"]


def test_an_unknown_revision_is_answered_with_those_that_exist(client: FlaskClient) -> None:
    for path in (f"{HERE}/revisions/9", f"{HERE}/revisions/0/figures", f"{HERE}/diff?from=9"):
        assert "revisions 1 to 3 exist" in problem(client.get(path), 404)["detail"]


@pytest.mark.parametrize("number", ["01", "-1", "+1", "1.0", "\uff11", "x", "9" * 30])
def test_a_revision_has_one_spelling(client: FlaskClient, number: str) -> None:
    problem(client.get(f"{HERE}/revisions/{number}"), 404)


def test_an_unknown_record_is_answered_with_where_it_was_sought(client: FlaskClient) -> None:
    told = problem(client.get(f"{HERE}/revisions/2/figures/none"), 404)

    assert "'none'" in told["detail"]
    assert f"revision 2 of {NAME}" in told["detail"]


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize(
    "path", ["/v1/datasets/{}", "/{}", HERE + "/figures/{}", HERE + "/revisions/1/manifest/{}"]
)
def test_no_name_breaks_the_service(client: FlaskClient, path: str, name: str) -> None:
    problem(client.get(path.format(name)), 404)


@pytest.mark.parametrize("name", NAMED)
def test_no_query_breaks_the_service(client: FlaskClient, name: str) -> None:
    query = f"{name}={name}&from={name}&id={name}"
    problem(client.get(f"{HERE}/diff?{query}"), 400 if len(query) < LONGEST_ADDRESS else 414)


def test_a_large_body_is_refused_before_it_is_read(client: FlaskClient) -> None:
    problem(client.post("/v1", data=b"x" * 2000), 413)


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("", 200),
        ("*/*", 200),
        ("application/*", 200),
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("text/html,application/xhtml+xml,*/*;q=0.8", 200),
        ("text/csv", 200),
        ("text/html", 406),
        ("application/json;q=0", 406),
    ],
)
def test_a_form_that_does_not_exist_is_not_acceptable(
    client: FlaskClient, accept: str, status: int
) -> None:
    answer = client.get(f"{HERE}/figures", headers={"Accept": accept})

    assert answer.status_code == status


HOSTS = ("evil.example", "data.example.evil", "", "a b", "[::1", "data.example:x", "\xff")


@pytest.mark.parametrize("host", HOSTS)
def test_a_foreign_host_is_refused_where_hosts_are_configured(store: Database, host: str) -> None:
    app = create_app(Config(trusted_hosts=("data.example",)), store)

    answer = app.test_client().get("/v1", environ_overrides={"HTTP_HOST": host})

    problem(answer, 400)


def test_a_trusted_host_is_answered(store: Database) -> None:
    app = create_app(Config(trusted_hosts=("data.example", ".trusted.example")), store)

    for host in ("data.example", "data.example:8000", "a.trusted.example"):
        assert app.test_client().get("/v1", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", HOSTS)
def test_no_answer_depends_on_the_host(client: FlaskClient, host: str) -> None:
    usual = client.get(f"{HERE}/figures?limit=1")
    odd = client.get(f"{HERE}/figures?limit=1", environ_overrides={"HTTP_HOST": host})

    if odd.status_code == 200:
        assert odd.get_data() == usual.get_data()
        assert odd.headers["Link"] == usual.headers["Link"]
    else:
        problem(odd, 400)


@pytest.fixture
def raising(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make every read below a dataset raise an error."""

    def set_error(error: Exception) -> FlaskClient:
        def fail(*_: object) -> None:
            raise error

        monkeypatch.setattr(datasets, "at", fail)
        return app.test_client()

    return set_error


FLAW = Flaw(Place("figures.yaml", 3, "/value"), "must be a whole number")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotFound("x"), 404),
        (errors.BadQuery("x", "limit"), 400),
        (errors.Gone("x"), 410),
        (errors.Refused("x", [FLAW]), 422),
        (errors.HeadMoved("x"), 409),
        (errors.ApprovalNeeded("x", "0" * 64), 409),
    ],
)
def test_each_error_of_the_domain_has_its_status(
    raising: Any, error: Exception, status: int
) -> None:
    assert problem(raising(error).get(HERE), status)["detail"].partition(";")[0] == "x"


def test_a_store_that_cannot_answer_is_told_without_where_it_lies(
    raising: Any, caplog: pytest.LogCaptureFixture
) -> None:
    answer = raising(errors.Unavailable("/srv/secret.db does not answer")).get(HERE)

    assert "later" in problem(answer, 503)["detail"]
    assert "secret" not in answer.get_data(as_text=True)
    assert answer.headers["Retry-After"] == "5"
    assert "/srv/secret.db does not answer" in caplog.text


def test_a_refusal_points_to_each_flaw(raising: Any) -> None:
    told = problem(raising(errors.Refused("x", [FLAW])).get(HERE), 422)

    assert told["errors"] == [
        {
            "detail": "must be a whole number",
            "pointer": "/value",
            "file": "figures.yaml",
            "line": 3,
        }
    ]


def test_an_unforeseen_error_tells_nothing_and_is_logged_once(
    raising: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = raising(RuntimeError("secret")).get(HERE)

    problem(answer, 500)
    assert "secret" not in answer.get_data(as_text=True)
    assert [record.exc_info[1].args for record in caplog.records if record.exc_info] == [
        ("secret",)
    ]


def test_the_type_of_a_problem_is_where_it_is_described(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()

    for known in problems.PROBLEMS.values():
        described: Any = document
        for name in known.type.partition("#/")[2].split("/"):
            described = described[name]
        assert described["description"] == known.description


def test_a_service_without_its_store_is_alive_and_not_ready(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Database) -> None:
        raise errors.Unavailable("the store was not migrated")

    monkeypatch.setattr(health, "ready", fail)

    problem(client.get("/readyz"), 503)
    assert client.get("/healthz").status_code == 200
