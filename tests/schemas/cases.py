"""Changes to the samples, and what each validator says of the result."""

from typing import Any, NamedTuple

import jsonschema_rs

from schemas import DATASET, KINDS, Kind, kind_of
from tests.schemas import samples

GONE = object()
SAMPLES = {
    "actors": samples.actor,
    "dataset": samples.dataset,
    "events": samples.event,
    "figures": samples.figure,
    "sources": samples.source,
}
MINIMAL = {
    "actors": samples.minimal_actor,
    "dataset": samples.minimal_dataset,
    "events": samples.minimal_event,
    "figures": samples.minimal_figure,
    "sources": samples.minimal_source,
}

VALIDATORS = {
    kind.name: jsonschema_rs.Draft202012Validator(dict(kind.json_schema))
    for kind in (*KINDS.values(), DATASET)
}


class Verdicts(NamedTuple):
    """Whether each validator accepts."""

    marshmallow: bool
    json_schema: bool


def verdicts(kind: Kind, record: Any) -> Verdicts:
    """Return what each validator says by itself."""
    return Verdicts(not kind.schema.validate(record), VALIDATORS[kind.name].is_valid(record))


def changed(record: Any, changes: dict[str, Any]) -> Any:
    """Return the record with the value at each JSON pointer set, or removed if it is GONE."""
    for place, value in changes.items():
        *way, last = place[1:].split("/")
        bearer = record
        for step in way:
            bearer = bearer[int(step)] if isinstance(bearer, list) else bearer[step]
        name = int(last) if isinstance(bearer, list) else last
        if value is GONE:
            del bearer[name]
        else:
            bearer[name] = value
    return record


def pointers(kind: str, record: Any) -> list[str]:
    """Return where the problems of a record lie."""
    return [problem.pointer for problem in kind_of(kind).problems(record)]
