"""JSON Patches: turned round, and applied as a client does."""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

import jsonpatch

Operation = dict[str, Any]


def applied(whole: Any, pages: Iterable[list[Operation]]) -> Any:
    """Return a document after each page of a patch, in order."""
    whole = deepcopy(whole)
    for page in pages:
        whole = jsonpatch.apply_patch(whole, page, in_place=True)
    return whole


def inverse(page: list[Operation]) -> list[Operation]:
    """Return the patch that undoes a patch: a `test` says what a `replace` or `remove` took."""
    undone: list[list[Operation]] = []
    old: Any = None
    for operation in page:
        path, value = operation["path"], operation.get("value")
        put_back = {"op": "add", "path": path, "value": old}
        match operation["op"]:
            case "test":
                old = value
            case "add":
                undone.append([_test(path, value), {"op": "remove", "path": path}])
            case "remove":
                undone.append([put_back])
            case "replace":
                undone.append([_test(path, value), {**put_back, "op": "replace"}])
    return [operation for operations in reversed(undone) for operation in operations]


def _test(path: str, value: Any) -> Operation:
    return {"op": "test", "path": path, "value": value}
