"""Forms of answers: envelopes made by joining stored bodies, bare records, and their links."""

from base64 import b64encode
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import flask
import orjson
from werkzeug.datastructures import Headers
from werkzeug.http import remove_entity_headers

JSON = "application/json"
TEXT = "text/plain"

Links = Mapping[str, str]
"""Relation (of IANA's registry, or a resource's name) to absolute address."""

REGISTERED = (
    "self",
    "first",
    "next",
    "up",
    "collection",
    "describedby",
    "latest-version",
    "predecessor-version",
    "version-history",
    "api-catalog",
    "service-desc",
    "service-doc",
    "status",
)
"""The relations that the Link header tells; other names would need to be addresses there."""

HEADERS: dict[str, Any] = {
    "Location": {
        "description": "Where what was made is told of.",
        "schema": {"type": "string", "format": "uri"},
    },
    "Link": {
        "required": True,
        "description": f"Links (RFC 8288): {', '.join(REGISTERED)}, where they apply.",
        "schema": {"type": "string"},
    },
    "Content-Disposition": {
        "required": True,
        "description": "The name of a file to keep it in.",
        "schema": {"type": "string", "pattern": '^attachment; filename="[a-z0-9.-]+"$'},
    },
    "Repr-Digest": {
        "required": True,
        "description": "The sha256 of these bytes (RFC 9530).",
        "schema": {"type": "string", "pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$"},
    },
    "Change-Counts": {
        "required": True,
        "description": "How many changes the filters admit, in all and by kind and sort: a"
        " dictionary of RFC 9651, as in `total=3, figures.added=2, figures.modified=1`. `HEAD`"
        " tells it without the changes.",
        "schema": {"type": "string", "pattern": "^total=[0-9]+(, [a-z]+[.][a-z]+=[0-9]+)*$"},
    },
}


class Response(flask.Response):
    """A response that is sent with the headers that it has."""

    def get_wsgi_headers(self, environ: Any) -> Headers:
        """Return them uncopied: the framework quotes again what an `Address` has quoted, and looks
        twice through all of them, which takes a tenth of the time of a record.
        """
        headers = self.headers
        if self.status_code == HTTPStatus.NOT_MODIFIED:
            remove_entity_headers(headers)
        elif self.status_code == HTTPStatus.NO_CONTENT:
            headers.remove("Content-Length")
        elif self.is_sequence and "Content-Length" not in headers:
            headers["Content-Length"] = str(self.calculate_content_length())
        return headers


class Stream(Response):
    """A response that is never held as a whole."""

    implicit_sequence_conversion = False


@dataclass(frozen=True)
class Answer:
    """What a resource says, before HTTP. A body that is an iterator is sent as it is made.

    `since` makes it from some byte on, where it never changes and its length is known.
    """

    body: bytes | Iterator[bytes]
    media_type: str = JSON
    links: Links = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    since: Callable[[int], Iterator[bytes]] | None = None

    def saying(self, header: str, value: str) -> "Answer":
        """Return it with a header more."""
        return replace(self, headers={**self.headers, header: value})

    def response(self) -> Response:
        """Return it as a response with its links."""
        made = Response if isinstance(self.body, bytes) else Stream
        headers = list(self.headers.items())
        told = [f'<{self.links[rel]}>; rel="{rel}"' for rel in REGISTERED if rel in self.links]
        if told:
            headers.append(("Link", ", ".join(told)))
        return made(self.body, self.status, headers, mimetype=self.media_type)


def enveloped(
    data: Any, links: Links, meta: Mapping[str, Any] | None = None, **more: Any
) -> Answer:
    """Return `{"data", "links", "meta"}` and `more`; data may hold bodies, joined as they are."""
    envelope = {"data": data, "links": links} | ({"meta": meta} if meta else {}) | more
    return Answer(orjson.dumps(envelope), links=links)


def joined(bodies: Iterable[str]) -> orjson.Fragment:
    """Return canonical bodies as one list, never parsed."""
    return orjson.Fragment(f"[{','.join(bodies)}]")


def sparse(body: str, names: Collection[str]) -> str:
    """Return a body with only some of its members; what tells which record it is always stays."""
    kept = {"id", "redacted", *names}
    members = {name: value for name, value in orjson.loads(body).items() if name in kept}
    return orjson.dumps(members).decode()


@dataclass(frozen=True)
class Told:
    """Records as they are told: their bodies, and by kind those of the records included."""

    bodies: Sequence[str]
    included: Mapping[str, Sequence[str]] | None = None

    def enveloped(self, links: Links, meta: Mapping[str, Any], *, single: bool = False) -> Answer:
        """Return `{"data", "links", "meta"}`, and `included` if anything was asked for."""
        data = orjson.Fragment(self.bodies[0]) if single else joined(self.bodies)
        envelope = {"data": data, "links": links, "meta": meta}
        if self.included is not None:
            envelope["included"] = {kind: joined(each) for kind, each in self.included.items()}
        return Answer(orjson.dumps(envelope), links=links)


def bare(text: str, hexdigest: str, links: Links, media_type: str = JSON) -> Answer:
    """Return stored bytes as they are, with their digest and links in the headers."""
    answer = Answer(text.encode(), media_type, links)
    return answer.saying("Repr-Digest", repr_digest(bytes.fromhex(hexdigest)))


def digested(answer: Answer) -> Answer:
    """Return an answer that is made at once, with the digest of its bytes."""
    return answer.saying("Repr-Digest", repr_digest(sha256(answer.response().get_data()).digest()))


def repr_digest(digest: bytes) -> str:
    """Return the value of `Repr-Digest` for a sha256."""
    return f"sha-256=:{b64encode(digest).decode()}:"


def stated(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that say something: absence means not stated."""
    return {name: value for name, value in members.items() if value is not None}
