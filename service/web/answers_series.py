"""What answers on contested facts say, as schemas for the OpenAPI document."""

from typing import Any, get_args

from schemas.base import StrictSchema
from schemas.fields import Chain, Code, Record, Truth
from schemas.numbers import Integer
from schemas.texts import Instant, Short, Slug
from schemas.vocabularies import MEASURES, STANDINGS
from service.contested import RECENSION_1, RESOLUTIONS, Point
from service.contested.accounts import Aspect
from service.contested.keys import Subject
from service.contested.measures import Nature
from service.contested.roles import Role
from service.contested.status import Direction, Status
from service.model import KINDS
from service.web.answers import (
    ChangeSchema,
    DiffReadingSchema,
    ListReadingSchema,
    ReadingSchema,
    Shaped,
    many,
)

STATUSES = get_args(Status)
DIRECTIONS = get_args(Direction)
TURNS = ("became_contested", "settled")

NUMBER = {"type": "number"}
TEXT = {"type": "string"}
_OPEN_NUMBER = {"type": ["number", "null"]}
_OPEN_TEXT = {"type": ["string", "null"]}
_ROLE = {"enum": list(get_args(Role))}
_STANDING = {
    "type": "object",
    "additionalProperties": {"enum": [word for word in STANDINGS if word != "current"]},
}


def _row(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _column(name: str) -> dict[str, Any]:
    if name == "role":
        return _ROLE
    if name == "revision":
        return {"type": ["integer", "null"]}
    if name in ("figure", "unit", "printed", "source"):
        return TEXT
    return _OPEN_NUMBER if name in ("value", "low", "high", "min", "max") else _OPEN_TEXT


POINT = _row({name: _column(name) for name in Point._fields})
"""A claim as a flat row: every column is there, null where nothing is stated."""

STEP = _row(
    {
        "revision": {"type": "integer"},
        "issued": {"type": "string", "format": "date-time"},
        "status": {"enum": list(STATUSES)},
        "revised": {"enum": list(DIRECTIONS)},
        "min": _OPEN_NUMBER,
        "max": _OPEN_NUMBER,
        "live": {"type": "array", "items": TEXT},
    }
)
"""What a series came to in one revision."""

POINTS_TABLE = {
    "type": "string",
    "description": f"A row for each claim, with a header: {', '.join(Point._fields)}."
    " Empty where nothing is stated, or where an end is open.",
}


PARTS = ("series", "title", "measure", "group", "of", "only_place", "status")
"""The columns that tell in a table of all series which one a point is of."""

SERIES_TABLE = {
    "type": "string",
    "description": "A row for each claim of each series, with a header:"
    f" {', '.join((*PARTS, *Point._fields))}. Empty where nothing is stated, or where an end is"
    " open.",
}

SERIES_LINES = {
    "type": "string",
    "description": "A line for each series, as in `data` of the JSON.",
}


class SpanSchema(StrictSchema):
    """The least and the greatest number that claims name, as they name them."""

    min = Shaped(NUMBER, "The least.", required=True)
    max = Shaped(NUMBER, "The greatest.", required=True)
    ratio = Shaped(NUMBER, "The greatest by the least; absent where the least is not above zero.")
    open = Truth("Whether the number may lie beyond: an end is a bound.", required=True)


class FamilySchema(StrictSchema):
    """Series that lie in each other. They are linked and never summed."""

    broader = Chain(Short(), "Keys of series that contain this one.", required=True)
    narrower = Chain(Short(), "Keys of series that lie in it.", required=True)
    parts = Chain(Short(), "Keys of series that are printed as its parts.", required=True)
    wholes = Chain(Short(), "Keys of series of which it is printed as a part.", required=True)


class RejectedSchema(StrictSchema):
    """A claim that was not chosen."""

    figure = Slug("The figure.", required=True)
    role = Code(get_args(Role), "Its role.", required=True)
    why = Short("Why it was not chosen.", required=True)


class ResolvedSchema(StrictSchema):
    """One value out of a series, because it was asked for: by what, and what was passed over."""

    criterion = Code(RESOLUTIONS, "What was asked for.", required=True)
    rule = Short("The rule by which claims were judged.", required=True)
    value = Shaped(NUMBER, "The value; absent where none is live, or where the chosen differ.")
    low = Shaped(NUMBER, "The least number of all live claims, whatever was chosen.")
    high = Shaped(NUMBER, "The greatest number of all live claims.")
    unit = Short("The unit of these.", required=True)
    chosen = Chain(Slug(), "The figures that were chosen.", required=True)
    rejected = Chain(Record(RejectedSchema), "The others, and why.", required=True)
    looked_at = Shaped(
        {"type": "object", "additionalProperties": {"type": "array", "items": {}}},
        "What was compared of each live claim, the greatest first.",
        required=True,
    )
    why = Shaped(TEXT, "What was chosen, in words.", required=True)


class SeriesSchema(StrictSchema):
    """The figures that count the same thing, and what they come to."""

    key = Short("Its key: take it as it is.", required=True)
    title = Shaped(TEXT, "What it counts, in words.", required=True)
    measure = Code(MEASURES, "What is measured.", required=True)
    group = Slug("Who or what is counted, if anything is.")
    subject = Code(get_args(Subject), "Whether it is of an event or of an actor.", required=True)
    of = Slug("That event or actor.", required=True)
    place = Slug("The place, if the claims count only there.")
    nature = Code(get_args(Nature), "A flow adds up, a stock holds at an instant.", required=True)
    unit = Short("The unit of span, steps and derived ends.", required=True)
    status = Code(STATUSES, "What its claims come to.", required=True)
    revised = Code(DIRECTIONS, "Which way the last replacement went.", required=True)
    reason = Shaped(TEXT, "Why, in words, with the figures and the rule.", required=True)
    rests_on = Chain(Slug(), "The figures that the status rests on.", required=True)
    span = Record(SpanSchema, "The span of live claims.")
    span_all = Record(SpanSchema, "The span of all claims.")
    voices = Integer(0, "How many voices stand behind the live claims.", required=True)
    publishers = Integer(0, "How many publishers do.", required=True)
    claims = Integer(0, "How many claims it has.", required=True)
    fall = Chain(Slug(), "Running totals that are lower than an earlier one.")
    standing = Shaped(_STANDING, "Sources of its claims that are not current, and what they are.")
    family = Record(FamilySchema, "Series around it.", required=True)
    resolved = Record(ResolvedSchema, "One value, only where `resolve` asks for it.")
    points = Shaped(
        {"type": "array", "items": POINT},
        "Its claims as flat rows, in the order of time; null where nothing is stated.",
    )
    steps = Shaped(
        {"type": "array", "items": STEP},
        "The revisions in which it came to something else: each step holds until the next.",
    )
    links = Shaped(
        {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}},
        "Absolute addresses, by relation.",
        required=True,
    )


RULE = {
    "type": "object",
    "properties": {name: {} for name in RECENSION_1.parameters()},
    "required": ["name"],
}


def _rule() -> Shaped:
    return Shaped(RULE, "The rule by which claims are read, with its numbers.", required=True)


class SeriesReadingSchema(ReadingSchema):
    """The revision and the rule that the series was judged by."""

    rule = _rule()
    without = Chain(Slug(), "The sources that are left out of view.")


class SeriesListReadingSchema(ListReadingSchema):
    """The revision and the rule that the list was judged by."""

    rule = _rule()
    without = Chain(Slug(), "The sources that are left out of view.")


class SinceSchema(StrictSchema):
    """The revision from which on it is so without a break."""

    revision = Integer(1, "Its number.", required=True)
    issued = Instant("The instant that it stands for.", required=True)


class SaidSchema(StrictSchema):
    """One answer, and the sources whose accounts give it."""

    answer = Shaped(TEXT, "The answer, as records code it.", required=True)
    sources = Chain(Slug(), "The sources.", required=True)


class ConflictSchema(StrictSchema):
    """An aspect of an event on which its accounts cannot all hold."""

    aspect = Code(get_args(Aspect), "The aspect.", required=True)
    answers = Chain(Record(SaidSchema), "What is said of it.", required=True)


class SideSchema(StrictSchema):
    """What a series came to on one side of a comparison."""

    status = Code(STATUSES, "Its status.", required=True)
    span = Record(SpanSchema, "The span of live claims.")


class DisagreementSchema(StrictSchema):
    """A contested series, or an event whose accounts cannot all hold; or that was so before."""

    about = Code(("series", "events"), "Which of the two it is.", required=True)
    id = Short("The key of the series, or the id of the event.", required=True)
    title = Shaped(TEXT, "What it is called.", required=True)
    reason = Shaped(TEXT, "What disagrees, in words.", required=True)
    since = Record(SinceSchema, "Since when they disagree; absent where that was settled.")
    turn = Code(TURNS, "Between two revisions: whether it became contested or was settled.")
    by = Chain(Slug(), "Between two revisions: the figures, or sources of accounts, that did it.")
    old = Record(SideSchema, "Between two revisions, of a series: what it came to before.")
    new = Record(SideSchema, "Between two revisions, of a series: what it came to after.")
    figures = Chain(Slug(), "Of a series: the figures that cannot all hold.")
    sources = Chain(Slug(), "The sources that disagree.", required=True)
    span = Record(SpanSchema, "Of a series: the span of live claims.")
    voices = Integer(0, "Of a series: how many voices stand behind the live claims.")
    claims = Integer(0, "Of a series: how many claims it has.")
    accounts = Integer(0, "Of an event: how many accounts it has.")
    conflicts = Chain(Record(ConflictSchema), "Of an event: what the accounts differ on.")
    links = Shaped(
        {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}},
        "Absolute addresses, by relation.",
        required=True,
    )


class SeriesChangeSchema(StrictSchema):
    """A series that came to something else. A side that lacks it is left out."""

    key = Short("Its key.", required=True)
    old = Record(SideSchema, "What it came to before.")
    new = Record(SideSchema, "What it came to after.")
    came_live = Chain(Slug(), "Figures that are live only after.")
    no_longer_live = Chain(Slug(), "Figures that were live only before.")
    turn = Code(TURNS, "Whether it became contested or was settled.")
    by = Chain(Slug(), "The figures that did that.")


class DisagreementsReadingSchema(SeriesListReadingSchema):
    """The revision and the rule that the list was judged by, or two revisions that it compares."""

    start = Record(SinceSchema, "The revision that is compared with.", data_key="from")
    end = Record(SinceSchema, "The revision that is told of, with `from`.", data_key="to")


DISPUTES = (
    "about", "id", "title", "turn", "since", "since_issued", "by", "reason", "figures", "sources",
    "min", "max", "ratio", "open", "voices", "claims", "accounts", "aspects",
)  # fmt: skip
"""The columns of disagreements as a table."""

DISPUTES_TABLE = {
    "type": "string",
    "description": f"A row for each disagreement, with a header: {', '.join(DISPUTES)}. Lists have"
    " spaces between their members; an empty cell is not stated.",
}

DISPUTES_LINES = {
    "type": "string",
    "description": "A line for each disagreement, as in `data` of the JSON.",
}

_CHANGES = many(ChangeSchema, DiffReadingSchema)

DIFF = type(_CHANGES).from_dict(
    {
        "series": Chain(
            Record(SeriesChangeSchema),
            "The series whose live claims, status or span changed: on the last page of a diff that"
            " no parameter narrows, if there are any.",
        ),
        "series_unjudged": Integer(
            0, "How many more series were touched and not judged: compare smaller steps."
        ),
    },
    name="ChangeListSchema",
)()

RESTING = {
    "type": "object",
    "properties": {
        "total": {"type": "integer", "description": "How many there are."},
        "ids": {"type": "array", "items": TEXT, "description": "The first 1000 of them, by id."},
    },
    "required": ["total", "ids"],
    "additionalProperties": False,
}


class DisputeSchema(StrictSchema):
    """An event whose accounts cannot all hold, and on what they differ."""

    id = Slug("The event.", required=True)
    reason = Shaped(TEXT, "What disagrees, in words.", required=True)
    conflicts = Chain(Record(ConflictSchema), "What the accounts differ on.", required=True)


class ImpactSchema(StrictSchema):
    """What rests on a source."""

    source = Slug("The source.", required=True)
    standing = Code(STANDINGS, "Whether its publisher still stands by it.", required=True)
    stands = Truth("Whether that is `current`.", required=True)
    records = Shaped(
        {
            "type": "object",
            "properties": {kind: RESTING for kind in KINDS},
            "additionalProperties": False,
        },
        "The records that have evidence of it, by kind.",
        required=True,
    )
    series = Chain(
        Record(SeriesChangeSchema),
        "The series whose status or span is another without it: `new` is without it.",
        required=True,
    )
    settled = Chain(
        Record(DisputeSchema), "The events whose accounts all hold without it.", required=True
    )
    claimed = Integer(0, "How many series have claims of it.", required=True)
    judged = Integer(0, "How many of these were judged: the first 1000.", required=True)
    drawing = Chain(
        Slug(), "The sources that draw on it, at any remove.", required=True, data_key="derived"
    )
