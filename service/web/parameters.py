"""The parameters of filters, as the OpenAPI document has them and the schemas declare them."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from marshmallow import Schema

from schemas import KINDS, Kind
from schemas.filters import MOST_VALUES, Filterable
from service.web import patterns
from service.web.asking import Filtering
from service.web.examples import EXAMPLES

_ORDINARY = {"lt": "less than", "lte": "at most", "gt": "greater than", "gte": "at least"}
_MEANINGS = {
    "": "Only records with this value; where it stands in a list, one of it is enough.",
    "in": f"Only records with one of these values: up to {MOST_VALUES}, with commas between.",
    "ne": "Only records that state another value, and not this one.",
    **{
        operator: f"Only records with a value {words} this."
        for operator, words in _ORDINARY.items()
    },
    "exists": "Only records that state it (`true`), or that do not (`false`).",
    "contains": "Only records in which all these words stand there, as in a search; in a list, in"
    " one or several of its texts.",
}
_OF_DATES = {
    "": "Only records whose date overlaps this one: both may be the same day.",
    "within": "Only records whose date lies within this one, whatever day of it is meant.",
    "before": "Only records whose date ends before this one begins.",
    "after": "Only records whose date begins after this one ends.",
    "exists": _MEANINGS["exists"],
}

ANY = "any"
"""Stands where a kind stands in the names of components that several kinds share."""


@cache
def components() -> dict[str, dict[str, Any]]:
    """Return each filter's parameter for the OpenAPI document, under the name of its component.

    Where kinds have a name in common that they read differently, it is described as any of theirs
    too.
    """
    told = {f"{kind.name}.{name}": each for kind in KINDS.values() for name, each in _filters(kind)}
    shared: dict[str, list[dict[str, Any]]] = {}
    for component in told.values():
        shared.setdefault(component["name"], []).append(component)
    differing = {name: each for name, each in shared.items() if len(_schemas(each)) > 1}
    for name, each in differing.items():
        told[f"{ANY}.{name}"] = {**each[0], "schema": {"anyOf": _schemas(each)}}
    return told


def described(query: Schema) -> list[str]:
    """Return the parameters of a query beside those that it declares: names of components."""
    if not isinstance(query, Filtering):
        return []
    if query.of_kind:
        return [f"{query.of_kind.name}.{name}" for name, _ in _filters(query.of_kind)]
    every = {told["name"]: component for component, told in components().items()}
    return list(every.values())


def _filters(kind: Kind) -> Iterator[tuple[str, dict[str, Any]]]:
    for of in kind.filters.values():
        for operator, name in zip(of.operators, of.spellings, strict=True):
            yield name, _parameter(kind, of, operator, name)


def _schemas(parameters: list[dict[str, Any]]) -> list[Any]:
    schemas = [parameter["schema"] for parameter in parameters]
    return [schema for i, schema in enumerate(schemas) if schema not in schemas[:i]]


def _parameter(kind: Kind, of: Filterable, operator: str, name: str) -> dict[str, Any]:
    meaning = (_OF_DATES if of.type == "date" else _MEANINGS)[operator]
    example = EXAMPLES[kind.name].get(of.name)
    return {
        "name": name,
        "in": "query",
        "description": f"{of.field.metadata.get('description') or of.name} {meaning}",
        "schema": _schema(of, operator),
        **({} if example is None else {"example": _example(operator, example)}),
    }


def _example(operator: str, value: Any) -> str:
    return "true" if operator == "exists" else str(value)


def _schema(of: Filterable, operator: str) -> dict[str, Any]:
    if operator == "exists":
        return {"type": "string", "enum": ["true", "false"]}
    if operator == "contains":
        return patterns.WORDS
    one = patterns.spelled(of)
    return patterns.listed(one, MOST_VALUES) if operator == "in" else one
