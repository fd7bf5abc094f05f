"""The kind `sources`: the documents that make the claims."""

from schemas.base import StrictSchema
from schemas.fields import Code, Record, SetOf
from schemas.numbers import Integer
from schemas.rules import ExactlyOne
from schemas.shared import RecordSchema, WhenSchema
from schemas.texts import Language, Link, Ref, Sha256, Short
from schemas.vocabularies import (
    CONDITIONS,
    CONTRIBUTOR_ROLES,
    INFERRED_FIELDS,
    SOURCE_TYPES,
    STANDINGS,
)


class ContributorSchema(StrictSchema):
    """Who had a part in a source."""

    actor = Ref("actors", "Who.", required=True, filterable=True)
    role = Code(CONTRIBUTOR_ROLES, "In what part.", required=True, filterable=True)


class InferenceSchema(StrictSchema):
    """What an editor inferred about a source that does not print it."""

    field = Code(INFERRED_FIELDS, "What was inferred.", required=True)
    value = Short("The inferred value.", required=True)
    from_ = Short("What it was inferred from.", required=True, data_key="from", attribute="from")


class DocumentSchema(StrictSchema):
    """The file in which evidence is counted."""

    name = Short("The name of the file.", required=True)
    sha256 = Sha256("The sha256 of the file.", required=True)
    bytes = Integer(1, "The size of the file in bytes.")
    characters = Integer(1, "The length of its text in code points.")


class OriginSchema(StrictSchema):
    """The source or the actor that a source draws on."""

    source = Ref("sources", "A source.", filterable=True, acyclic=True)
    actor = Ref("actors", "An actor.", filterable=True)
    obeys = (ExactlyOne("source", "actor"),)


class SourceSchema(RecordSchema):
    """A document that makes claims, with what it prints about itself."""

    source_type = Code(
        SOURCE_TYPES, "What sort of document it is.", required=True, filterable=True, sortable=True
    )
    title = Short("The title as printed.", searchable="name", sortable=True)
    url = Link("The address as printed.")
    publisher = Ref("actors", "Who published it, if that is printed.", filterable=True)
    contributors = SetOf(Record(ContributorSchema), "Who had a part in it, as printed.")
    language = Language("The language of the text.", required=True, filterable=True)
    published = Record(
        WhenSchema, "When it was published, as printed or as its text bounds it.", required=True
    )
    inferred = SetOf(Record(InferenceSchema), "What is not printed and only inferred.")
    document = Record(DocumentSchema, "The file in which evidence is counted.", required=True)
    derived_from = Record(OriginSchema, "What it draws on.")
    standing = Code(
        STANDINGS, "Whether its publisher still stands by it.", required=True, filterable=True
    )
    condition = SetOf(
        Code(CONDITIONS, filterable=True), "What happened to the text on its way.", required=True
    )
