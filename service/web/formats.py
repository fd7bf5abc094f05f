"""Forms of one answer: which there are, and which one a client gets.

An operation that answers in several forms takes `format=`, which wins over `Accept`; its links
carry it. Some come in pages; some tell everything in one stream, which is read in short steps while
it is sent.
"""

import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from flask import request
from werkzeug import exceptions as http
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

from schemas.fields import Code
from service.web.problems import BadArguments
from service.web.question import Question
from service.web.representation import Answer

PAGING = ("cursor", "limit")


class Format(NamedTuple):
    """A form of answers: its name in `format=`, and its media type with or without parameters."""

    name: str
    media_type: str
    content_type: str


def _format(name: str, media_type: str, parameters: str = "") -> Format:
    return Format(name, media_type, media_type + parameters)


JSON = _format("json", "application/json")
NDJSON = _format("ndjson", "application/x-ndjson")
CSV = _format("csv", "text/csv", "; header=present")
GEOJSON = _format("geojson", "application/geo+json")
PATCH = _format("json-patch", "application/json-patch+json")
ZIP = _format("zip", "application/zip")
TABLES = _format("csv", "application/vnd.recension.csv+zip")
LINKSET = _format(
    "linkset",
    "application/linkset+json",
    '; profile="https://www.rfc-editor.org/info/rfc9727"',
)
CITATION = _format("citation", "text/plain")
BIBTEX = _format("bibtex", "application/x-bibtex", "; charset=utf-8")
CSL = _format("csl-json", "application/vnd.citationstyles.csl+json")

FORMATS: Mapping[str, Format] = {
    form.media_type: form
    for form in (JSON, NDJSON, CSV, GEOJSON, PATCH, ZIP, TABLES, CITATION, LINKSET, BIBTEX, CSL)
}
"""Media type, as an operation declares it, to the form."""

PACKED: Mapping[str, str] = {TABLES.media_type: f"deflate {zlib.ZLIB_RUNTIME_VERSION}"}
"""Media type of a form that is compressed in itself to what its bytes depend on as well: a library
may write others in time, as with codings. The zip of a folder is stored, and has none.
"""

HEADERS: dict[str, Any] = {
    "Vary": {
        "description": "`Accept-Encoding`, and `Accept` where that header and not `format=` chose"
        " the form.",
        "schema": {"type": "string"},
    },
    "Form-Version": {
        "description": "Of CSV and GeoJSON, which are derived: the version of the form. What a"
        " revision says never changes; how these say it may.",
        "schema": {"type": "string", "pattern": "^[1-9][0-9]*$"},
    },
}


def parameter(*forms: Format) -> Code:
    """Return the parameter `format` of an operation that answers in these forms."""
    told = "The form of the answer; it wins over `Accept`, and links carry it."
    return Code([form.name for form in forms], told)


def escape() -> Code:
    """Return the parameter `escape` of an operation that answers tables."""
    told = (
        "`formulas` puts `'` before each cell of CSV that a spreadsheet would take for a formula,"
        " before each that begins with `'`, and before the first name of the header. Without it"
        " cells are exact."
    )
    return Code(("formulas",), told)


def escapes(question: Question) -> bool:
    """Say whether tables are escaped. Raises `BadArguments` where there is no table."""
    if "escape" not in question.query:
        return False
    require(question, ("csv",), "escape")
    return True


def require(question: Question, forms: Collection[str], *names: str) -> None:
    """Raise `BadArguments` where parameters are given that say nothing in the form asked for."""
    if question.format not in forms:
        due = f"goes with format={' or '.join(forms)} only"
        if wrong := {name: due for name in names if name in question.query}:
            raise BadArguments(wrong)


def versioned(answer: Answer, form: int) -> Answer:
    """Return an answer of a derived form with the version of that."""
    return answer.saying("Form-Version", str(form))


def chosen(offered: Iterable[str]) -> str:
    """Return the media type that the request asks for, of those offered; the first where it is all
    one. Raises `NotAcceptable`.
    """
    best = _best(tuple(offered), request.args.get("format"), request.headers.get("Accept", ""))
    if best is None:
        raise http.NotAcceptable
    return best


# Clients send few different headers, over and over.
@lru_cache(maxsize=512)
def _best(types: tuple[str, ...], named: str | None, header: str) -> str | None:
    for each in types:
        if each in FORMATS and FORMATS[each].name == named:
            return each
    ranges = parse_accept_header(header, MIMEAccept)
    if not ranges:
        return types[0]
    best = max(types, key=lambda each: _quality(each, ranges))
    return best if _quality(best, ranges) else None


def unpaged(question: Question) -> None:
    """Raise `BadArguments` where a part of a list is asked for in a form that tells it whole."""
    due = f"does not go with format={question.format}, which tells everything in one stream"
    given = dict(question.address.query)
    if wrong := {name: due for name in PAGING if name in given}:
        raise BadArguments(wrong)


def lines(bodies: Iterable[bytes]) -> Iterator[bytes]:
    """Return NDJSON: each body on a line of its own."""
    return (body + b"\n" for body in bodies)


def _quality(media_type: str, accept: MIMEAccept) -> float:
    """Return how welcome a form is to the client: the most exact range that takes it in says."""
    ours = {"charset": "utf-8"}
    if media_type in FORMATS:
        ours |= parse_options_header(FORMATS[media_type].content_type)[1]
    ranges = {"*/*": 1, f"{media_type.partition('/')[0]}/*": 2, media_type: 3}
    exactness, quality = 0, 0.0
    for accepted, how_welcome in accept:
        name, asked = parse_options_header(accepted.lower())
        if name in ranges and asked.items() <= ours.items():
            told = ranges[name] + len(asked), how_welcome
            exactness, quality = max((exactness, quality), told)
    return quality
