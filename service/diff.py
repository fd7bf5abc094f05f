"""Net changes between two states, pure: what was added, modified and removed, field by field.

A field is a JSON pointer to a scalar or a list: objects are entered, lists are compared whole. The
lists of the record model are sets, so a changed list also tells the members that came and went;
`attribution` alone is a sequence, and is told as a whole.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from service.canonical import canonical
from service.model import DATASET, Change

SEQUENCES = frozenset({"attribution"})
"""Members whose order matters."""

_MARK = "\x1f"
"""Around a place in a body: JSON has no control characters of its own."""

_PATH, _LISTS = itemgetter("path"), (list, list)

State = Mapping[tuple[str, str], str]
"""(kind, id) to canonical body: a whole dataset at one revision, or any part of it."""


Operation = dict[str, Any]
"""One operation of a JSON Patch."""

Told = dict[str, Any]
"""A field that differs as it is told: `path`, and of a `FieldChange` what is not None."""


class FieldChange(NamedTuple):
    """One field that differs. A side that does not state it is None.

    `added` and `removed` hold the members that came and went where both sides are sets.
    """

    path: str
    old: Any = None
    new: Any = None
    added: list[Any] | None = None
    removed: list[Any] | None = None

    def told(self) -> Told:
        """Return what a diff or a history says of it."""
        return {name: value for name, value in self._asdict().items() if value is not None}


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
    """Return the change that undoes this one. Nobody stated a reason for that direction."""
    return Change(
        change.kind,
        change.id,
        old=change.new,
        new=change.old,
        redacted=change.redacted,
        old_digest=change.new_digest,
        new_digest=change.old_digest,
    )


def fields(old: str, new: str, within: str | None = None) -> list[FieldChange]:
    """Return the fields that differ between two bodies, by pointer.

    `within` leaves only those at or below a pointer.
    """
    return [FieldChange(**told) for told in differing(old, new, within)]


def differing(old: str, new: str, within: str | None = None) -> list[Told]:
    """Return `fields` as they are told: to make objects of them would take half as long again."""
    found: list[Told] = []
    _compare("", orjson.loads(old), orjson.loads(new), found)
    if within is not None:
        found = [told for told in found if is_below(told["path"], within)]
    found.sort(key=_PATH)
    return found


def compared(old: str, new: str) -> str:
    """Return the fields that differ between two bodies, as JSON written short: what stands in the
    newer body too is told by where it stands there. `expanded` gives the JSON.
    """
    each = (_shortened(told, new) for told in differing(old, new))
    return f"[{','.join(each)}]"


def expanded(short: str, new: str) -> str:
    """Return what `compared` wrote as JSON: a list of what a diff tells of each field.

    `new` is the newer of the bodies that were compared.
    """
    parts = short.split(_MARK)
    for number in range(1, len(parts), 3):
        parts[number] = new[int(parts[number]) : int(parts[number + 1])]
        parts[number + 1] = ""
    return "".join(parts)


def may_tell(short: str, members: Iterable[str]) -> bool:
    """Say whether what `compared` wrote may tell of a field at or below some members of a body.

    It does wherever that is so; and where a path is told by its place, which may be any.
    """
    starts = (f'"path":{_MARK}', *(f'"path":"/{_escaped(name)}' for name in members))
    return any(start in short for start in starts)


def _shortened(told: Told, body: str) -> str:
    """Return an object as JSON; its values are looked for in the body."""
    members = (f'"{name}":{_cited(value, body)}' for name, value in told.items())
    return f"{{{','.join(members)}}}"


def _cited(value: Any, body: str) -> str:
    """Return JSON, or where a body has it: any place with that text will do. Of a list that is not
    there some members may be.
    """
    text = orjson.dumps(value).decode()
    start = body.find(text)
    if start < 0 and isinstance(value, list):
        return f"[{','.join([_cited(member, body) for member in value])}]"
    place = f"{_MARK}{start}{_MARK}{start + len(text)}{_MARK}"
    return place if start >= 0 and len(place) < len(text) else text


def patched(old: str, changed: Iterable[FieldChange]) -> str:
    """Return the body after the field changes: `patched(a, fields(a, b)) == b`."""
    stated = flat(orjson.loads(old))
    for field in changed:
        stated.pop(field.path, None)
        if field.new is not None:
            stated[field.path] = field.new
    return canonical(_nested(stated)).decode()


def patch(change: Change, within: str | None = None) -> Iterator[Operation]:
    """Yield the operations of RFC 6902 that make the change in the JSON export.

    What goes is tested first, so a patch verifies itself and can be turned round. `within` leaves
    only what lies at or below a pointer. A change whose body was erased has none.
    """
    place = f"/{change.kind}" if change.kind == DATASET else f"/{change.kind}/{change.id}"
    old, new = (orjson.loads(body) if body else None for body in (change.old, change.new))
    if old is None or new is None:
        yield from _operations(place, old, new, ())
    else:
        yield from _operations(place, old, new, _names(within) if within else ())


def _compare(path: str, old: dict[str, Any], new: dict[str, Any], found: list[Told]) -> None:
    """Add the scalars and lists that differ; equal parts are not entered."""
    for name, before in old.items():
        after = new.get(name)
        if before != after:
            _add(path, name, before, after, found)
    if old.keys() != new.keys():
        for name in new.keys() - old.keys():
            _add(path, name, None, new[name], found)


def _add(above: str, name: str, old: Any, new: Any, found: list[Told]) -> None:
    """Add a part that differs, or what differs in it; None is a part that is not there."""
    path, types = f"{above}/{_escaped(name)}", (type(old), type(new))
    if dict in types:
        old, before = (None, old) if isinstance(old, dict) else (old, {})
        new, after = (None, new) if isinstance(new, dict) else (new, {})
        _compare(path, before, after, found)
        if old is None and new is None:
            return
    told: Told = {"path": path}
    if old is not None:
        told["old"] = old
    if new is not None:
        told["new"] = new
    if types == _LISTS and name not in SEQUENCES:
        told["added"] = [member for member in new if member not in old]
        told["removed"] = [member for member in old if member not in new]
    found.append(told)


def flat(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return pointer to scalar or list. The model admits no empty object, so none is lost."""
    stated: dict[str, Any] = {}
    for name, member in value.items():
        path = f"{prefix}/{_escaped(name)}"
        if isinstance(member, dict):
            stated |= flat(member, path)
        else:
            stated[path] = member
    return stated


def _nested(stated: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for path, value in stated.items():
        *parents, name = _names(path)
        target = nested
        for parent in parents:
            target = target.setdefault(parent, {})
        target[name] = value
    return nested


def _operations(path: str, old: Any, new: Any, within: Sequence[str]) -> Iterator[Operation]:
    """Yield what leads from one value to the other; None is a value that is not there."""
    if old is None:
        value = _part(new, within)
        if value is not None:
            yield {"op": "add", "path": path, "value": _wrapped(value, within)}
    elif new is None:
        value, place = _part(old, within), "/".join((path, *map(_escaped, within)))
        if value is not None:
            yield {"op": "test", "path": place, "value": value}
            yield {"op": "remove", "path": place}
    elif isinstance(old, dict) and isinstance(new, dict):
        for name in within[:1] or sorted(old.keys() | new.keys()):
            below = f"{path}/{_escaped(name)}"
            yield from _operations(below, old.get(name), new.get(name), within[1:])
    elif old != new:
        yield {"op": "test", "path": path, "value": old}
        yield {"op": "replace", "path": path, "value": new}


def _part(value: Any, names: Sequence[str]) -> Any:
    """Return what stands at the end of a path of names, or None."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _wrapped(value: Any, names: Sequence[str]) -> Any:
    for name in reversed(names):
        value = {name: value}
    return value


def is_below(path: str, within: str) -> bool:
    """Say whether a pointer leads to the same as another, or into it."""
    return path == within or path.startswith(f"{within}/")


def _names(path: str) -> list[str]:
    return [_unescaped(part) for part in path[1:].split("/")]


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
