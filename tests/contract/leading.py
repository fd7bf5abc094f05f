"""What is drawn, led to what there is; else most of it would ask for nothing."""

import json
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any
from zlib import crc32

import schemathesis
from schemathesis.generation.meta import CaseMetadata, TestPhase

from schemas import KINDS
from tests.contract.portions import FILTERS, MOVING, OWN

DATASET, REVISIONS = "kazakhstan-2022", 3


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """Take the shape of a release away: schemathesis cannot draw records, which obey many rules."""
    components = raw_schema["components"]
    schemas = {**components["schemas"], "SentRelease": {"type": "object"}}
    raw_schema["components"] = {**components, "schemas": schemas}


@schemathesis.hook
def map_case(context: Any, case: Any) -> Any:
    """Ask for the dataset that exists, filter by what the kind has, and send real releases."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return case
    if case.meta.phase.name != TestPhase.COVERAGE:
        _lead(case)
    filters = FILTERS & set(case.query)
    if "kind" in case.query and filters - OWN.get(case.query["kind"], set()):
        case.query["kind"] = next(kind for kind in KINDS if filters <= OWN[kind])
    return case


def _lead(case: Any) -> None:
    declared = case.operation.definition.raw
    if declared["operationId"] == "publishRelease":
        case.body = _release(case)
        return
    if "dataset" in case.path_parameters:
        case.path_parameters["dataset"] = DATASET
    if "revision" in case.path_parameters:
        case.path_parameters["revision"] = 1 + case.path_parameters["revision"] % REVISIONS
    for name, example in _ids(declared).items():
        # The same half in every run.
        if crc32(str(case.path_parameters.get(name)).encode()) % 2:
            case.path_parameters[name] = example


def moved(case: Any, operation: Any) -> Any:
    """Return the same question put to an operation that takes the same."""
    own = {each.name for each in operation.query}
    is_positive = case.meta.generation.mode.is_positive
    gone = MOVING - own if is_positive else set()
    here, there = (_ids(each.definition.raw) for each in (case.operation, operation))
    path = dict(case.path_parameters)
    path |= {name: there[name] for name, example in here.items() if path.get(name) == example}
    if any(each.name == "revision" for each in operation.path_parameters):
        path["revision"] = 1 + crc32(repr(case.query).encode()) % REVISIONS
    return operation.Case(
        path_parameters=path,
        headers=dict(case.headers),
        query={name: value for name, value in case.query.items() if name not in gone},
        body=case.body,
        media_type=case.media_type,
        _meta=CaseMetadata(
            generation=case.meta.generation,
            components=dict(case.meta.components),
            phase=case.meta.phase,
        ),
    )


def lending(cases: Mapping[str, Sequence[Any]]) -> Callable[..., None]:
    """Return a hook that puts to operations, by name, what was drawn for others."""

    def before_add_examples(context: Any, examples: list[Any]) -> None:
        name = context.operation.definition.raw["operationId"]
        examples += [moved(case, context.operation) for case in cases.get(name, ())]

    return before_add_examples


def _ids(declared: dict[str, Any]) -> dict[str, Any]:
    """Return an example of each thing in the path, beside the dataset and the revision."""
    return {
        each["name"]: each["example"]
        for each in declared["parameters"]
        if each["in"] == "path"
        and each["name"] not in ("dataset", "revision")
        and "example" in each
    }


def _release(case: Any) -> Any:
    """Return a release that can be published, or a delta for a head that is another."""
    chance = Random(json.dumps(case.path_parameters, default=str))  # noqa: S311 - no secret
    actors = [_actor(f"actor-{number}") for number in range(chance.randrange(4))]
    release: dict[str, Any] = {"mode": "snapshot", "message": f"Release {chance.randrange(99)}."}
    if chance.random() < 0.2:
        release |= {"mode": "delta", "base": {"number": 7, "digest": "0" * 64}}
    dataset = {"title": "Drawn", "licence": "CC0-1.0", "schema": 1}
    if case.media_type == "application/json":
        return {"release": release, "dataset": dataset, "actors": actors}
    told = [{"release": release, "dataset": dataset}]
    told += [{"kind": "actors", "record": actor} for actor in actors]
    return b"".join(json.dumps(line).encode() + b"\n" for line in told)


def _actor(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "actor_type": "group",
        "name": name,
        "name_basis": "descriptive",
        "anonymity": "named",
    }
