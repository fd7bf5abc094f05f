"""What follows from the schema of a kind: columns, terms, filters, references and verdicts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from unicodedata import is_normalized

import jsonschema_rs
from marshmallow import Schema, ValidationError

from schemas import edtf
from schemas.attribution import ASSERTER, OWN_VOICE, THROUGH
from schemas.base import StrictSchema, members
from schemas.canonical import canonical
from schemas.fields import RANKS
from schemas.filters import Filter, Filterable, Sortable, read
from schemas.jsonschema import document
from schemas.paths import Leaf, found, leaves
from schemas.problems import Problem, flattened, misspellings, pointer
from schemas.redaction import RedactedSchema
from schemas.texts import Ref, Short
from schemas.walks import Act, Arrange, Judge, arranging, rest, walk

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


class Passage(NamedTuple):
    """A text that is searched: its field, the pointer to it in the record, and what it says."""

    field: str
    path: str
    text: str


@dataclass(frozen=True, eq=False, repr=False)
class Kind:
    """A kind of record, described by its schema and by what follows from it.

    `filters` and `sorts` are what its records can be asked by, under the names of parameters;
    `targets` tells of each reference by its path which kind it leads to; `searchable` has the rank
    of each text that is searched, 2 for names.
    """

    name: str
    singular: str
    schema: StrictSchema
    columns: tuple[Column, ...]
    list_fields: tuple[str, ...]
    filters: Mapping[str, Filterable]
    sorts: Mapping[str, Sortable]
    targets: Mapping[str, str]
    searchable: Mapping[str, int]
    acyclic: tuple[str, ...]
    json_schema: Mapping[str, Any]
    redactable: bool
    _leaves: tuple[Leaf, ...]
    _blank: dict[str, Scalar]
    _validator: jsonschema_rs.Draft202012Validator
    _quick: jsonschema_rs.Draft202012Validator
    _walks: "_Walks"

    def __repr__(self) -> str:
        return f"<kind {self.name}>"

    def accepted(self, record: Any) -> bytes | None:
        """Return the canonical bytes of a record that the quick verdict accepts, else None.

        It accepts nothing that `problems` refuses, and only a stub or an odd text besides faults is
        left for `problems` to accept: JSON Schema, the rest that it cannot say, then Unicode's
        normal form of the whole. A text in it has only parts in it, and nothing that separates
        texts in JSON composes with a letter, so the whole stands for each.
        """
        try:
            if not self._quick.is_valid(record) or not self._walks.rest(record):
                return None
            body = canonical(self._walks.arranged(record))
        except (TypeError, ValueError):  # what stands for no JSON text, as a lone surrogate
            return None
        return body if body.isascii() or is_normalized("NFC", body.decode()) else None

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
        return dict(self._walks.arranged(record))

    @property
    def members(self) -> tuple[str, ...]:
        """The names of the members that a record may have, by name."""
        return tuple(sorted(name for name, _ in members(self.schema)))

    @property
    def certain(self) -> str | None:
        """A column in which every record has a value, and only the stub of one has none."""
        always = (leaf for leaf in self._leaves if leaf.required and _is_column(leaf))
        return next(("_".join(leaf.path) for leaf in always if len(leaf.path) == 1), None)

    def filter(self, name: str, text: str) -> Filter:
        """Return the filter of a parameter. Raises `KeyError` for a field that cannot be asked by,
        and `ValueError` with what would be right.
        """
        return read(self.filters, name, text)

    def targeted(self, record: Mapping[str, Any], path: str) -> Iterator[str]:
        """Yield the ids to which a record refers at the path of a reference."""
        yield from (str(stated.value) for stated in found(record, tuple(path.split("."))))

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
        values: dict[str, Scalar] = self._blank.copy()
        if self._is_stub(record):
            return values
        self._walks.values(record, record, values)
        for name, derive in self.schema.derived.items():
            values[name] = derive(record)
        return values

    def texts(self, record: Mapping[str, Any]) -> Iterator[Passage]:
        """Yield each text of a valid record that is searched, in the order of the schema."""
        for name in self.searchable:
            for place, _, text in found(record, tuple(name.split("."))):
                yield Passage(name, pointer(place), text)

    def terms(self, record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield each pair of a list field and a value that stands in it, without repeats."""
        yield from self.linked(record).terms

    def linked(self, record: Mapping[str, Any]) -> "Linked":
        """Return the references and terms of a record in one go."""
        linked = Linked({}, {})
        self._walks.linked(record, record, linked)
        if not self._is_stub(record):
            for name, derive in self.schema.listed.items():
                for text in derive(record):
                    linked.terms[name, text] = None
        return linked


class Linked(NamedTuple):
    """(field, kind, id) of every reference of a record, and (field, text) of every term, once."""

    references: dict[tuple[str, str, str], None]
    terms: dict[tuple[str, str], None]


def described(name: str, singular: str, schema: StrictSchema, *, redactable: bool = True) -> Kind:
    """Return the kind that a schema describes."""
    below = tuple(leaves(schema))
    choices = (schema, _STUB) if redactable else (schema,)
    json_schema = document(*choices)
    positions = _POSITIONS if schema.listed else ()
    columns = [column for leaf in filter(_is_column, below) for column in _columns(leaf)]
    columns.extend(Column(derived, "text", True, True) for derived in schema.derived)
    return Kind(
        name=name,
        singular=singular,
        schema=schema,
        columns=tuple(columns),
        list_fields=(*(leaf.name for leaf in filter(_is_list_field, below)), *schema.listed),
        filters={each.name: each for each in (*_filterables(below, schema), *positions)},
        sorts={each.name: each for each in _sortables(below, schema)},
        targets={leaf.name: leaf.field.kind for leaf in below if isinstance(leaf.field, Ref)},
        searchable={
            leaf.name: RANKS[leaf.field.metadata["searchable"]]
            for leaf in below
            if leaf.field.declares("searchable")
        },
        acyclic=tuple(field for leaf in below for field in _acyclic(leaf)),
        json_schema=json_schema,
        redactable=redactable,
        _leaves=below,
        _blank=dict.fromkeys(column.name for column in columns),
        _validator=jsonschema_rs.Draft202012Validator(json_schema),
        _quick=jsonschema_rs.Draft202012Validator(document(schema)),
        _walks=_walks(schema),
    )


class _Walks(NamedTuple):
    """The ways through a record of one kind."""

    rest: Judge
    arranged: Arrange
    values: Act
    linked: Act


def _walks(schema: StrictSchema) -> _Walks:
    return _Walks(
        rest(schema) or (lambda record: True),
        arranging(schema) or (lambda record: record),
        walk(schema, _put_values),
        walk(schema, _put_links),
    )


def _put_values(leaf: Leaf) -> Act | None:
    if not _is_column(leaf):
        return None
    names = tuple(column.name for column in _columns(leaf))

    def put(value: Any, bearer: Mapping[str, Any], values: dict[str, Scalar]) -> None:
        values[names[0]] = value

    def put_days(value: Any, bearer: Mapping[str, Any], values: dict[str, Scalar]) -> None:
        values[names[0]], values[names[1]] = edtf.remembered(value)

    return put if len(names) == 1 else put_days


def _put_links(leaf: Leaf) -> Act | None:
    is_reference, is_term = isinstance(leaf.field, Ref), _is_list_field(leaf)
    if not is_reference and not is_term:
        return None
    name, kind = leaf.name, getattr(leaf.field, "kind", "")

    def put_term(value: Any, bearer: Mapping[str, Any], linked: Linked) -> None:
        linked.terms[name, value] = None

    def put_reference(value: Any, bearer: Mapping[str, Any], linked: Linked) -> None:
        linked.references[name, kind, value] = None

    def put_typed(value: Any, bearer: Mapping[str, Any], linked: Linked) -> None:
        linked.references[_relation(leaf, bearer["type"]), kind, value] = None

    if not is_reference:
        return put_term
    put = put_typed if getattr(leaf.field, "typed", False) else put_reference

    def put_both(value: Any, bearer: Mapping[str, Any], linked: Linked) -> None:
        put(value, bearer, linked)
        linked.terms[name, value] = None

    return put_both if is_term else put


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


def _filterables(below: Iterable[Leaf], schema: StrictSchema) -> Iterator[Filterable]:
    """Yield what can be asked by: each declared field, the id, and `source` for all evidence."""
    asked = [each for leaf in below for each in _filterable(leaf)]
    yield from asked
    evidence = tuple(each.name for each in asked if each.name.endswith("evidence.source"))
    if evidence:
        about = Ref("sources", "The source of some evidence in the record.")
        yield Filterable("source", about, terms=evidence)
    for derived in schema.derived:
        yield Filterable(derived, Short(f"The {derived} to which the record belongs."), (derived,))


_POSITIONS = (
    Filterable(
        ASSERTER,
        Ref("actors", "Who asserts it: the first of a chain, or the publisher of the source."),
        terms=(ASSERTER, OWN_VOICE),
        publishing=True,
    ),
    Filterable(
        THROUGH,
        Ref("actors", "Who passed it on: any actor of a chain but the first."),
        terms=(THROUGH,),
        optional=True,
    ),
)


def _filterable(leaf: Leaf) -> Iterator[Filterable]:
    name, field = leaf.name, leaf.field
    asked = Filterable(name, field, searched=field.declares("searchable"))
    if name == "id":
        yield Filterable(name, field, ("id",))
    elif not field.declares("filterable"):
        yield from (asked,) if asked.searched else ()
    elif _is_list_field(leaf):
        yield asked._replace(terms=(name,), optional=not leaf.required)
    elif _is_column(leaf):
        columns = tuple(column.name for column in _columns(leaf))
        yield asked._replace(columns=columns, optional=not leaf.required)


def _sortables(below: Iterable[Leaf], schema: StrictSchema) -> Iterator[Sortable]:
    for leaf in below:
        if leaf.name == "id":
            yield Sortable("id", "text", ("id",))
        elif _is_column(leaf) and leaf.field.declares("sortable"):
            columns = tuple(column.name for column in _columns(leaf))
            yield Sortable(leaf.name, str(leaf.field.column_type), columns)
    yield from (Sortable(derived, "text", (derived,)) for derived in schema.derived)


def _relation(leaf: Leaf, relation_type: str) -> str:
    return ".".join((*leaf.path[:-1], relation_type))


def _acyclic(leaf: Leaf) -> Iterator[str]:
    declared = leaf.field.acyclic if isinstance(leaf.field, Ref) else False
    if isinstance(declared, bool):
        yield from (leaf.name,) if declared else ()
    else:
        yield from (_relation(leaf, relation_type) for relation_type in declared)
