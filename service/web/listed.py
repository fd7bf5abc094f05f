"""What answers with records say, as schemas for the OpenAPI document: whole or sparse records, what
is included beside them, and counts of their values.
"""

from typing import Any

from marshmallow import Schema

from schemas import KINDS, Kind
from schemas.base import StrictSchema
from schemas.fields import Chain, Code, Record
from schemas.jsonschema import component_name
from schemas.numbers import Integer
from schemas.tables import headings
from schemas.texts import Pointer, Short, Slug
from service.reading.features import PLACED
from service.web.answers import PerKind, ReadingSchema, Shaped, linked, record_of

_COUNT = {"type": "integer", "minimum": 0}


class PageReadingSchema(ReadingSchema):
    """The revision that the list was read from, and the size of the whole list."""

    total = Integer(
        0, "How many items the whole list has; of a filtered one only where `total=true` asks it."
    )


class FacetReadingSchema(ReadingSchema):
    """The revision that was counted, and how many of its records."""

    kind = Code(tuple(KINDS), "The kind of record that was counted.", required=True)
    total = Integer(0, "How many records the filters admit.", required=True)


class FacetSchema(StrictSchema):
    """How many records have each value of a field, or fall on each day of a date."""

    field = Short("The field.", required=True)
    values = Shaped(
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"value": {"type": ["string", "number"]}, "count": _COUNT},
                "required": ["value", "count"],
                "additionalProperties": False,
            },
        },
        "The values, the most frequent first, and how many records have each.",
    )
    more = Integer(0, "How many values are left out.")
    days = Shaped(
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"day": {"type": "string", "format": "date"}, "count": _COUNT},
                "required": ["day", "count"],
                "additionalProperties": False,
            },
        },
        "Each day in order, and how many records overlap it.",
    )
    absent = Integer(0, "How many records state no value.", required=True)


class MatchSchema(StrictSchema):
    """A text with words that were looked for."""

    field = Short("The field, as filters name it.", required=True)
    path = Pointer("A pointer to the text in the record.", required=True)
    start = Integer(
        0, "The code point of the text from which on it is told: not 0 in long ones.", required=True
    )
    parts = Shaped(
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string"}, "match": {"type": "boolean"}},
                "required": ["text"],
                "additionalProperties": False,
            },
        },
        "The text in parts, up to 300 code points: put together they are the text or a fragment of"
        " it. `match` is true of what was looked for, and absent from the rest.",
        required=True,
    )


class HitSchema(StrictSchema):
    """A record that has all the words."""

    kind = Code(tuple(KINDS), "The kind of the record.", required=True)
    id = Slug("The id of the record.", required=True)
    rank = Integer(
        1,
        "1 where the words are a whole name or title, 2 where names and titles have them all, 3"
        " where it takes words as printed, 4 where it takes prose.",
        most=4,
        required=True,
    )
    title = Short("Its name, its title, or the phrase of a figure; absent where it has none.")
    matches = Chain(
        Record(MatchSchema), "The texts with these words, the first 10 by rank.", required=True
    )
    links = linked()


def _sparse(kind: Kind) -> Schema:
    """Return the schema of a record of which only some members are told."""
    whole = type(kind.schema)
    told = f"Of one of the {kind.name}, the id and the members that `fields` names."
    members: dict[str, Any] = {"__doc__": told, "obeys": ()}
    made: type[Schema] = type(f"Sparse{whole.__name__}", (whole,), members)
    return made(partial=[name for name in kind.schema.fields if name != "id"])


SPARSE = {name: _sparse(kind) for name, kind in KINDS.items()}
"""A record of each kind of which only some members are told."""


def _any_form(kind: Kind) -> dict[str, Any]:
    return record_of(kind.schema, SPARSE[kind.name])


def _included() -> Shaped:
    lists: dict[str, Any] = {
        name: {"type": "array", "items": record_of(kind.schema)} for name, kind in KINDS.items()
    }
    declared = {
        name: {"type": "array", "items": {"type": "object"}} for name in ("groups", "places")
    }
    shape = {"type": "object", "properties": lists | declared, "additionalProperties": False}
    return Shaped(shape, "What `include` asks for, by kind and id, each once.")


def _page(kind: Kind) -> Any:
    members: dict[str, Any] = {
        "__doc__": f"A page of {kind.name}.",
        "data": Chain(Shaped(_any_form(kind), ""), required=True),
        "links": linked(),
        "meta": Record(PageReadingSchema, required=True),
        "included": _included(),
    }
    return type(f"{component_name(kind.schema)}PageSchema", (StrictSchema,), members)()


def _record(kind: Kind) -> dict[str, Any]:
    members: dict[str, Any] = {
        "__doc__": f"The envelope of a {kind.singular}.",
        "data": Shaped(_any_form(kind), "The record.", required=True),
        "links": linked(),
        "meta": Record(ReadingSchema, required=True),
        "included": _included(),
    }
    envelope = type(f"{component_name(kind.schema)}AnswerSchema", (StrictSchema,), members)
    return {"anyOf": [kind.schema, envelope()]}


PAGES = PerKind({name: _page(kind) for name, kind in KINDS.items()})
"""A page of each kind."""

RECORDS = PerKind({name: _record(kind) for name, kind in KINDS.items()})
"""One record of each kind: bare, or in an envelope where only a part or more is asked for."""

LINES = PerKind(
    {
        name: {"type": "string", "description": f"One of the {name} a line, in canonical bytes."}
        for name in KINDS
    }
)
"""A page of each kind as NDJSON."""

TABLES = PerKind(
    {
        name: {
            "type": "string",
            "description": f"A row for each of the {name}, with a header: {', '.join(columns)}."
            " Lists are JSON; an empty cell is not stated; with `fields`, fewer columns.",
        }
        for name, columns in ((kind.name, headings(kind)) for kind in KINDS.values())
    }
)
"""A page of each kind as CSV."""

_POINT = {
    "type": "object",
    "description": "Where an editor looked the place of the record up; never a claim.",
    "properties": {
        "type": {"const": "Point"},
        "coordinates": {
            "type": "array",
            "description": "Longitude and latitude in degrees (WGS 84).",
            "items": {"type": "number"},
            "minItems": 2,
            "maxItems": 2,
        },
    },
    "required": ["type", "coordinates"],
    "additionalProperties": False,
}


def features(*kinds: str) -> dict[str, Any]:
    """Return the shape of a FeatureCollection of records of some kinds."""
    properties = {
        "type": "object",
        "description": "The members of the record, its kind, and what its point rests on.",
        "properties": {
            "kind": {"enum": list(kinds)},
            "reference": {
                "type": "object",
                "properties": {
                    name: {"type": kind}
                    for name, kind in (
                        ("place", "string"),
                        ("where_prec", "integer"),
                        ("from", "string"),
                        ("note", "string"),
                    )
                },
                "required": ["place", "from", "note"],
                "additionalProperties": False,
            },
        },
        "required": ["kind", "id"],
    }
    feature = {
        "type": "object",
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string"},
            "geometry": {"anyOf": [_POINT, {"type": "null"}]},
            "properties": properties,
        },
        "required": ["type", "id", "geometry", "properties"],
        "additionalProperties": False,
    }
    said = {"type": "string"}
    return {
        "type": "object",
        "description": "GeoJSON (RFC 7946). Coordinates are an editor's look-up of the place that"
        " a record states, never a claim; without coordinates the geometry is null.",
        "properties": {
            "type": {"const": "FeatureCollection"},
            "form": {"type": "integer", "minimum": 1},
            "note": said,
            "dataset": said,
            "revision": {"type": "integer", "minimum": 1},
            "issued": {"type": "string", "format": "date-time"},
            "digest": said,
            "features": {"type": "array", "items": feature},
        },
        "required": ["type", "features"],
        "additionalProperties": False,
    }


FEATURES = PerKind({name: features(name) for name in PLACED})
"""A page of each kind that can state a place as GeoJSON."""
