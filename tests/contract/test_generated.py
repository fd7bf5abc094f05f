"""A client made of the document alone, with types for everything, calls the whole service."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from flask import Flask

from tests.contract.generated import fitting, imported, make, method
from tests.contract.leading import DATASET

UNTYPED = {"getExplorer", "getExplorerFile", "getOpenAPI", "getMetrics"}
"""What is not data: pages, files and the document itself."""


@pytest.fixture(scope="module")
def described(seeded: Flask) -> dict[str, Any]:
    return dict(seeded.test_client().get("/openapi.json").get_json())


@pytest.fixture(scope="module")
def package(
    described: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ModuleType]:
    """The client, imported."""
    folder = tmp_path_factory.mktemp("client")
    assert make(described, folder) == []
    with imported(folder) as found:
        yield found


@pytest.fixture
def caller(package: ModuleType, seeded: Flask, secret: str) -> Any:
    """A client of the seeded service, which raises where an answer is not documented."""
    return package.AuthenticatedClient(
        base_url="http://localhost",
        token=secret,
        raise_on_unexpected_status=True,
        httpx_args={"transport": httpx.WSGITransport(app=seeded)},
    )


def test_a_client_that_knows_the_document_alone_calls_every_operation_in_types(
    caller: Any, described: dict[str, Any], package: ModuleType, seeded: Flask
) -> None:
    # One test, so that one process generates and imports the client.
    _every_operation_is_called_and_answers_in_its_type(caller, described)
    _records_come_back_in_their_types_without_loss(caller, seeded)
    _sparse_records_have_a_type_too(caller)
    _a_release_is_published_as_an_object(caller, package)
    _a_refusal_has_its_type(caller)


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the tag, the name and the declaration of each operation that reads."""
    for path in described["paths"].values():
        if "get" in path:
            yield path["get"]["tags"][0], path["get"]["operationId"], path["get"]


def examples(operation: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    """Return the example of each parameter that has one, by name."""
    found = {}
    for said in operation["parameters"]:
        name = said.get("$ref", "").rpartition("/")[2]
        each = described["components"]["parameters"][name] if name else said
        one = each.get("example", next(iter(each["schema"].get("examples", ())), None))
        found[each["name"]] = one
    return found


def _every_operation_is_called_and_answers_in_its_type(
    caller: Any, described: dict[str, Any]
) -> None:
    run = method("Ingestions", "listIngestions")(DATASET, client=caller).parsed.data[0].id
    called = 0
    for tag, name, operation in operations(described):
        call = method(tag, name)
        given = {**examples(operation, described), "ingestion": run}

        answer = call(**fitting(call, given), client=caller)

        assert answer.status_code in (200, 302), (name, answer.content[:500])
        if answer.status_code == 200 and name not in UNTYPED:
            assert answer.parsed is not None, name
            assert type(answer.parsed).__name__ != "Problem", name
        called += 1
    assert called == len(list(operations(described))) > 70


def _records_come_back_in_their_types_without_loss(caller: Any, seeded: Flask) -> None:
    plain = seeded.test_client()
    for kind in ("actors", "events", "figures", "sources"):
        singular = kind[:-1].capitalize()
        page = method("Records", f"list{kind.capitalize()}")(DATASET, client=caller, limit=1000)
        told = plain.get(f"/v1/datasets/{DATASET}/{kind}?limit=1000").get_json()["data"]

        assert {type(record).__name__ for record in page.parsed.data} == {singular}
        assert [record.to_dict() for record in page.parsed.data] == told
        whole = method("Records", f"get{singular}")(DATASET, told[0]["id"], client=caller)
        assert whole.parsed.to_dict() == told[0]
        assert type(whole.parsed).__name__ == singular


def _sparse_records_have_a_type_too(caller: Any) -> None:
    page = method("Records", "listFigures")(DATASET, client=caller, fields="value,unit", limit=3)

    assert {type(record).__name__ for record in page.parsed.data} == {"SparseFigure"}


def _a_release_is_published_as_an_object(caller: Any, package: ModuleType) -> None:
    models = __import__(f"{package.__name__}.models", fromlist=["models"])
    whole = {
        "release": {"mode": "snapshot", "message": "Sent by a client that was generated."},
        "dataset": {"title": "Generated", "licence": "CC0-1.0", "schema": 1},
    }
    body = models.SentRelease.from_dict(whole)

    answer = method("Ingestions", "publishRelease")("generated", client=caller, body=body)

    assert answer.status_code == 201, answer.content
    assert (answer.parsed.data.outcome, answer.parsed.data.revision) == ("published", 1)


def _a_refusal_has_its_type(caller: Any) -> None:
    answer = method("Records", "listFigures")(DATASET, client=caller, sort="nonsense")

    assert answer.status_code == 400
    assert [error.parameter for error in answer.parsed.errors] == ["sort"]


@pytest.mark.parametrize("harm", ["a list of nothing said", "a reference into nowhere"])
def test_a_document_that_a_client_cannot_read_is_told(
    described: dict[str, Any], tmp_path: Path, harm: str
) -> None:
    wrong = {"type": "array"} if harm.startswith("a list") else {"$ref": "#/components/schemas/No"}
    schemas = {**described["components"]["schemas"], "Planted": {"properties": {"data": wrong}}}
    harmed = {**described, "paths": {}, "components": {"schemas": schemas}}

    assert make(harmed, tmp_path) != []
