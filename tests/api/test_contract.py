"""Every route answers as the served document says, in success and in error."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from service.app import create_app
from service.config import Config
from service.loader import Request, load, open_release, releases_in
from service.model import KINDS
from service.store import Database, open_database
from tests.api.contract import Contract, declared
from tests.api.published import FIRST_OF, NAME
from tests.api.routes import ASKED, VALUES
from tests.api.walking import HERE

GOOD = (200, 302)
"""An answer, or where it is: a TimeGate only says where."""


def addresses(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield every route with real arguments: its path, and the query that it requires."""
    routes = app.url_map.bind("")
    for rule in app.url_map.iter_rules():
        if "/ingestions" in rule.rule:
            continue  # These need a token, and are held against the document with the others of it.
        for kind in KINDS if "kind" in rule.arguments else ("",):
            real = VALUES | {"kind": kind, "id": FIRST_OF.get(kind)}
            path = routes.build(rule.endpoint, {name: real[name] for name in rule.arguments})
            yield path, ASKED.get(path.rpartition("/")[2], "")


ROOT = Path(__file__).parents[2]


@pytest.fixture
def database(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty store."""
    shutil.copy(migrated_sqlite, tmp_path / "recension.db")
    opened = open_database(f"sqlite:///{tmp_path / 'recension.db'}")
    yield opened
    opened.close()


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    validate(document)

    assert document["openapi"] == "3.1.0"


def test_every_route_is_documented(app: Flask, document: dict[str, Any]) -> None:
    rules = {
        re.sub(r"<(?:[^:>]*:)?(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()
    }
    expanded = {rule.replace("{kind}", kind) for rule in rules for kind in KINDS}

    assert expanded == set(document["paths"])


def test_every_get_answers_as_documented(
    app: Flask, client: FlaskClient, contract: Contract
) -> None:
    for path, query in addresses(app):
        answer = client.get(path, query_string=query)

        assert answer.status_code in GOOD, path
        assert contract.violations(path, answer) == [], path


def test_every_head_has_the_headers_of_its_get(app: Flask, client: FlaskClient) -> None:
    for path, query in addresses(app):
        got, headed = client.get(path, query_string=query), client.head(path, query_string=query)

        assert headed.status_code == got.status_code
        assert headed.get_data() == b""
        if path != "/metrics":  # It counts the one in between.
            assert _told(headed.headers) == _told(got.headers), path


def _told(headers: Any) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in ("X-Request-ID", "Date")}


def test_every_not_modified_answer_is_documented(
    app: Flask, client: FlaskClient, contract: Contract
) -> None:
    for path, query in addresses(app):
        etag = client.get(path, query_string=query).headers.get("ETag")
        if etag:
            answer = client.get(path, query_string=query, headers={"If-None-Match": etag})

            assert answer.status_code == 304
            assert contract.violations(path, answer) == [], path


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        (400, {"query_string": "nonsense=1"}),
        (406, {"headers": {"Accept": "text/x-nonsense"}}),
        (413, {"data": b"x" * 2000}),
    ],
)
def test_every_route_refuses_as_documented(
    app: Flask, client: FlaskClient, contract: Contract, status: int, asked: dict[str, Any]
) -> None:
    for path, _ in addresses(app):
        answer = client.get(path, **asked)

        if answer.status_code == 302 and status == 406:
            continue  # A TimeGate leaves the form to the address that it names.
        assert answer.status_code == status, path
        assert contract.violations(path, answer) == [], path


@pytest.mark.parametrize(("real", "wrong"), [(NAME, "nowhere"), ("revisions/2", "revisions/9")])
def test_what_is_missing_is_told_as_documented(
    app: Flask, client: FlaskClient, contract: Contract, real: str, wrong: str
) -> None:
    for path, query in addresses(app):
        if real in path:
            missing = path.replace(real, wrong)
            answer = client.get(missing, query_string=query)

            assert answer.status_code == 404, missing
            assert contract.violations(missing, answer) == [], missing


@pytest.mark.parametrize("harm", ["member", "missing", "header", "unsaid header", "status", "type"])
def test_a_planted_wrong_answer_is_caught(
    client: FlaskClient, contract: Contract, harm: str
) -> None:
    answer = client.get(f"{HERE}/figures")
    assert contract.violations(f"{HERE}/figures", answer) == []

    body = json.loads(answer.get_data())
    match harm:
        case "member":
            body["meta"]["nonsense"] = 1
        case "missing":
            del body["data"][0]["id"]
        case "header":
            del answer.headers["ETag"]
        case "unsaid header":
            answer.headers["X-Nonsense"] = "1"
        case "status":
            answer.status_code = 418
        case "type":
            answer.headers["Content-Type"] = "text/x-nonsense"
    answer.set_data(json.dumps(body))

    assert contract.violations(f"{HERE}/figures", answer) != []


def test_every_example_obeys_its_schema(contract: Contract) -> None:
    found = list(_examples(contract.document))

    assert len(found) > 50
    for schema, example in found:
        assert contract.valid(schema, example) == []


def _examples(part: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield each schema that has an example, beside or within it."""
    if isinstance(part, list):
        for member in part:
            yield from _examples(member)
    elif isinstance(part, dict):
        if "schema" in part and "example" in part:
            yield part["schema"], part["example"]
        if isinstance(part.get("examples"), list):
            yield from ((part, example) for example in part["examples"])
        for member in part.values():
            yield from _examples(member)


def test_every_example_is_of_the_bundled_dataset(
    database: Database, document: dict[str, Any]
) -> None:
    for release in releases_in(str(ROOT / "seeds" / "kazakhstan-2022")):
        load(database, open_release(release), Request("kazakhstan-2022"))
    client = create_app(Config(), database).test_client()

    for template, described in document["paths"].items():
        if "security" in described["get"]:
            continue  # Runs of the loader have ids made by chance.
        parameters = declared(document, described["get"])
        path = template.format(**_examples_of(parameters, "path"))
        # Read to its end: a stream that nobody reads holds its turn.
        query = _examples_of(parameters, "query")
        answer = client.get(path, query_string=query, buffered=True)

        assert answer.status_code in GOOD, path


def _examples_of(parameters: list[dict[str, Any]], place: str) -> dict[str, Any]:
    """Return the example of each parameter that has one."""
    return {
        parameter["name"]: parameter.get("example") or parameter["schema"]["examples"][0]
        for parameter in parameters
        if parameter["in"] == place
        and ("example" in parameter or "examples" in parameter["schema"])
    }


def test_operation_ids_are_distinct_and_plain(document: dict[str, Any]) -> None:
    names = [path["get"]["operationId"] for path in document["paths"].values()]

    assert len(set(names)) == len(names)
    assert all(name.isascii() and name.isalnum() for name in names)
    assert {"listFigures", "getFigureAtRevision", "getDiff"} <= set(names)


def test_each_kind_has_its_own_typed_page(document: dict[str, Any]) -> None:
    for kind in KINDS:
        answer = document["paths"][f"/v1/datasets/{{dataset}}/{kind}"]["get"]["responses"]["200"]
        schema = answer["content"]["application/json"]["schema"]

        assert schema == {"$ref": f"#/components/schemas/{kind[:-1].capitalize()}Page"}


def test_every_operation_says_what_it_is_for(document: dict[str, Any]) -> None:
    for path in document["paths"].values():
        assert path["get"]["summary"].endswith(".")
        assert "{" not in path["get"]["summary"] + path["get"]["description"]
        assert all(parameter.get("description") for parameter in declared(document, path["get"]))
