"""What follows from the schema of a kind: columns, terms, references and verdicts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jsonschema_rs
from marshmallow import Schema, ValidationError, fields

from schemas import edtf
from schemas.base import StrictSchema, members
from schemas.canonical import canonical
from schemas.fields import SetOf
from schemas.jsonschema import document
from schemas.paths import Leaf, found, leaves
from schemas.problems import Problem, flattened, misspellings, pointer
from schemas.redaction import RedactedSchema
from schemas.texts import Ref

Scalar = str | int | float | None
_STUB = RedactedSchema()


class Column(NamedTuple):
    """A scalar as a database column; `type` is text, integer, number or date."""

    name: str
    type: str
    filterable: bool
    sortable: bool


class Reference(NamedTuple):
    """A reference of a record: `kind` is a kind, or places or groups of `dataset.json`.

    `field` is the path without list indexes; a typed relation stands under its type, as in
    `relations.supersedes`, so that each type is one graph.
    """

    pointer: str
    field: str
    kind: str
    id: str


@dataclass(frozen=True, eq=False, repr=False)
class Kind:
    """A kind of record, described by its schema and by what follows from it."""

    name: str
    singular: str
    schema: StrictSchema
    columns: tuple[Column, ...]
    list_fields: tuple[str, ...]
    searchable: tuple[str, ...]
    acyclic: tuple[str, ...]
    json_schema: Mapping[str, Any]
    redactable: bool
    _leaves: tuple[Leaf, ...]
    _validator: jsonschema_rs.Draft202012Validator

    def __repr__(self) -> str:
        return f"<kind {self.name}>"

    def problems(self, record: Any) -> list[Problem]:
        """Return what is wrong with a record, by pointer, one problem a place; [] accepts it.

        Marshmallow judges first, for its words are plainer; what it accepts, and only that, is
        judged by JSON Schema too.
        """
        found_at: dict[str, Problem] = {}
        for problem in (*misspellings(record), *self._refusals(record)):
            found_at.setdefault(problem.pointer, problem)
        if not found_at:
            for error in self._validator.iter_errors(record):
                place = pointer(error.instance_path)
                found_at.setdefault(place, Problem(place, error.message))
        return [found_at[place] for place in sorted(found_at)]

    def _refusals(self, record: Any) -> Iterator[Problem]:
        schema: Schema = _STUB if self._is_stub(record) else self.schema
        try:
            schema.load(record)
        except ValidationError as error:
            yield from flattened(error.messages)

    def _is_stub(self, record: Any) -> bool:
        return self.redactable and isinstance(record, Mapping) and "redacted" in record

    def arranged(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a copy of a valid record with every set in the order of canonical bytes."""
        return _arranged_object(self.schema, record)

    def references(self, record: Mapping[str, Any]) -> Iterator[Reference]:
        """Yield every reference of a valid record to a record, a place or a group."""
        for leaf in self._leaves:
            field = leaf.field
            if isinstance(field, Ref):
                for place, bearer, value in found(record, leaf.path):
                    name = _relation(leaf, bearer["type"]) if field.typed else leaf.name
                    yield Reference(pointer(place), name, field.kind, value)

    def values(self, record: Mapping[str, Any]) -> dict[str, Scalar]:
        """Return the value of each column for a valid record, None where nothing is stated."""
        values: dict[str, Scalar] = {column.name: None for column in self.columns}
        if self._is_stub(record):
            return values
        for leaf in filter(_is_column, self._leaves):
            for stated in found(record, leaf.path):
                names = (column.name for column in _columns(leaf))
                values.update(zip(names, _cells(leaf, stated.value), strict=True))
        for name, derive in self.schema.derived.items():
            values[name] = derive(record)
        return values

    def terms(self, record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield each pair of a list field and a value that stands in it, without repeats."""
        for leaf in filter(_is_list_field, self._leaves):
            texts = dict.fromkeys(str(stated.value) for stated in found(record, leaf.path))
            yield from ((leaf.name, text) for text in texts)


def described(name: str, singular: str, schema: StrictSchema, *, redactable: bool = True) -> Kind:
    """Return the kind that a schema describes."""
    below = tuple(leaves(schema))
    choices = (schema, _STUB) if redactable else (schema,)
    json_schema = document(*choices)
    columns = [column for leaf in filter(_is_column, below) for column in _columns(leaf)]
    columns.extend(Column(derived, "text", True, True) for derived in schema.derived)
    return Kind(
        name=name,
        singular=singular,
        schema=schema,
        columns=tuple(columns),
        list_fields=tuple(leaf.name for leaf in filter(_is_list_field, below)),
        searchable=tuple(leaf.name for leaf in below if leaf.field.declares("searchable")),
        acyclic=tuple(field for leaf in below for field in _acyclic(leaf)),
        json_schema=json_schema,
        redactable=redactable,
        _leaves=below,
        _validator=jsonschema_rs.Draft202012Validator(json_schema),
    )


def _is_column(leaf: Leaf) -> bool:
    declared = leaf.field.declares("filterable") or leaf.field.declares("sortable")
    return declared and not leaf.listed


def _is_list_field(leaf: Leaf) -> bool:
    text = leaf.field.column_type == "text"
    return leaf.listed and text and leaf.field.declares("filterable")


def _columns(leaf: Leaf) -> Iterator[Column]:
    name, kind = "_".join(leaf.path), str(leaf.field.column_type)
    ends = ("_earliest", "_latest") if kind == "date" else ("",)
    for end in ends:
        filterable, sortable = leaf.field.declares("filterable"), leaf.field.declares("sortable")
        yield Column(name + end, kind, filterable, sortable)


def _cells(leaf: Leaf, value: Any) -> tuple[Scalar, ...]:
    return edtf.bounds(value) if leaf.field.column_type == "date" else (value,)


def _relation(leaf: Leaf, relation_type: str) -> str:
    return ".".join((*leaf.path[:-1], relation_type))


def _acyclic(leaf: Leaf) -> Iterator[str]:
    declared = leaf.field.acyclic if isinstance(leaf.field, Ref) else False
    if isinstance(declared, bool):
        yield from (leaf.name,) if declared else ()
    else:
        yield from (_relation(leaf, relation_type) for relation_type in declared)


def _arranged_object(schema: Schema, value: Mapping[str, Any]) -> dict[str, Any]:
    declared = dict(members(schema))
    return {name: _arranged(declared.get(name), member) for name, member in value.items()}


def _arranged(field: Any, value: Any) -> Any:
    if isinstance(field, fields.List):
        arranged = [_arranged(field.inner, member) for member in value]
        return sorted(arranged, key=canonical) if isinstance(field, SetOf) else arranged
    if isinstance(field, fields.Nested):
        return _arranged_object(field.schema, value)
    return dict(value) if isinstance(value, Mapping) else value
