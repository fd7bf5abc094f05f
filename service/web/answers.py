"""What answers say, as schemas for the OpenAPI document. Bodies do not pass through them: records
are joined as they are stored, and a test holds live answers against the served document.
"""

from collections.abc import Mapping
from typing import Any, get_args

from marshmallow import Schema

from schemas import DATASET, KINDS
from schemas.base import StrictSchema
from schemas.fields import Chain, Code, Record, Strict, Truth
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


def record_of(*schemas: Schema) -> dict[str, Any]:
    """Return the shape of a record of one of some schemas, or of its stub."""
    names = map(component_name, (*schemas, RedactedSchema))
    return {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}


def _counts(names: tuple[str, ...], of: Mapping[str, Any]) -> dict[str, Any]:
    properties = {name: dict(of) for name in names}
    return {"type": "object", "properties": properties, "additionalProperties": False}


_NUMBER = {"type": "integer", "minimum": 0}
COUNTED = _counts(tuple(KINDS), _NUMBER)
CHANGED = _counts(ORDER, _counts(CHANGES, _NUMBER))
LINKED = {
    "type": "object",
    "additionalProperties": {"type": "string", "format": "uri"},
}


def linked(**kwargs: Any) -> Shaped:
    """Return the member `links`."""
    return Shaped(LINKED, "Absolute addresses, by relation.", required=True, **kwargs)


class RevisionSchema(StrictSchema):
    """An immutable state of a whole dataset."""

    number = Integer(1, "1, 2, 3 …, without gaps.", required=True)
    digest = Sha256("The sha256 of the root of its manifest.", required=True)
    chain = Sha256("Commits to this revision and to all before it.", required=True)
    issued = Instant("The instant that it stands for.", required=True)
    published_at = Instant("When this service stored it.", required=True)
    message = Text("What its editor says of it.")
    records = Shaped(COUNTED, "How many records it has, by kind.", required=True)
    changes = Shaped(CHANGED, "How many changes it made, by kind and sort.", required=True)


class ListedRevisionSchema(RevisionSchema):
    """A revision in the history of a dataset."""

    links = linked()


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

    links = linked()


class DescribedDatasetSchema(HeadedDatasetSchema):
    """A dataset, its newest revision, and what it says of itself there."""

    document = Record(type(DATASET.schema), "Its `dataset.json`.", required=True)


class FieldChangeSchema(StrictSchema):
    """A field that differs. A side that does not state it is left out."""

    path = Pointer("A pointer to a scalar or a list of the record.", required=True)
    old = Shaped({}, "Its value before.")
    new = Shaped({}, "Its value after.")
    added = Shaped({"type": "array", "items": {}}, "Members that a set gained.")
    removed = Shaped({"type": "array", "items": {}}, "Members that a set lost.")


def _redacted() -> Truth:
    return Truth("True where a redaction erased the body, so that nobody can tell the fields.")


class PartSchema(StrictSchema):
    """What one revision had to do with a change."""

    revision = Integer(1, "The revision.", required=True)
    change = Code(CHANGES, "What it made of the record.", required=True)
    reason = Short("Why, as a code; `unstated` where nobody said.", required=True)
    why = Text("Why, in the editor's words.")


class ChangeSchema(StrictSchema):
    """What became of one record: whole where it was added or removed, else field by field."""

    kind = Code(ORDER, "The kind of the record, or `dataset` for `dataset.json`.", required=True)
    id = Slug("The id of the record; for `dataset.json`, the dataset's name.", required=True)
    change = Code(CHANGES, "What became of it.", required=True)
    reason = Short("Why it changed last, as a code; `unstated` where nobody said.", required=True)
    why = Text("Why, in the editor's words.")
    steps = Chain(
        Record(PartSchema), "Each revision's part in it, where more than one changed the record."
    )
    digest = Sha256("The digest of its new state; absent where it was removed.")
    record = Shaped(
        record_of(DATASET.schema, *(kind.schema for kind in KINDS.values())),
        "The record that was added or removed.",
    )
    fields_ = Chain(Record(FieldChangeSchema), "The fields that were modified.", data_key="fields")
    redacted = _redacted()


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
    counts = Shaped(CHANGED, "All changes that the filters admit.", required=True)


class StepSchema(StrictSchema):
    """One change of one record."""

    revision = Integer(1, "The revision that made it.", required=True)
    issued = Instant("The instant that the revision stands for.", required=True)
    change = Code(CHANGES, "What became of the record.", required=True)
    reason = Short("Why, as a code; `unstated` where nobody said.", required=True)
    why = Text("Why, in the editor's words.")
    digest = Sha256("The digest of its new state; absent where it was removed.")
    fields_ = Chain(Record(FieldChangeSchema), "The fields that were modified.", data_key="fields")
    redacted = _redacted()


class FedSchema(StrictSchema):
    """One change of one revision, with the new state whole."""

    revision = Integer(1, "The revision that made it.", required=True)
    change = Code(CHANGES, "What became of the record.", required=True)
    kind = Code(ORDER, "The kind of the record, or `dataset` for `dataset.json`.", required=True)
    id = Slug("The id of the record; for `dataset.json`, the dataset's name.", required=True)
    digest = Sha256("The digest of the new state; absent where it was removed.")
    record = Shaped(
        record_of(DATASET.schema, *(kind.schema for kind in KINDS.values())),
        "The new state; absent where it was removed.",
    )


class HeadSchema(StrictSchema):
    """The newest revision."""

    revision = Integer(1, "Its number.", required=True)
    issued = Instant("The instant that it stands for.", required=True)
    published_at = Instant("When this service stored it.", required=True)
    digest = Sha256("Its digest: what a replay of the whole feed has to give.", required=True)
    chain = Sha256("Its chain: keep it to see that history is not rewritten.", required=True)


class FeedReadingSchema(StrictSchema):
    """How far the feed was told, and how far it goes now."""

    dataset = Slug("The name of the dataset.", required=True)
    head = Record(HeadSchema, "The newest revision.", required=True)
    cursor = Shaped({"type": "string"}, "Where to go on: give it as `after`.", required=True)
    more = Truth("Whether more follows now.", required=True)


class BlamedSchema(StrictSchema):
    """Where a field of a record has its value from."""

    path = Pointer("A pointer to a scalar or a list of the record.", required=True)
    revision = Integer(1, "The revision that last set it.", required=True)
    issued = Instant("The instant that the revision stands for.", required=True)
    ingestion = Short("The id of the run of the loader that published it.", required=True)
    reason = Short("Why, as a code; `unstated` where nobody said.", required=True)
    why = Text("Why, in the editor's words.")
    sources = Chain(
        Slug(),
        "The ids of the sources that it rests on: of the evidence in the value itself, else of all"
        " evidence in the record. Absent where there is none.",
    )


class SumsSchema(StrictSchema):
    """A file of sums."""

    path = Short("Its path below the revision.", required=True)
    text = Shaped(
        {"type": "string"}, "Its text: a sha256 and a path a line, as sha256sum.", required=True
    )


class ProofSchema(StrictSchema):
    """The files of sums that lead from a revision's digest to one of its records."""

    path = Short("The path of the record's file below the revision.", required=True)
    digest = Sha256("The sha256 of the record.", required=True)
    sums = Chain(
        Record(SumsSchema),
        "The root first: its sha256 is the digest of the revision. Each text gives the sha256 of"
        " the next one, and the last that of the record.",
        required=True,
    )


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

    detail = Shaped({"type": "string"}, "What would be right.", required=True)
    parameter = Shaped({"type": "string"}, "The parameter, as it was asked for.")
    pointer = Shaped({"type": "string"}, "A JSON pointer into the release.")
    line = Integer(1, "The line of the release, where it has lines.")
    file = Shaped({"type": "string"}, "The file of the release.")


class ProblemSchema(StrictSchema):
    """Problem details (RFC 9457)."""

    type = Shaped(
        {"type": "string", "format": "uri-reference"},
        "Where this sort of problem is described.",
        required=True,
    )
    title = Short("The sort of problem.", required=True)
    status = Integer(400, "The HTTP status.", most=599, required=True)
    detail = Shaped(
        {"type": "string"}, "What is wrong here, and what would be right.", required=True
    )
    digest = Sha256("What `approve` has to name for the release to be published all the same.")
    ingestion = Slug("The run of the loader that ended so.")
    errors = Chain(Record(PlaceOfErrorSchema), "Each thing that is wrong.")


def enveloped(name: str, data: Strict, meta: type[Schema] | None = None) -> Schema:
    """Return the schema of an answer: its data, links and what they were read from."""
    members: dict[str, Any] = {"data": data, "links": linked()}
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


class PerKind(dict[str, Any]):
    """A schema, or plain JSON Schema, for each kind of record."""


DIFF_LINES = {
    "type": "string",
    "description": "A line for each change, as in `data` of the JSON. The last one is"
    ' `{"end": {"from", "to", "counts"}}`: a stream without it was cut off.',
}

DIFF_TABLE = {
    "type": "string",
    "description": "A row for each record and field, with a header:"
    " kind, id, change, reason, why, path, old, new. `old` and `new` are JSON, empty where a side"
    " does not state the field; a row without a path is of a record whose body was erased.",
}

JSON_PATCH = {
    "type": "array",
    "description": "RFC 6902, of the JSON export. A `test` stands before each `replace` and"
    " `remove`; lists are replaced whole.",
    "items": {
        "type": "object",
        "properties": {
            "op": {"enum": ["add", "remove", "replace", "test"]},
            "path": {"type": "string"},
            "value": {},
        },
        "required": ["op", "path"],
        "additionalProperties": False,
    },
}
