"""Every operation refuses what it does not take, naming the parameter and what would be right."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from service.web import OPERATIONS
from service.web.openapi import document as written
from tests.api.contract import Contract, declared
from tests.api.published import FIRST_OF
from tests.api.routes import ASKED, VALUES

DOCUMENT = orjson.loads(written(OPERATIONS, "http://localhost"))
READS = [
    path
    for path, item in DOCUMENT["paths"].items()
    if "get" in item and "security" not in item["get"]
]
"""Those that need no token."""

LIMITS = ("", "-1", "0", "1001", "9223372036854775808", "٣", "１２", "1e2", "5 ")  # noqa: RUF001
CURSORS = ("", "x", "é", "'--", "A" * 300, "bnVsbA", "9223372036854775808")
NAMES = (
    "nonsense",
    "limit ",
    "LIMIT",
    "limit__gt",
    "' OR 1=1 --",
    "\x00",
    "${7*7}",
    "%s",
    "\uff4cimit",
)
VALUES_SENT = (
    "' OR '1'='1",
    "x'); DROP TABLE figures --",
    "\x00",
    "%",
    "${7*7}",
    "\ud7ff\U0010ffff",
)


def taking(name: str) -> list[str]:
    """Return the reads that take a parameter of the query."""
    return [path for path in READS if name in taken(path)]


def taken(path: str) -> dict[str, dict[str, Any]]:
    operation = DOCUMENT["paths"][path]["get"]
    return {each["name"]: each for each in declared(DOCUMENT, operation) if each["in"] == "query"}


def asked(path: str) -> tuple[str, dict[str, str]]:
    """Return an address that finds something, and what it cannot be asked without."""
    kind = next((kind for kind in FIRST_OF if f"/{kind}/" in path), "figures")
    address = path.format(**VALUES | {"id": FIRST_OF[kind], "ingestion": "none"})
    query = ASKED.get(path.rpartition("/")[2], "")
    return address, dict(part.split("=") for part in query.split("&") if part)


def refused(client: FlaskClient, path: str, wrong: dict[str, str]) -> list[dict[str, str]]:
    """Return what is told of parameters that are wrong."""
    address, query = asked(path)
    answer = client.get(address, query_string={**query, **wrong})
    assert answer.status_code == 400, (path, wrong, answer.get_data())
    assert answer.content_type == "application/problem+json"
    return list(answer.get_json()["errors"])


@pytest.mark.parametrize("path", taking("limit"))
def test_no_list_takes_a_limit_beyond_what_it_says(client: FlaskClient, path: str) -> None:
    most = taken(path)["limit"]["schema"]["maximum"]
    for limit in LIMITS:
        assert refused(client, path, {"limit": limit}) == [
            {
                "detail": f"must be a whole number from 1 to {most}, in plain digits",
                "parameter": "limit",
            }
        ]


@pytest.mark.parametrize("path", taking("cursor"))
def test_no_list_takes_what_is_no_cursor_of_it(client: FlaskClient, path: str) -> None:
    for cursor in (*CURSORS, *foreign(client, path)):
        (told,) = refused(client, path, {"cursor": cursor})
        assert told["parameter"] == "cursor"
        assert "cursor" in told["detail"]


def foreign(client: FlaskClient, path: str) -> Iterator[str]:
    """Yield the cursor of another list."""
    other = "actors" if path.endswith("figures") else "figures"
    page = client.get(f"/v1/datasets/{VALUES['dataset']}/{other}?limit=1").get_json()
    yield page["links"]["next"].partition("cursor=")[2].partition("&")[0]


@pytest.mark.parametrize("path", READS)
def test_no_read_takes_what_it_does_not_know(client: FlaskClient, path: str) -> None:
    # The TimeMap of a read tells the parameters of that read.
    known = ["limit"] if "timemap/{rest}" in path else sorted(taken(path))
    for name in NAMES:
        (told,) = refused(client, path, {name: "1"})
        assert told["parameter"] == name
        assert told["detail"].startswith("is unknown here; ")
        for each in known[:5]:
            assert each in told["detail"]


@pytest.mark.parametrize("path", READS)
def test_no_value_is_more_than_a_value(client: FlaskClient, contract: Contract, path: str) -> None:
    address, query = asked(path)
    for name in taken(path):
        for value in VALUES_SENT:
            answer = client.get(address, query_string={**query, name: value})
            assert answer.status_code in (200, 400, 404), (name, value, answer.get_data())
            assert contract.violations(address, answer) == []
