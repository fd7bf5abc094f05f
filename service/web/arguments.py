"""What a path and a query string may say: strict, and each refusal says what would be right."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn, get_args

from flask import Request, request
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict
from werkzeug.routing import BaseConverter, Map, Rule

from schemas.fields import Code
from schemas.release import Issued
from schemas.texts import Pointer, Slug
from service.model import KINDS
from service.store.revisions import Clock
from service.web import formats, patterns
from service.web.answers import CHANGES, ORDER
from service.web.problems import BadArguments

LIMIT = 100
MOST = 1000
LAST = 2**31 - 1
UNKNOWN = [Schema().error_messages["unknown"]]


class Whole(fields.Integer):
    """A whole number in plain digits: no sign, no leading zero, no exponent, ASCII only."""

    def __init__(self, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(low, high), **kwargs)
        self.due = f"must be a whole number from {low} to {high}, in plain digits"
        self.low, self.high = low, high

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not re.fullmatch("[1-9][0-9]{0,9}", value) or not self.low <= int(value) <= self.high:
            raise ValidationError(self.due)
        return int(value)


class Query(Schema):
    """A query without parameters."""

    class Meta:
        """A parameter that is not declared is refused."""

        unknown = RAISE


class PageQuery(Query):
    """Which part of a list is asked for."""

    limit = Whole(
        1,
        MOST,
        load_default=LIMIT,
        metadata={"description": "At most so many items are answered.", "examples": [20]},
    )
    cursor = fields.String(
        metadata={
            "description": "Continues a list: take it as it is from `links.next`. It is bound to"
            " its dataset, revision, path and query, save `limit`.",
            "pattern": patterns.TOKEN,
        }
    )


def revision(description: str, example: int | None = None, **kwargs: Any) -> Whole:
    """Return the parameter that names a revision by its number."""
    told = {"description": description, **({"examples": [example]} if example else {})}
    missing = {"required": "is missing; give the number of a revision"}
    return Whole(1, LAST, metadata=told, error_messages=missing, **kwargs)


DiffQuery = PageQuery.from_dict(
    {
        "from": revision("The revision that changes are told from.", 1, required=True),
        "to": revision("The revision that they are told to; without it, the newest.", 3),
        "kind": Code(ORDER, "Only changes of this kind of record."),
        "change": Code(CHANGES, "Only changes of this sort."),
        "id": Slug("Only the record of this id."),
        "path": Pointer(
            "Only what differs at or below this JSON pointer, and of a modified record only the"
            " fields there. Lists are fields: no pointer leads into one."
        ),
        "source": Slug("Only records that have evidence of this source, before or after, and it."),
        "format": formats.parameter(formats.JSON, formats.NDJSON, formats.CSV, formats.PATCH),
        "escape": formats.escape(),
    },
    name="DiffQuery",
)


ChangesQuery = Query.from_dict(
    {
        "after": fields.String(
            metadata={
                "description": "A position in the feed, as `meta.cursor` or `links.next` tells it:"
                " what follows it is answered. Without it, from the first change on.",
                "pattern": patterns.TOKEN,
            }
        ),
        "limit": PageQuery().fields["limit"],
    },
    name="ChangesQuery",
)


class Moment(fields.String):
    """An instant in UTC, or a day, which stands for its last second."""

    due = "must be a day as in 2022-01-07 or an instant in UTC as in 2022-01-07T12:00:00Z"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if Issued().fault(value):
            raise ValidationError(self.due)
        return value if "T" in value else f"{value}T23:59:59Z"


CLOCKS = get_args(Clock)


def with_instant(query: Schema) -> Schema:
    """Return the query of a moving read that can be asked for as of an instant."""
    described = {
        "description": "Answers from the newest revision of that instant, as its pinned address"
        " does. A day is its last second, UTC; before the first revision: 404.",
        "pattern": f"^(?:{Issued.pattern})$",
        "examples": ["2022-01-07"],
    }
    told = "Which of a revision's instants `as_of` goes by; without it, `issued`."
    members = {"as_of": Moment(metadata=described), "clock": Code(CLOCKS, told)}
    return type(query).from_dict(members, name=f"{type(query).__name__}AsOf")()


def moment(query: Mapping[str, Any]) -> tuple[str, Clock] | None:
    """Return the instant that is asked for, and by which clock. Raises `BadArguments`."""
    if "as_of" in query:
        return query["as_of"], query.get("clock", "issued")
    if "clock" in query:
        raise BadArguments({"clock": "says nothing without `as_of`"})
    return None


class Passed(Schema):
    """A query that is another operation's to judge."""

    class Meta:
        """What is not declared is not read here, whatever it is called."""

        unknown = EXCLUDE


TimeMapQuery = Passed.from_dict(
    {"before": revision("Only mementos of revisions below this number.", 3)}, name="TimeMapQuery"
)


class Parser(FlaskParser):
    """Reads a query string by its schema and refuses all else, naming each parameter."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"query": None}  # noqa: RUF012 - as webargs declares it

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """Return the parameters. Raises `BadArguments` where one is given twice."""
        twice = {name: "is given more than once" for name, v in req.args.lists() if len(v) > 1}
        if twice:
            raise BadArguments(twice)
        return super().load_querystring(req, schema)

    def handle_error(
        self, error: ValidationError, req: Request, schema: Schema, **_: Any
    ) -> NoReturn:
        """Raise `BadArguments`: every parameter that is wrong, and why."""
        raise _refusal(schema, error.messages["query"])  # type: ignore[call-overload]


def require(schema: Schema, given: Mapping[str, str], own: Iterable[str] = ()) -> None:
    """Raise `BadArguments` unless a query admits what is given; what is `own` is known as well."""
    if messages := schema.validate(given):
        raise _refusal(schema, messages, own)


def _refusal(schema: Schema, messages: Any, own: Iterable[str] = ()) -> BadArguments:
    unknown = _unknown({*schema.fields, *own})
    return BadArguments(
        {
            name: unknown if messages[name] == UNKNOWN else messages[name][0]
            for name in sorted(messages)
        }
    )


def _unknown(known: Iterable[str]) -> str:
    names = sorted(known)
    return (
        f"is unknown here; there are: {', '.join(names)}"
        if names
        else ("is unknown here; this address takes no parameters")
    )


parser = Parser()


def asked(schema: Schema) -> dict[str, Any]:
    """Return what the query of the current request says. Raises `BadArguments`.

    A cursor is taken by any list that has one, and judged later; but for it, the pages of a walk
    ask the same, so that is judged once.
    """
    given = tuple(request.args.items(multi=True))
    rest = tuple(each for each in given if each[0] != "cursor")
    if len(given) == len(rest) + 1 and "cursor" in schema.fields:
        return {**_judged(schema, rest), "cursor": request.args["cursor"]}
    return {**_judged(schema, given)}


@lru_cache(maxsize=1024)
def _judged(schema: Schema, given: tuple[tuple[str, str], ...]) -> Mapping[str, Any]:
    found = parser.parse(schema, request, location="query")
    named = {name for name, _ in given}
    return {name: value for name, value in found.items() if name != "cursor" or name in named}


def canonical(given: MultiDict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the parameters as given, by name: the canonical query."""
    return tuple(sorted(given.items()))


class Name(BaseConverter):
    """A name in a path; whether it exists is for the store to say. Control characters never do."""

    regex = r"[^/\x00-\x1f\x7f]{1,100}"
    # Said, for werkzeug sees the slash and not that it is excluded: then each rule below a dataset
    # is tried in turn on the whole path, forty of them, where parts lead to the one that fits.
    part_isolating = True


class Number(BaseConverter):
    """The number of a revision in its one spelling."""

    regex = "0|[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value)


class Key(BaseConverter):
    """The key of a series."""

    regex = r"[^/\x00-\x1f\x7f]{1,400}"
    part_isolating = True


class Node(BaseConverter):
    """The path of a file of sums."""

    regex = r"[a-z0-9][a-z0-9/]{0,90}\.sums"
    part_isolating = False


class Rest(BaseConverter):
    """The rest of a path, of one part or of several."""

    regex = r"[^/\x00-\x1f\x7f][^\x00-\x1f\x7f]{0,300}"
    part_isolating = False


class InPath(NamedTuple):
    """A part of a path: how it is read, and its share of the OpenAPI document.

    The example is of the bundled dataset, or None; where each kind has its own, it is by kind.
    """

    converter: str
    description: str
    schema: dict[str, Any]
    example: Any


_SLUG = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 100}

IN_PATH = {
    "dataset": InPath("name", "The name of the dataset.", _SLUG, "kazakhstan-2022"),
    "revision": InPath(
        "number", "The number of the revision.", {"type": "integer", "minimum": 1}, 1
    ),
    "kind": InPath(
        f"any({','.join(KINDS)})", "The kind of record.", {"enum": list(KINDS)}, "figures"
    ),
    "id": InPath(
        "name",
        "The id of the record, the same in every revision.",
        _SLUG,
        {
            "actors": "kassym-jomart-tokayev",
            "events": "unrest",
            "figures": "security-killed-report-002",
            "sources": "report-002",
        },
    ),
    "key": InPath(
        "key",
        "The key of the series, as lists tell it: take it as it is.",
        {"type": "string", "maxLength": 400},
        "injured.security-personnel.unrest",
    ),
    "source": InPath("name", "The id of the source.", _SLUG, "report-002"),
    "node": InPath(
        "node",
        "The path of a file of sums below `manifest/`, as its parent lists it."
        " Slashes in it stay as they are.",
        {"type": "string", "pattern": r"^[a-z0-9][a-z0-9/]*\.sums$"},
        "figures.sums",
    ),
    "ingestion": InPath(
        "name",
        "The id of the run of the loader, as its report tells it.",
        {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        None,
    ),
    "rest": InPath(
        "rest",
        "The path of a read below the dataset, as in `figures`. Slashes in it stay as they are.",
        {"type": "string"},
        "figures",
    ),
    "file": InPath("name", "A file of the explorer.", {"type": "string"}, "swagger-ui.css"),
}


def rule(template: str) -> str:
    """Return the routing rule of a path template such as `/v1/datasets/{dataset}`."""
    return re.sub(r"{(\w+)}", lambda found: f"<{IN_PATH[found[1]].converter}:{found[1]}>", template)


def routes(rules: Iterable[Rule]) -> Map:
    """Return what finds a rule by a path; addresses have one spelling, never two."""
    read = {"name": Name, "key": Key, "number": Number, "node": Node, "rest": Rest}
    return Map(rules, merge_slashes=False, converters=read)
