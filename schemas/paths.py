"""The members of a schema by their paths, and the values of a record at such a path."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from marshmallow import Schema, fields

from schemas.base import members
from schemas.fields import Plain

Path = tuple[str, ...]


class Leaf(NamedTuple):
    """A field without members of its own; `listed` where a list stands on its path."""

    path: Path
    field: Plain
    listed: bool

    @property
    def name(self) -> str:
        """The dotted path."""
        return ".".join(self.path)


class Found(NamedTuple):
    """A value in a record, where it stands, and the object or record that bears it."""

    pointer: tuple[str | int, ...]
    bearer: Mapping[str, Any]
    value: Any


def leaves(schema: Schema) -> Iterator[Leaf]:
    """Yield each leaf of a schema, in the order of declaration."""
    for name, field in members(schema):
        yield from _below(field, (name,), listed=False)


def _below(field: Any, path: Path, *, listed: bool) -> Iterator[Leaf]:
    if isinstance(field, fields.List):
        yield from _below(field.inner, path, listed=True)
    elif isinstance(field, fields.Nested):
        for name, member in members(field.schema):
            yield from _below(member, (*path, name), listed=listed)
    elif isinstance(field, Plain):
        yield Leaf(path, field, listed)


def found(record: Mapping[str, Any], path: Path) -> Iterator[Found]:
    """Yield what stands in a valid record at a path, each member of a list by itself."""
    name, *rest = path
    if name not in record:
        return
    for pointer, value in _each(name, record[name]):
        if not rest:
            yield Found(pointer, record, value)
            continue
        for below in found(value, tuple(rest)):
            yield below._replace(pointer=(*pointer, *below.pointer))


def _each(name: str, value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, list):
        yield from (((name, index), member) for index, member in enumerate(value))
    else:
        yield (name,), value
