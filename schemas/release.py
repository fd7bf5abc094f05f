"""What a release says about itself: `release.yaml`, and the lines of an interchange file."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from schemas.base import StrictSchema
from schemas.fields import Code, Plain, Record, SetOf, Truth
from schemas.numbers import Integer
from schemas.problems import shown
from schemas.rules import ExactlyOne
from schemas.texts import Instant, Patterned, Sha256, Slug, Text

MODES = ("snapshot", "delta")
RECORD_KINDS = ("actors", "events", "figures", "sources")
REASONS = (
    "source_added",
    "source_corrected",
    "source_retracted",
    "reading_corrected",
    "doubt_raised",
    "doubt_settled",
    "merged",
    "split",
    "withdrawn",
    "redacted",
    "vocabulary_migrated",
    "unstated",
)


class DatasetName(Slug):
    """The name of a dataset: it stands in addresses and chains."""

    longest = 60
    advice = "the name of a dataset: a to z, digits, single hyphens between them, at most 60"


class Issued(Patterned):
    """An instant in whole seconds, UTC, or a bare date, which is the last second of that day."""

    pattern = f"{Instant.pattern.partition('T')[0]}|{Instant.pattern}"
    advice = "an instant in UTC as in 2022-01-06T23:59:59Z, or a date as in 2022-01-06"

    def fault(self, value: Any) -> str | None:
        """Refuse also the days that the calendar lacks."""
        fault = super().fault(value)
        if fault:
            return fault
        try:
            date.fromisoformat(value[:10])
        except ValueError:
            return f"{shown(value)} is not a day of the calendar"
        return None


class Whole(Plain):
    """An object that another schema judges."""

    @property
    def json_schema(self) -> dict[str, Any]:
        """The type."""
        return {"type": "object"}

    def fault(self, value: Any) -> str | None:
        """Refuse what is no object."""
        return None if isinstance(value, dict) else f"{shown(value)} is not an object"


class BaseSchema(StrictSchema):
    """The revision that a release was made for; it is refused if the head is another."""

    number = Integer(1, "The revision's number.", required=True)
    digest = Sha256("The revision's digest.", required=True)


class RemovalSchema(StrictSchema):
    """A record that a delta removes, and why."""

    kind = Code(RECORD_KINDS, "The record's kind.", required=True)
    id = Slug("The record's id.", required=True)
    reason = Code(REASONS, "Why it is removed.")
    why = Text("Why, in the editor's words.")


class ReasonSchema(StrictSchema):
    """Why a record of this release changes."""

    kind = Code(
        ("dataset", *RECORD_KINDS),
        "The record's kind, or `dataset` for dataset.json.",
        required=True,
    )
    id = Slug("The record's id; for dataset.json the dataset's name.", required=True)
    reason = Code(REASONS, "Why it changes.", required=True)
    why = Text("Why, in the editor's words.")


def _named(member: dict[str, Any]) -> Sequence[str]:
    return [member["kind"], member["id"]]


class InterchangeReleaseSchema(StrictSchema):
    """What the first line of an interchange file says of the release."""

    mode = Code(
        MODES, "A snapshot removes what it does not hold; a delta names removals.", required=True
    )
    issued = Issued("The instant that the revision stands for.")
    message = Text("What this release brings, in the editor's words.")
    base = Record(BaseSchema, "The revision that this release changes.")
    complete = Truth("Promises the `end` line; without it the file is truncated and refused.")


class ReleaseSchema(StrictSchema):
    """The members of `release.yaml`, and of `release` in a release that is one document."""

    dataset = DatasetName("The dataset that this release belongs to.")
    mode = Code(
        MODES, "A snapshot (default) removes what it does not hold; a delta names removals."
    )
    issued = Issued("The instant that the revision stands for.")
    message = Text("What this release brings, in the editor's words.")
    base = Record(BaseSchema, "The revision that this release changes.")
    remove = SetOf(
        Record(RemovalSchema), "The records that a delta removes.", by=("record", _named)
    )
    reasons = SetOf(Record(ReasonSchema), "Why records change.", by=("record", _named))


class FirstLineSchema(StrictSchema):
    """The first line of an interchange file."""

    dataset = Whole("The whole dataset.json; required in a snapshot.")
    release = Record(InterchangeReleaseSchema, "The release.", required=True)


class RecordLineSchema(StrictSchema):
    """A line of an interchange file: a record, or in a delta the id of one that goes."""

    obeys = (ExactlyOne("record", "remove"),)

    kind = Code(RECORD_KINDS, "The record's kind.", required=True)
    record = Whole("The whole record.")
    remove = Slug("The id of the record to remove.")
    reason = Code(REASONS, "Why the record changes.")
    why = Text("Why, in the editor's words.")


class EndSchema(StrictSchema):
    """What stood between the first line and the last."""

    records = Integer(0, "How many lines.", required=True)
    digest = Sha256("The digest of the revision that the release makes.")
    redacted = Integer(0, "How many of them an export left out; more than 0 cannot be loaded.")


class LastLineSchema(StrictSchema):
    """The last line of an interchange file."""

    end = Record(EndSchema, "The end.", required=True)
