"""The application around the routes: its log, its request ids, its guards, its start."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.app import create_app, from_environ
from service.config import Config
from service.store import Database
from service.web import journal
from tests.api.published import NAME, publish, third
from tests.api.test_problems import NAMED
from tests.api.walking import HERE


class Log(io.StringIO):
    """What a server writes to standard error."""

    def lines(self) -> list[str]:
        """Return the lines, those of requests in the same moment among them."""
        journal.NOTES.flush()
        return self.getvalue().splitlines()


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """What a server writes to standard error until the test ends."""
    level = journal.SERVICE.level
    for name in ("handlers", "propagate"):
        monkeypatch.setattr(journal.SERVICE, name, getattr(journal.SERVICE, name))
    stream = Log()
    monkeypatch.setattr("sys.stderr", stream)
    journal.to_standard_error()
    yield stream
    journal.NOTES.flush()
    # Not as an attribute: loggers remember what their level lets through.
    journal.SERVICE.setLevel(level)


def test_each_request_is_one_line_of_json(client: FlaskClient, logged: Log) -> None:
    answer = client.get(f"{HERE}/figures?limit=1", headers={"X-Request-ID": "abc-1"})

    (line,) = logged.lines()
    told = json.loads(line)
    assert told.pop("time").endswith("Z")
    assert told.pop("ms") >= 0
    assert told == {
        "level": "info",
        "message": "request",
        "method": "GET",
        "path": f"{HERE}/figures",
        "status": 200,
        "bytes": len(answer.get_data()),
        "request_id": "abc-1",
    }


@pytest.mark.parametrize("name", ["%0a", "%0d%0a{", "%1b[31m", "%c2%85", "%e2%80%a8", "%7f", "%00"])
def test_no_path_gets_a_control_character_into_the_log(
    client: FlaskClient, logged: Log, name: str
) -> None:
    client.get(f"/v1/{name}")

    (line,) = logged.lines()
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["status"] == 404


def test_a_failure_is_logged_with_the_id_that_the_client_was_given(
    client: FlaskClient, logged: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.reading.datasets.every", lambda _: 1 / 0)

    answer = client.get("/v1/datasets")

    failure, request = map(json.loads, logged.lines())
    assert "ZeroDivisionError" in failure["error"]
    assert failure["request_id"] == request["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize("given", ["a", "A-9", "x" * 64])
def test_a_plain_request_id_is_taken(client: FlaskClient, given: str) -> None:
    assert client.get("/v1", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a_b", "é", '"', "a\tb"])
def test_any_other_request_id_is_replaced(client: FlaskClient, given: str) -> None:
    made = client.get("/v1", environ_overrides={"HTTP_X_REQUEST_ID": given}).headers["X-Request-ID"]

    assert made != given
    assert journal.GIVEN.fullmatch(made)


@pytest.mark.parametrize("path", ["/", "/docs", f"{HERE}/figures", "/none", "/docs/init.js"])
def test_every_answer_is_guarded(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Server" not in headers


def test_the_explorer_loads_from_here_alone(client: FlaskClient) -> None:
    page = client.get("/docs")
    loaded = re.findall(r'(?:src|href)="([^"]*)"', page.get_data(as_text=True))

    assert len(loaded) == 4
    assert all(client.get(f"/{path}").status_code == 200 for path in loaded)
    allowed = page.headers["Content-Security-Policy"].replace("'self'", "").replace("data:", "")
    assert "unsafe" not in allowed
    assert ":" not in allowed


def test_nothing_but_the_named_files_is_served(client: FlaskClient) -> None:
    for name in ("explorer.html", "../app.py", "..%2f..%2fapp.py", "index.css", "swagger-ui.js"):
        assert client.get(f"/docs/{name}").status_code == 404


def test_the_environment_configures_the_application(
    filled: Path, monkeypatch: pytest.MonkeyPatch, logged: Log
) -> None:
    monkeypatch.setenv("RECENSION_DATABASE_URL", f"sqlite:///{filled}")
    monkeypatch.setenv("RECENSION_PUBLIC_URL", "https://here.example")

    told = from_environ().test_client().get("/v1/datasets").get_json()

    assert [dataset["name"] for dataset in told["data"]] == [NAME]
    assert told["links"]["self"] == "https://here.example/v1/datasets"


def test_no_name_breaks_either_engine(db: Database) -> None:
    publish(db, third())
    client = create_app(Config(), db).test_client()

    for name in NAMED:
        for path in ("/v1/datasets/{}", HERE + "/figures/{}", HERE + "/revisions/1/manifest/{}"):
            assert client.get(path.format(name)).status_code == 404
        for query in ("kind={}", "id={}", "cursor={}", "to={}", "change={}"):
            answer = client.get(f"{HERE}/diff?from=1&{query.format(name)}")
            assert answer.status_code in (200, 400)
