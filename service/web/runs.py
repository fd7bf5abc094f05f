"""What is told of runs of the loader, as schemas for the OpenAPI document."""

from typing import get_args

from schemas.base import StrictSchema
from schemas.fields import Chain, Code, Record
from schemas.numbers import Integer
from schemas.texts import Instant, Sha256, Slug
from service.model import Mode, Outcome
from service.web.answers import CHANGED, COUNTED, LINKED, ChangeSchema, Shaped

TEXT = {"type": "string"}


class FlawSchema(StrictSchema):
    """One thing that was wrong with a release."""

    file = Shaped(TEXT, "The file of the release.", required=True)
    line = Integer(1, "The line, where it has lines.")
    pointer = Shaped(TEXT, "A JSON pointer into the file or the line.")
    detail = Shaped(TEXT, "What would be right.", required=True)


class IngestionSchema(StrictSchema):
    """One run of the loader and what came of it."""

    id = Shaped({"type": "string", "pattern": "^[0-9a-f]{32}$"}, "Its id.", required=True)
    dataset = Slug("The dataset.", required=True)
    outcome = Code(
        get_args(Outcome),
        "`held`: the shrink guard waits for approval; `refused`: also where the head had moved.",
        required=True,
    )
    message = Shaped(TEXT, "The same in a sentence.", required=True)
    started_at = Instant("When it began.", required=True)
    finished_at = Instant("When it ended.", required=True)
    release = Shaped(TEXT, "What the release is called.", required=True)
    mode = Code(get_args(Mode), "What sort of release it was.", required=True)
    release_digest = Sha256("The digest of the release, once all of it was read.")
    issued = Instant("The instant that the revision stands for, or would.")
    revision = Integer(1, "The number of the revision that it published.")
    digest = Sha256("The digest of the revision that it made, or would have.")
    chain = Sha256("The chain of the revision that it published.")
    records = Shaped(COUNTED, "How many records the revision has, or would, by kind.")
    changes = Shaped(CHANGED, "How many changes it makes, or would, by kind and sort.")
    problems = Chain(Record(FlawSchema), "What was wrong, up to a limit.")
    more_problems = Integer(1, "How many problems there were beyond the limit.")
    recognised = Integer(1, "How many lines the head has, byte for byte: they were not parsed.")
    locked_seconds = Shaped(
        {"type": "number"},
        "How long other writers waited for it at once, but for the commit itself.",
    )
    notices = Chain(Shaped(TEXT, ""), "What is worth an editor's look and held nothing back.")


class ListedIngestionSchema(IngestionSchema):
    """A run in the list of all."""

    links = Shaped(LINKED, "Absolute addresses, by relation.", required=True)


class PublishedSchema(IngestionSchema):
    """What came of a release that was sent."""

    diff = Chain(Record(ChangeSchema), "After a dry run, what would change, up to a limit.")


class RunsReadingSchema(StrictSchema):
    """The dataset of the list, and the size of the whole list."""

    dataset = Slug("The name of the dataset.", required=True)
    total = Integer(0, "How many items the whole list has.", required=True)
