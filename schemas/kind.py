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
from schemas.walks import Act, Arrange, Judge, arranging, in_turn, rest, walk

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
        return self.stated(record).values

    def texts(self, record: Mapping[str, Any]) -> Iterator[Passage]:
        """Yield each text of a valid record that is searched, in the order of the schema."""
        for name in self.searchable:
            for place, _, text in found(record, tuple(name.split("."))):
                yield Passage(name, pointer(place), text)

    def terms(self, record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield each pair of a list field and a value that stands in it, without repeats."""
        yield from self.stated(record).terms

    def stated(self, record: Mapping[str, Any]) -> "Stated":
        """Return the values, references, terms and texts of a valid record in one go."""
        stated = Stated(self._blank.copy(), {}, {}, [])
        if self._is_stub(record):
            return stated
        self._walks.stated(record, record, stated)
        for name, derive in self.schema.derived.items():
            stated.values[name] = derive(record)
        for name, listed in self.schema.listed.items():
            for text in listed(record):
                stated.terms[name, text] = None
        return stated


class Stated(NamedTuple):
    """What a record states: the value of each column, (field, kind, id) of every reference and
    (field, text) of every term, once, and (field, text) of what is searched.
    """

    values: dict[str, Scalar]
    references: dict[tuple[str, str, str], None]
    terms: dict[tuple[str, str], None]
    texts: list[tuple[str, str]]


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
    stated: Act


def _walks(schema: StrictSchema) -> _Walks:
    return _Walks(
        rest(schema) or (lambda record: True),
        arranging(schema) or (lambda record: record),
        walk(schema, lambda leaf: in_turn([*_value_put(leaf), *_others_put(leaf)])),
    )


def _value_put(leaf: Leaf) -> Iterator[Act]:
    columns = [column.name for column in _columns(leaf)] if _is_column(leaf) else []

    def put_value(value: Any, bearer: Mapping[str, Any], stated: Stated) -> None:
        stated.values[columns[0]] = value

    def put_days(value: Any, bearer: Mapping[str, Any], stated: Stated) -> None:
        stated.values[columns[0]], stated.values[columns[1]] = edtf.remembered(value)

    if columns:
        yield put_value if len(columns) == 1 else put_days


def _others_put(leaf: Leaf) -> Iterator[Act]:
    name, kind = leaf.name, getattr(leaf.field, "kind", "")

    def put_reference(value: Any, bearer: Mapping[str, Any], stated: Stated) -> None:
        stated.references[name, kind, value] = None

    def put_typed(value: Any, bearer: Mapping[str, Any], stated: Stated) -> None:
        stated.references[_relation(leaf, bearer["type"]), kind, value] = None

    def put_term(value: Any, bearer: Mapping[str, Any], stated: Stated) -> None:
        stated.terms[name, value] = None

    def put_text(value: Any, bearer: Mapping[str, Any], stated: Stated) -> None:
        stated.texts.append((name, value))

    if isinstance(leaf.field, Ref):
        yield put_typed if leaf.field.typed else put_reference
    if _is_list_field(leaf):
        yield put_term
    if leaf.field.declares("searchable"):
        yield put_text


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
