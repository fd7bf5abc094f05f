"""Net changes between two states, pure: what was added, modified and removed, field by field.

A field is a JSON pointer to a scalar or a list: objects are entered, lists are compared whole. The
lists of the record model are sets, so a changed list also tells the members that came and went;
`attribution` alone is a sequence, and is told as a whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import orjson

from service.canonical import canonical
from service.model import Change

SEQUENCES = frozenset({"attribution"})
"""Members whose order matters."""

State = Mapping[tuple[str, str], str]
"""(kind, id) to canonical body: a whole dataset at one revision, or any part of it."""


class FieldChange(NamedTuple):
    """One field that differs. A side that does not state it is None.

    `added` and `removed` hold the members that came and went where both sides are sets.
    """

    path: str
    old: Any
    new: Any
    added: list[Any] | None = None
    removed: list[Any] | None = None


def between(old: State, new: State) -> Iterator[Change]:
    """Yield the net changes from one state to another, by kind and id."""
    for kind, record_id in sorted(old.keys() | new.keys()):
        before, after = old.get((kind, record_id)), new.get((kind, record_id))
        if before != after:
            yield Change(kind, record_id, before, after)


def apply(changes: Iterable[Change], state: State) -> dict[tuple[str, str], str]:
    """Return the state after the changes: `apply(between(a, b), a) == b`."""
    after = dict(state)
    for change in changes:
        if change.new is None:
            del after[change.kind, change.id]
        else:
            after[change.kind, change.id] = change.new
    return after


def invert(change: Change) -> Change:
    """Return the change that undoes this one; a reason is for one direction only and stays."""
    return replace(change, old=change.new, new=change.old)


def fields(old: str, new: str) -> list[FieldChange]:
    """Return the fields that differ between two bodies, by pointer."""
    before, after = _flat(orjson.loads(old)), _flat(orjson.loads(new))
    return [
        _field(path, before.get(path), after.get(path))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]


def patched(old: str, changed: Iterable[FieldChange]) -> str:
    """Return the body after the field changes: `patched(a, fields(a, b)) == b`."""
    flat = _flat(orjson.loads(old))
    for field in changed:
        flat.pop(field.path, None)
        if field.new is not None:
            flat[field.path] = field.new
    return canonical(_nested(flat)).decode()


def _field(path: str, old: Any, new: Any) -> FieldChange:
    if not isinstance(old, list) or not isinstance(new, list) or _name(path) in SEQUENCES:
        return FieldChange(path, old, new)
    return FieldChange(
        path,
        old,
        new,
        added=[member for member in new if member not in old],
        removed=[member for member in old if member not in new],
    )


def _flat(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return pointer to scalar or list. The model admits no empty object, so none is lost."""
    flat: dict[str, Any] = {}
    for name, member in value.items():
        path = f"{prefix}/{name.replace('~', '~0').replace('/', '~1')}"
        if isinstance(member, dict):
            flat |= _flat(member, path)
        else:
            flat[path] = member
    return flat


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for path, value in flat.items():
        *parents, name = (_unescaped(part) for part in path[1:].split("/"))
        target = nested
        for parent in parents:
            target = target.setdefault(parent, {})
        target[name] = value
    return nested


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _name(path: str) -> str:
    return _unescaped(path.rpartition("/")[2])
