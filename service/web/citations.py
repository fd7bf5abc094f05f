"""Citations of what a pinned address answers, without any state: `format=citation` and its like.

A citation names the dataset, the revision and the address, and the sha256 of the bytes that the
address answers. So whoever holds one can fetch the address and see whether it is as cited.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from threading import BoundedSemaphore
from typing import Any

import orjson
from flask import g
from marshmallow import Schema

from schemas.fields import Code
from service.model import Reading
from service.reading import records
from service.web import formats
from service.web.address import Address
from service.web.question import Question
from service.web.representation import Answer, digested
from service.web.streams import Sent

ANSWERS: Mapping[str, dict[str, Any]] = {
    formats.CITATION.media_type: {
        "type": "string",
        "description": "The citation in words: one line.",
        "pattern": r"^[^\n]+ sha256 [0-9a-f]{64}[.]\n$",
    },
    formats.BIBTEX.media_type: {
        "type": "string",
        "description": "The citation as an entry `@misc` of BibTeX.",
        "pattern": r"^@misc\{",
    },
    formats.CSL.media_type: {"$ref": "#/components/schemas/CslCitation"},
}
"""The forms of a citation, beside those of the answer that is cited."""

CSL_SCHEMA: dict[str, Any] = {
    "type": "array",
    "description": "The citation as CSL-JSON: one item.",
    "minItems": 1,
    "maxItems": 1,
    "items": {
        "type": "object",
        "required": ["id", "type", "title", "publisher", "version", "issued", "URL", "note"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string"},
            "type": {"const": "dataset"},
            "title": {"type": "string"},
            "publisher": {"type": "string", "format": "uri"},
            "version": {"type": "string", "description": "The number of the revision."},
            "issued": {
                "type": "object",
                "required": ["date-parts"],
                "additionalProperties": False,
                "properties": {
                    "date-parts": {
                        "type": "array",
                        "description": "Year, month and day in UTC.",
                        "items": {"type": "array", "items": {"type": "integer"}},
                    }
                },
            },
            "URL": {"type": "string", "format": "uri"},
            "note": {"type": "string", "pattern": "^sha256 [0-9a-f]{64}$"},
        },
    },
}

NAMES = (formats.CITATION.name, formats.BIBTEX.name, formats.CSL.name)

_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        # BibTeX counts braces also where they are escaped.
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        **{sign: f"\\{sign}" for sign in "#$%&_"},
    }
)


@dataclass(frozen=True)
class Citation:
    """What a citation says, in no form yet."""

    dataset: str
    revision: int
    issued: str
    title: str
    publisher: str
    url: str
    digest: str

    @property
    def id(self) -> str:
        """A key for a bibliography: another result has another."""
        return f"{self.dataset}-{self.revision}-{self.digest[:12]}"

    @property
    def date(self) -> tuple[int, int, int]:
        """Year, month and day, UTC."""
        year, month, day = self.issued[:10].split("-")
        return int(year), int(month), int(day)


def with_format(query: Schema) -> Schema:
    """Return a query with the forms of citations beside those that it has."""
    named = query.fields.get("format")
    forms = named.values if isinstance(named, Code) else ()
    wins = "The form of the answer; it wins over `Accept`, and links carry it. " if forms else ""
    told = (
        f"{wins}`{'`, `'.join(NAMES)}` cite what the pinned address answers without `format`, with"
        " its sha256; `Accept` does not ask for them."
    )
    members: dict[str, Any] = {"format": Code((*forms, *NAMES), told)}
    return type(query).from_dict(members, name=f"Cited{type(query).__name__}")()


def is_asked(query: Mapping[str, Any]) -> bool:
    """Say whether a parsed query asks for a citation."""
    return query.get("format") in NAMES


def uncited(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the query of the pinned answer that is cited."""
    return {name: v for name, v in query.items() if name not in ("format", "as_of", "clock")}


def of(question: Question, reading: Reading, cited: Answer, place: Address) -> Answer:
    """Return the citation of an answer that is found at a place."""
    document = orjson.loads(records.document(question.db, reading).body)
    citation = Citation(
        reading.dataset.name,
        reading.revision.number,
        reading.revision.issued,
        " ".join(document["title"].split()),
        question.service.base,
        question.url(place.asking(format=None)),
        _digest(cited, question.service.streaming),
    )
    name = question.query["format"]
    body = _WRITERS[name](citation).encode()
    answer = Answer(body, _content_type(name), question.links())
    return _with_headers(answer, cited, f"{citation.id}.{_SUFFIXES[name]}")


def _digest(answer: Answer, turns: BoundedSemaphore) -> str:
    """Return the sha256 of a body. A stream is read to its end in a turn of its own."""
    if isinstance(answer.body, bytes):
        return sha256(answer.body).hexdigest()
    found = sha256()
    for chunk in Sent(answer.body, turns, g.request_id):
        found.update(chunk)
    return found.hexdigest()


def _with_headers(answer: Answer, cited: Answer, filename: str) -> Answer:
    """Return the citation with the headers of the operation, as they are true of it."""
    if "Change-Counts" in cited.headers:
        answer = answer.saying("Change-Counts", cited.headers["Change-Counts"])
    if "Content-Disposition" in cited.headers:
        answer = answer.saying("Content-Disposition", f'attachment; filename="{filename}"')
    return digested(answer) if "Repr-Digest" in cited.headers else answer


def _content_type(name: str) -> str:
    return next(form.content_type for form in formats.FORMATS.values() if form.name == name)


def _in_words(citation: Citation) -> str:
    return (
        f"{citation.title}. Revision {citation.revision}, issued {citation.issued}."
        f" {citation.publisher}. {citation.url} sha256 {citation.digest}.\n"
    )


def _bibtex(citation: Citation) -> str:
    year, month, _ = citation.date
    fields = {
        "title": f"{{{citation.title.translate(_TEX)}}}",
        "publisher": citation.publisher.translate(_TEX),
        "version": citation.revision,
        "year": f"{year:04}",
        "month": month,
        "url": citation.url,
        "note": f"Revision {citation.revision}, issued {citation.issued}, sha256 {citation.digest}",
    }
    told = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{citation.id},\n{told}}}\n"


def _csl(citation: Citation) -> str:
    item = {
        "id": citation.id,
        "type": "dataset",
        "title": citation.title,
        "publisher": citation.publisher,
        "version": str(citation.revision),
        "issued": {"date-parts": [citation.date]},
        "URL": citation.url,
        "note": f"sha256 {citation.digest}",
    }
    return orjson.dumps([item]).decode()


_WRITERS: Mapping[str, Callable[[Citation], str]] = dict(
    zip(NAMES, (_in_words, _bibtex, _csl), strict=True)
)
_SUFFIXES = dict(zip(NAMES, ("txt", "bib", "json"), strict=True))
