"""Parts of the document, each small enough to be asked at once, and operations declared alike.

A list of records has a parameter for each of up to 150 filters, and facets have those of all kinds.
A question has room for 16, so what is drawn of all of them is refused, and slow to draw. So the
document is taken apart: once such an operation is declared without filters, then with some of them.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from schemas import KINDS
from service.web.asking import MOST_FILTERS

Document = dict[str, Any]
Parameter = dict[str, Any]

OWN = {
    kind: {name for field in KINDS[kind].filters.values() for name in field.spellings}
    for kind in KINDS
}
"""The filters of each kind."""

FILTERS = set().union(*OWN.values())
MOVING, PINNED = {"as_of", "clock"}, {"revision"}
"""What the two addresses of one read do not have in common."""


def operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the path, the method and the declaration of each operation."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def parameters(document: Document, operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the parameters of an operation, as declared."""
    for each in operation["parameters"]:
        shared = each.get("$ref", "").rpartition("/")[2]
        yield document["components"]["parameters"][shared] if shared else each


def alike(document: Document) -> list[list[str]]:
    """Return the operations in groups that take the same, but for the kind and the revision."""
    groups: dict[str, list[str]] = {}
    for _, method, operation in operations(document):
        taken = sorted(
            json.dumps([each["in"], each["name"], _without_examples(each["schema"])])
            for each in parameters(document, operation)
            if each["name"] not in MOVING | PINNED
        )
        groups.setdefault(f"{method} {taken}", []).append(operation["operationId"])
    return list(groups.values())


def portions(
    document: Document, names: Iterable[str]
) -> tuple[Document, dict[str, list[Document]]]:
    """Return a document that declares operations without filters, and some with filters.

    Those are given by operation, and each has a few filters of one kind.
    """
    asked = set(names)
    filtered = {}
    for _, _, operation in operations(document):
        name = operation["operationId"]
        if name in asked and (few := list(_few(document, operation))):
            filtered[name] = [_declaring(document, {name}, partial(_among, each)) for each in few]
    many = set(filtered)
    whole = _declaring(document, asked, lambda each: not _is_filter(each), many)
    return whole, filtered


def paths_only(document: Document, names: Iterable[str]) -> Document:
    """Return a document in which these operations take nothing but their path."""
    asked = set(names)
    return _declaring(document, asked, lambda each: each["in"] == "path" or each.get("required"))


def _few(document: Document, operation: Parameter) -> Iterator[list[str]]:
    """Yield the filters of an operation, each once, as many together as may be, of one kind."""
    left = {each["name"] for each in parameters(document, operation) if _is_filter(each)}
    if len(left) <= MOST_FILTERS:
        return
    for own in OWN.values():
        ordered = sorted(left & own)
        left -= own
        for start in range(0, len(ordered), MOST_FILTERS):
            yield ordered[start : start + MOST_FILTERS]


def _is_filter(each: Parameter) -> bool:
    return each["in"] == "query" and each["name"] in FILTERS


def _among(few: list[str], each: Parameter) -> bool:
    return each["name"] in few if _is_filter(each) else bool(each.get("required"))


def _declaring(
    document: Document,
    names: set[str],
    is_kept: Callable[[Parameter], Any],
    of: set[str] | None = None,
) -> Document:
    """Return a document in which some operations, or those `of` them, take only what is kept.

    The others of their paths stay: they say which methods there are.
    """
    paths: dict[str, dict[str, Any]] = {}
    for path, method, operation in operations(document):
        name = operation["operationId"]
        if not any(each["operationId"] in names for each in document["paths"][path].values()):
            continue
        declared = list(parameters(document, operation))
        if name in (names if of is None else of):
            declared = [each for each in declared if is_kept(each)]
        paths.setdefault(path, {})[method] = {**operation, "parameters": declared}
    return {**document, "paths": paths}


def _without_examples(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name not in ("examples", "example")}
