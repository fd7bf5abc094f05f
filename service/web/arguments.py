"""What a path and a query string may say: strict, and each refusal says what would be right."""

import re
from typing import Any, NamedTuple, NoReturn

from flask import Request
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict
from werkzeug.routing import BaseConverter, Map

from schemas.fields import Code
from schemas.texts import Slug
from service.model import KINDS
from service.web.answers import CHANGES, ORDER
from service.web.problems import BadArguments

LIMIT = 100
MOST = 1000
LAST = 2**31 - 1


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
            " its dataset, revision, path and query, save `limit`."
        }
    )


def _number(description: str, example: int, **kwargs: Any) -> Whole:
    told = {"description": description, "examples": [example]}
    missing = {"required": "is missing; give the number of a revision"}
    return Whole(1, LAST, metadata=told, error_messages=missing, **kwargs)


DiffQuery = PageQuery.from_dict(
    {
        "from": _number("The revision that changes are told from.", 1, required=True),
        "to": _number("The revision that they are told to; without it, the newest.", 3),
        "kind": Code(ORDER, "Only changes of this kind of record."),
        "change": Code(CHANGES, "Only changes of this sort."),
        "id": Slug("Only the record of this id."),
    },
    name="DiffQuery",
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
        messages: Any = error.messages["query"]  # type: ignore[call-overload]
        raise BadArguments(
            {
                name: messages[name][0] if name in schema.fields else _unknown(schema)
                for name in sorted(messages)
            }
        )


def _unknown(schema: Schema) -> str:
    names = sorted(schema.fields)
    return (
        f"is unknown here; there are: {', '.join(names)}"
        if names
        else ("is unknown here; this address takes no parameters")
    )


parser = Parser()


def canonical(given: MultiDict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the parameters as given, by name: the canonical query."""
    return tuple(sorted(given.items()))


class Name(BaseConverter):
    """A name in a path; whether it exists is for the store to say. Control characters never do."""

    regex = r"[^/\x00-\x1f\x7f]{1,100}"


class Number(BaseConverter):
    """The number of a revision in its one spelling."""

    regex = "0|[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value)


class Node(BaseConverter):
    """The path of a file of sums."""

    regex = r"[a-z0-9][a-z0-9/]{0,90}\.sums"
    part_isolating = False


class InPath(NamedTuple):
    """A part of a path: how it is read, and its share of the OpenAPI document.

    The example is of the bundled dataset; where each kind has its own, it is by kind.
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
    "node": InPath(
        "node",
        "The path of a file of sums below `manifest/`, as its parent lists it."
        " Slashes in it stay as they are.",
        {"type": "string", "pattern": r"^[a-z0-9][a-z0-9/]*\.sums$"},
        "figures.sums",
    ),
    "file": InPath("name", "A file of the explorer.", {"type": "string"}, "swagger-ui.css"),
}


def rule(template: str) -> str:
    """Return the routing rule of a path template such as `/v1/datasets/{dataset}`."""
    return re.sub(r"{(\w+)}", lambda found: f"<{IN_PATH[found[1]].converter}:{found[1]}>", template)


def register(url_map: Map) -> None:
    """Teach the URL map how parts of paths are read; addresses have one spelling, never two."""
    url_map.converters |= {"name": Name, "number": Number, "node": Node}
    url_map.merge_slashes = False
