"""The answers that the OpenAPI document shows are those that the bundled dataset gives."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.answers import FILE, answers, filled
from tests.api.contract import Contract


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the operations answer now."""
    db = filled(f"sqlite:///{tmp_path_factory.mktemp('answers') / 'recension.db'}")
    told = answers(db)
    db.close()
    return told


def test_what_is_shown_is_what_is_answered(given: dict[str, Any]) -> None:
    shown = json.loads(Path(FILE).read_text(encoding="utf-8"))

    assert shown == given, "run `python -m tests.api.answers`"
    assert len(shown) > 50


def _shown(document: dict[str, Any]) -> list[tuple[str, dict[str, Any], Any]]:
    """Return of each answer that the document shows: operation, schema, value."""
    examples, found = document["components"]["examples"], []
    for path in document["paths"].values():
        operation = path.get("get", {"responses": {"200": {}}, "operationId": ""})
        for content in operation["responses"].get("200", {}).get("content", {}).values():
            for example in content.get("examples", {}).values():
                name = example["$ref"].rpartition("/")[2]
                found.append((operation["operationId"], content["schema"], examples[name]["value"]))
    return found


def test_each_stands_at_its_operation_and_obeys_its_schema(
    document: dict[str, Any], contract: Contract, given: dict[str, Any]
) -> None:
    shown = _shown(document)

    assert {name for name, _, _ in shown} == given.keys()
    for name, schema, value in shown:
        assert contract.valid(schema, value) == [], name


def test_one_that_says_more_is_noticed(document: dict[str, Any], contract: Contract) -> None:
    # The control of the one above.
    (page,) = (each for each in _shown(document) if each[0] == "listFigures")
    _, schema, value = page

    assert contract.valid(schema, {**value, "nonsense": 1}) != []


def test_what_operations_say_alike_is_said_once(document: dict[str, Any]) -> None:
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    said = [json.dumps(each) for operation in operations for each in operation["parameters"]]

    twice = {each for each in said if said.count(each) > 1 and "$ref" not in each}
    assert twice == set()
