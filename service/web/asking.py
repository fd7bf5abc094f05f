"""What a list of records can be asked: filters, order, sparse fields, included records, counts.

A parameter of a filter is the path of a field that its schema declares filterable, with an
operator: `value__gte`. None is written out here: they are read, refused and described from what
follows from the schemas.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import INCLUDE, ValidationError, fields, post_load, validates_schema

from schemas import KINDS, Kind
from schemas.edtf import PATTERN, bounds
from schemas.fields import Code, choice
from schemas.filters import Filter, Filterable, SortKey
from schemas.problems import shown
from schemas.texts import Slug
from service.reading.features import PLACED
from service.reading.selections import Box
from service.store.selecting import Selection
from service.web import formats, patterns
from service.web.answers import PerKind
from service.web.arguments import PageQuery, Query
from service.web.examples import LISTED

MOST_FILTERS = 16
MOST_KEYS = 3
MOST_FACETS = 8


class Listed(fields.Field[tuple[Any, ...]]):
    """Values with commas between, each once; `read` makes one of a text, or raises `ValueError`.

    `item` is the pattern of one.
    """

    default_error_messages = {"required": "is missing; give one or several, with commas between"}  # noqa: RUF012

    def __init__(
        self,
        read: Callable[[str], Any],
        item: str,
        most: int,
        about: str,
        *,
        required: bool = False,
        **told: Any,
    ) -> None:
        told |= {"type": "string", "pattern": patterns.commas(item, most), "description": about}
        super().__init__(required=required, metadata=told)
        self.read, self.most = read, most

    def _deserialize(self, value: str, attr: Any, data: Any, **kwargs: Any) -> tuple[Any, ...]:
        texts = value.split(",")
        if len(texts) > self.most:
            raise ValidationError(f"lists {len(texts)} values: at most {self.most} may stand here")
        if len({text.removeprefix("-") for text in texts}) < len(texts):
            raise ValidationError("names one of its values twice")
        try:
            return tuple(map(self.read, texts))
        except ValueError as error:
            raise ValidationError(str(error)) from None


class Degrees(fields.Field[Box]):
    """A box of the globe: west, south, east, north."""

    due = "must be four numbers, west,south,east,north: degrees from -180 to 180 and -90 to 90"

    def _deserialize(self, value: str, attr: Any, data: Any, **kwargs: Any) -> Box:
        if not re.fullmatch(patterns.BOX, value):
            raise ValidationError(self.due)
        box = Box(*map(float, value.split(",")))
        if box.south > box.north:
            raise ValidationError("its south lies north of its north: west,south,east,north is due")
        return box


class Filtering(Query):
    """A query in which every parameter that is not declared is a filter of a kind of record.

    The filters come as one tuple under `filters`.
    """

    class Meta:
        """What is not declared is judged as a filter."""

        unknown = INCLUDE

    of_kind: ClassVar[Kind | None] = None

    @validates_schema(skip_on_field_errors=False)
    def judge(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse each parameter that is no filter, and too many of them."""
        faults, given = {}, self._undeclared(data)
        for name, text in given.items():
            try:
                _filter(self.kind_of(data), name, text, tuple(self.fields))
            except ValueError as error:
                faults[name] = [str(error)]
        if not faults and len(given) > MOST_FILTERS:
            faults = {max(given): [f"is too much: a question has at most {MOST_FILTERS} filters"]}
        if faults:
            raise ValidationError(faults)

    @post_load
    def gather(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Return the query with its filters as values."""
        kind = self.kind_of(data)
        filters = [_filter(kind, *each, ()) for each in sorted(self._undeclared(data).items())]
        kept = {name: value for name, value in data.items() if name in self.fields}
        return {**kept, "filters": tuple(filters)}

    def kind_of(self, data: Mapping[str, Any]) -> Kind | None:
        """Return the kind whose records are asked for, or None where the query does not say it."""
        return self.of_kind

    def _undeclared(self, data: Mapping[str, Any]) -> dict[str, str]:
        return {name: text for name, text in data.items() if name not in self.fields}


def _filter(kind: Kind | None, name: str, text: str, others: tuple[str, ...]) -> Filter:
    if kind is None:
        raise ValueError("cannot be judged without a valid `kind`")
    try:
        return kind.filter(name, text)
    except KeyError:
        raise ValueError(
            f"is unknown here; there are: {', '.join(sorted(others))};"
            f" and the filters of {kind.name}: {', '.join(sorted(kind.filters))}"
        ) from None


def _sorting(kind: Kind) -> Listed:
    def read(text: str) -> SortKey:
        name = text.removeprefix("-")
        if name not in kind.sorts:
            raise ValueError(f"{shown(name)} is not {choice(name, kind.sorts)}")
        return SortKey(kind.sorts[name], text.startswith("-"))

    about = (
        f"The order: up to {MOST_KEYS} fields with commas between, `-` before one that descends."
        f" Nulls come last, text goes by code points, a date by its first day and then its last,"
        f" and ties by id in the direction of the last field. There are: {', '.join(kind.sorts)}."
    )
    item, examples = f"-?{patterns.either(kind.sorts)}", [LISTED[kind.name]["sort"]]
    return Listed(read, item, MOST_KEYS, about, examples=examples)


def _members(kind: Kind) -> Listed:
    about = (
        "Only these members of each record, with commas between; `id` is always there, and"
        " `redacted` where a record was."
    )
    return _words(kind.members, about, LISTED[kind.name]["fields"])


def _targets(kind: Kind) -> Listed:
    about = (
        "References to follow, with commas between: the records to which they lead in the same"
        " revision come under `included` by kind, each once. Places and groups are those of"
        f" `dataset.json`. There are: {', '.join(kind.targets)}."
    )
    return _words(tuple(kind.targets), about, LISTED[kind.name]["include"])


def _words(values: Sequence[str], about: str, example: str) -> Listed:
    def read(text: str) -> str:
        if text not in values:
            raise ValueError(f"{shown(text)} is not {choice(text, values)}")
        return text

    return Listed(read, patterns.either(values), len(values), about, examples=[example])


def _total() -> Code:
    return Code(
        ("true",), "`true` counts a filtered list: `meta.total`. A whole kind always has it."
    )


def _box() -> Degrees:
    about = (
        "Only records whose place lies in this box: west,south,east,north in degrees, crossing"
        " 180° where west is greater than east. A place without coordinates lies where the places"
        " do that it is within. Coordinates are an editor's look-up, never a claim."
    )
    told = {"type": "string", "pattern": f"^{patterns.BOX}$", "description": about}
    return Degrees(metadata={**told, "examples": ["46,40,88,56"]})


def _located(kind: Kind) -> dict[str, Degrees]:
    return {"bbox": _box()} if kind.name in PLACED else {}


def _voiced(kind: Kind) -> dict[str, Slug]:
    about = (
        "Only records with a claim that is in the end the word of this actor: it asserts it, or"
        " whoever speaks for it does, through whomever."
    )
    return {"voice": Slug(about)} if "asserter" in kind.filters else {}


def _forms(kind: Kind) -> Iterator[formats.Format]:
    yield from (formats.JSON, formats.NDJSON, formats.CSV)
    if kind.name in PLACED:
        yield formats.GEOJSON


def _list_query(kind: Kind) -> PageQuery:
    members: dict[str, Any] = {
        "of_kind": kind,
        "sort": _sorting(kind),
        "fields": _members(kind),
        "include": _targets(kind),
        "total": _total(),
        **_located(kind),
        "format": formats.parameter(*_forms(kind)),
        "escape": formats.escape(),
        **_voiced(kind),
    }
    made: type[PageQuery] = type(f"{kind.singular.capitalize()}sQuery", (ListQuery,), members)
    return made()


class ListQuery(Filtering, PageQuery):
    """The query of a list of records."""


def _record_query(kind: Kind) -> Query:
    members: dict[str, Any] = {"fields": _members(kind), "include": _targets(kind)}
    made: type[Query] = type(f"{kind.singular.capitalize()}Query", (Query,), members)
    return made()


LISTS = PerKind({name: _list_query(kind) for name, kind in KINDS.items()})
"""The query of each kind's list."""

RECORDS = PerKind({name: _record_query(kind) for name, kind in KINDS.items()})
"""The query of one record."""


class Days(fields.Field[tuple[str, str]]):
    """A span of days: a date of EDTF with two ends."""

    def _deserialize(self, value: str, attr: Any, data: Any, **kwargs: Any) -> tuple[str, str]:
        try:
            return bounds(value)
        except ValueError as error:
            raise ValidationError(f"{shown(value)}: {error}") from None


def _counted_kind() -> Code:
    missing = {"required": f"is missing; give one of: {', '.join(KINDS)}"}
    field = Code(
        tuple(KINDS), "The kind of record that is counted.", required=True, error_messages=missing
    )
    field.metadata = {**field.metadata, "examples": ["figures"]}
    return field


def _counted(kind: Kind) -> dict[str, Filterable]:
    return {name: of for name, of in kind.filters.items() if of.counted}


class FacetQuery(Filtering):
    """The query of counts."""

    kind = _counted_kind()
    field = Listed(
        str,
        patterns.either({name: None for kind in KINDS.values() for name in _counted(kind)}),
        MOST_FACETS,
        f"The fields by whose values records are counted, up to {MOST_FACETS} with commas between:"
        " those of the kind's filters, but for `id`, `asserter` and what has `__contains` alone.",
        required=True,
        examples=["measure,unit"],
    )
    by = Code(("day",), "`day` counts dates: the records that each day overlaps.")
    days = Days(
        metadata={
            "type": "string",
            "pattern": PATTERN,
            "description": "The days to tell, as an interval of EDTF, up to 366; without them, all"
            " that the records state.",
        }
    )
    bbox = _box()

    def kind_of(self, data: Mapping[str, Any]) -> Kind | None:
        """Return the kind that is counted."""
        return KINDS.get(data.get("kind", ""))

    @validates_schema(skip_on_field_errors=True)
    def judge_fields(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse fields that the kind does not have, and dates without their unit."""
        offered = _counted(KINDS[data["kind"]])
        for name in data["field"]:
            if name not in offered:
                raise ValidationError(f"{shown(name)} is not {choice(name, offered)}", "field")
        dates = [name for name in data["field"] if offered[name].type == "date"]
        if dates and "by" not in data:
            raise ValidationError(f"{dates[0]} is a date: count it with by=day", "field")
        if not dates and (wrong := data.keys() & {"by", "days"}):
            raise ValidationError("is for dates, and no date is counted here", min(wrong))
        if "bbox" in data and "place.id" not in offered:
            raise ValidationError(f"{data['kind']} have no place", "bbox")


def selection(kind: str, query: Mapping[str, Any]) -> Selection:
    """Return which records a query asks for, but for the box."""
    return Selection(kind, query["filters"], query.get("sort", ()))
