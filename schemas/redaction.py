"""The stub that stands for a record of any kind that had to be erased."""

from schemas.base import StrictSchema
from schemas.fields import Record
from schemas.texts import Instant, Slug, Text


class RedactionSchema(StrictSchema):
    """When and why a record was erased."""

    at = Instant("The instant that the redacting revision stands for.", required=True)
    why = Text("The reason.", required=True)


class RedactedSchema(StrictSchema):
    """What is left of a record that had to be erased."""

    id = Slug("The id of the record.", required=True)
    redacted = Record(RedactionSchema, "When and why it was erased.", required=True)
