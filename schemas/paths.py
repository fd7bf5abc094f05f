"""The members of a schema by their paths, and the values of a record at such a path."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from marshmallow import Schema, fields

from schemas.base import members
from schemas.fields import Plain, SetOf

Path = tuple[str, ...]


class Leaf(NamedTuple):
    """A field without members of its own.

    `listed` where a list stands on its path; `required` where every record has a value there.
    """

    path: Path
    field: Plain
    listed: bool
    required: bool

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
        yield from _below(field, (name,), listed=False, required=field.required)


def _below(field: Any, path: Path, *, listed: bool, required: bool) -> Iterator[Leaf]:
    if isinstance(field, fields.List):
        # A set has a member where it stands; a chain may be empty.
        filled = required and isinstance(field, SetOf)
        yield from _below(field.inner, path, listed=True, required=filled)
    elif isinstance(field, fields.Nested):
        for name, member in members(field.schema):
            stated = required and member.required
            yield from _below(member, (*path, name), listed=listed, required=stated)
    elif isinstance(field, Plain):
        yield Leaf(path, field, listed, required)


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
