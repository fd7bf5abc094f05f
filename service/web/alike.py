"""What several operations say alike, said once: parameters and responses become components."""

from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import orjson

OWN = "."
"""Stands in the names of components that other modules made, and in none of those made here."""


def shared(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document in which what stands twice is a component, and referred to."""
    parameters = _Alike(document["components"].setdefault("parameters", {}), "parameters")
    responses = _Alike(document["components"].setdefault("responses", {}), "responses")
    for operation in _operations(document):
        parameters.count(operation["parameters"])
        responses.count(operation["responses"].values())
    for operation in _operations(document):
        operation["parameters"] = [
            parameters.said(each, each.get("name", "")) for each in operation["parameters"]
        ]
        operation["responses"] = {
            status: responses.said(each, HTTPStatus(int(status)).phrase.replace(" ", ""))
            for status, each in operation["responses"].items()
        }
    return document


class _Alike:
    """Parts of a document that may be said more than once, and the components of their sort."""

    def __init__(self, components: dict[str, Any], sort: str) -> None:
        self._components, self._sort = components, sort
        self._counts: Counter[bytes] = Counter()
        self._names: dict[bytes, str] = {}

    def count(self, parts: Any) -> None:
        """Note parts that are said."""
        self._counts.update(map(_key, parts))

    def said(self, part: dict[str, Any], name: str) -> dict[str, Any]:
        """Return a part as it is said: by reference, if it is said more than once."""
        key = _key(part)
        if "$ref" in part or self._counts[key] < 2:
            return part
        if key not in self._names:
            self._names[key] = self._free(name)
            self._components[self._names[key]] = part
        return {"$ref": f"#/components/{self._sort}/{self._names[key]}"}

    def _free(self, name: str) -> str:
        taken = (name, *(f"{name}-{number}" for number in range(2, len(self._components) + 3)))
        return next(each for each in taken if each not in self._components)


def _key(part: Any) -> bytes:
    return orjson.dumps(part, option=orjson.OPT_SORT_KEYS)


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()
