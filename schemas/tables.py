"""A record as a row of a table, without loss: the columns follow from the schema of its kind.

Objects are entered: their members have columns under dotted names. A list, or an object whose
members have names of their own, is JSON in one cell. An empty cell is a member that is not stated;
as the model refuses empty text, nothing else looks like one.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

from marshmallow import Schema, fields

from schemas.base import members
from schemas.canonical import canonical
from schemas.fields import Plain, Truth
from schemas.kind import Kind
from schemas.paths import Path
from schemas.redaction import RedactedSchema

Form = Literal["text", "number", "truth", "json"]
"""How a cell tells its value: text as it is, a number as JSON spells it, true or false, JSON."""


class Heading(NamedTuple):
    """A column: the path of its member in a record, and the form of its cells."""

    path: Path
    form: Form

    @property
    def name(self) -> str:
        """What stands in the first row: the dotted path."""
        return ".".join(self.path)


@cache
def headings(kind: Kind) -> Mapping[str, Heading]:
    """Return the columns of a kind by name: in the order of its schema, then those of the stub."""
    found = [*_below(kind.schema, ()), *(_below(RedactedSchema(), ()) if kind.redactable else ())]
    return {heading.name: heading for heading in found}


def cells(kind: Kind, record: Mapping[str, Any]) -> dict[str, str]:
    """Return the cells of a record that are not empty, by the names of their columns.

    Raises `ValueError` where a member has no column: nothing is left out in silence.
    """
    told: dict[str, str] = {}
    _fill(told, _forms(kind), record, "")
    return told


def nested(stated: Iterable[tuple[Path, Any]]) -> dict[str, Any]:
    """Return the record that has these values at these paths."""
    record: dict[str, Any] = {}
    for path, value in stated:
        bearer = record
        for name in path[:-1]:
            bearer = bearer.setdefault(name, {})
        bearer[path[-1]] = value
    return record


def _below(schema: Schema, way: Path) -> Iterator[Heading]:
    for name, field in members(schema):
        if isinstance(field, fields.Nested):
            yield from _below(field.schema, (*way, name))
        else:
            yield Heading((*way, name), _form(field))


def _form(field: Any) -> Form:
    if isinstance(field, Truth):
        return "truth"
    if not isinstance(field, Plain) or field.column_type is None:
        return "json"
    return "number" if field.column_type in ("integer", "number") else "text"


@cache
def _forms(kind: Kind) -> Mapping[str, Form]:
    return {name: heading.form for name, heading in headings(kind).items()}


def _fill(
    told: dict[str, str], forms: Mapping[str, Form], bearer: Mapping[str, Any], way: str
) -> None:
    for member, value in bearer.items():
        name = way + member
        form = forms.get(name)
        if form is not None:
            told[name] = value if form == "text" else canonical(value).decode()
        elif isinstance(value, dict):
            _fill(told, forms, value, f"{name}.")
        else:
            raise ValueError(f"no column has the member {name}")
