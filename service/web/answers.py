"""What answers say, as schemas for the OpenAPI document. Bodies do not pass through them: records
are joined as they are stored, and a test holds live answers against the served document.
"""

from collections.abc import Mapping
from typing import Any, get_args

from marshmallow import Schema

from schemas import DATASET, KINDS
from schemas.base import StrictSchema
from schemas.fields import Chain, Code, Record, Strict
from schemas.jsonschema import component_name
from schemas.numbers import Integer
from schemas.redaction import RedactedSchema
from schemas.texts import Instant, Pointer, Sha256, Short, Slug, Text
from service.model import ChangeWord

CHANGES = get_args(ChangeWord)
ORDER = (DATASET.name, *KINDS)


class Shaped(Strict):
    """A member that plain JSON Schema describes best."""

    def __init__(self, shape: dict[str, Any], description: str, **kwargs: Any) -> None:
        super().__init__(metadata={"description": description}, **kwargs)
        self.shape = shape

    @property
    def json_schema(self) -> dict[str, Any]:
        """The shape."""
        return self.shape


def _record(*schemas: Schema) -> dict[str, Any]:
    names = map(component_name, (*schemas, RedactedSchema))
    return {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}


def _counts(names: tuple[str, ...], of: Mapping[str, Any]) -> dict[str, Any]:
    properties = {name: dict(of) for name in names}
    return {"type": "object", "properties": properties, "additionalProperties": False}


_NUMBER = {"type": "integer", "minimum": 0}
_RECORDS = _counts(tuple(KINDS), _NUMBER)
_CHANGES = _counts(ORDER, _counts(CHANGES, _NUMBER))
_LINKS = {
    "type": "object",
    "additionalProperties": {"type": "string", "format": "uri"},
}


def _links(**kwargs: Any) -> Shaped:
    return Shaped(_LINKS, "Absolute addresses, by relation.", required=True, **kwargs)


class RevisionSchema(StrictSchema):
    """An immutable state of a whole dataset."""

    number = Integer(1, "1, 2, 3 …, without gaps.", required=True)
    digest = Sha256("The sha256 of the root of its manifest.", required=True)
    chain = Sha256("Commits to this revision and to all before it.", required=True)
    issued = Instant("The instant that it stands for.", required=True)
    published_at = Instant("When this service stored it.", required=True)
    message = Text("What its editor says of it.")
    records = Shaped(_RECORDS, "How many records it has, by kind.", required=True)
    changes = Shaped(_CHANGES, "How many changes it made, by kind and sort.", required=True)


class ListedRevisionSchema(RevisionSchema):
    """A revision in the history of a dataset."""

    links = _links()


class ReadingSchema(StrictSchema):
    """The revision that the answer was read from."""

    dataset = Slug("The name of the dataset.", required=True)
    revision = Integer(1, "The number of the revision.", required=True)
    issued = Instant("The instant that the revision stands for.", required=True)
    published_at = Instant("When this service stored it.", required=True)
    digest = Sha256("Its digest.", required=True)


class ListReadingSchema(ReadingSchema):
    """The revision that the list was read from, and the size of the whole list."""

    total = Integer(0, "How many items the whole list has.", required=True)


class HeadedDatasetSchema(StrictSchema):
    """A dataset and its newest revision."""

    name = Slug("The name of the dataset.", required=True)
    head = Record(RevisionSchema, "Its newest revision.", required=True)


class ListedDatasetSchema(HeadedDatasetSchema):
    """A dataset in the list of all."""

    links = _links()


class DescribedDatasetSchema(HeadedDatasetSchema):
    """A dataset, its newest revision, and what it says of itself there."""

    document = Record(type(DATASET.schema), "Its `dataset.json`.", required=True)


class FieldChangeSchema(StrictSchema):
    """A field that differs. A side that does not state it is left out."""

    path = Pointer("A pointer to a scalar or a list of the record.", required=True)
    old = Shaped({}, "Its value before.")
    new = Shaped({}, "Its value after.")
    added = Shaped({"type": "array"}, "Members that a set gained.")
    removed = Shaped({"type": "array"}, "Members that a set lost.")


class ChangeSchema(StrictSchema):
    """What became of one record: whole where it was added or removed, else field by field."""

    kind = Code(ORDER, "The kind of the record, or `dataset` for `dataset.json`.", required=True)
    id = Slug("The id of the record; for `dataset.json`, the dataset's name.", required=True)
    change = Code(CHANGES, "What became of it.", required=True)
    reason = Short("Why, as a code; `unstated` where nobody said.", required=True)
    why = Text("Why, in the editor's words.")
    digest = Sha256("The digest of its new state; absent where it was removed.")
    record = Shaped(
        _record(DATASET.schema, *(kind.schema for kind in KINDS.values())),
        "The record that was added or removed.",
    )
    fields_ = Chain(Record(FieldChangeSchema), "The fields that were modified.", data_key="fields")


class EndSchema(StrictSchema):
    """One side of a diff."""

    revision = Integer(1, "The number of the revision.", required=True)
    issued = Instant("The instant that it stands for.", required=True)
    digest = Sha256("Its digest.", required=True)


class DiffReadingSchema(StrictSchema):
    """The two revisions that were compared, and the size of the whole diff."""

    dataset = Slug("The name of the dataset.", required=True)
    from_ = Record(EndSchema, "Where changes are told from.", required=True, data_key="from")
    to = Record(EndSchema, "Where they are told to.", required=True)
    counts = Shaped(_CHANGES, "All changes that the filters admit.", required=True)


class StepSchema(StrictSchema):
    """One change of one record."""

    revision = Integer(1, "The revision that made it.", required=True)
    issued = Instant("The instant that the revision stands for.", required=True)
    change = Code(CHANGES, "What became of the record.", required=True)
    reason = Short("Why, as a code; `unstated` where nobody said.", required=True)
    why = Text("Why, in the editor's words.")
    digest = Sha256("The digest of its new state; absent where it was removed.")
    fields_ = Chain(Record(FieldChangeSchema), "The fields that were modified.", data_key="fields")


class ServiceSchema(StrictSchema):
    """What this service is."""

    name = Short("Its name.", required=True)
    version = Short("The version of its software.", required=True)
    description = Text("What it is for.", required=True)


class StateSchema(StrictSchema):
    """How the service is."""

    status = Code(
        ("alive", "ready"), "Alive answers at all; ready answers for data.", required=True
    )


class PlaceOfErrorSchema(StrictSchema):
    """One thing that is wrong: a parameter of the query, or a place in a release."""

    detail = Short("What would be right.", required=True)
    parameter = Short("The parameter.")
    pointer = Shaped({"type": "string"}, "A JSON pointer into the release.")
    file = Short("The file of the release.")


class ProblemSchema(StrictSchema):
    """Problem details (RFC 9457)."""

    type = Shaped(
        {"type": "string", "format": "uri-reference"},
        "Where this sort of problem is described.",
        required=True,
    )
    title = Short("The sort of problem.", required=True)
    status = Integer(400, "The HTTP status.", most=599, required=True)
    detail = Text("What is wrong here, and what would be right.", required=True)
    errors = Chain(Record(PlaceOfErrorSchema), "Each thing that is wrong.")


def enveloped(name: str, data: Strict, meta: type[Schema] | None = None) -> Schema:
    """Return the schema of an answer: its data, links and what they were read from."""
    members: dict[str, Any] = {"data": data, "links": _links()}
    if meta:
        members["meta"] = Record(meta, required=True)
    described = {"__doc__": f"The envelope of {name}."}
    made: type[Schema] = type(f"{name}Schema", (StrictSchema,), described | members)
    return made()


def one(schema: type[Schema], meta: type[Schema] | None = None) -> Schema:
    """Return the envelope of a single thing."""
    return enveloped(f"{component_name(schema)}Answer", Record(schema, required=True), meta)


def many(schema: type[Schema], meta: type[Schema] | None = ListReadingSchema) -> Schema:
    """Return the envelope of a list."""
    name = f"{component_name(schema)}List"
    return enveloped(name, Chain(Record(schema), required=True), meta)


class PerKind(dict[str, Schema]):
    """A schema for each kind of record."""


RECORDS = PerKind({name: kind.schema for name, kind in KINDS.items()})

PAGES = PerKind(
    {
        name: enveloped(
            f"{component_name(kind.schema)}Page",
            Chain(Shaped(_record(kind.schema), ""), required=True),
            ListReadingSchema,
        )
        for name, kind in KINDS.items()
    }
)
