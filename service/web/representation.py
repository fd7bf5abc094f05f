"""Forms of answers: envelopes made by joining stored bodies, bare records, and their links."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from flask import Response

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
    "service-desc",
    "service-doc",
    "status",
)
"""The relations that the Link header tells; other names would need to be addresses there."""

HEADERS: dict[str, Any] = {
    "Link": {
        "required": True,
        "description": f"Links (RFC 8288): {', '.join(REGISTERED)}, where they apply.",
        "schema": {"type": "string"},
    },
    "Repr-Digest": {
        "required": True,
        "description": "The sha256 of these bytes (RFC 9530).",
        "schema": {"type": "string", "pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$"},
    },
}


@dataclass(frozen=True)
class Answer:
    """What a resource says, before HTTP."""

    body: bytes
    media_type: str = JSON
    links: Links = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """Return it as a response with its links."""
        response = Response(self.body, mimetype=self.media_type)
        response.headers.update(self.headers)
        told = [f'<{self.links[rel]}>; rel="{rel}"' for rel in REGISTERED if rel in self.links]
        if told:
            response.headers["Link"] = ", ".join(told)
        return response


def enveloped(data: Any, links: Links, meta: Mapping[str, Any] | None = None) -> Answer:
    """Return `{"data", "links", "meta"}`; data may hold bodies that are joined as they are."""
    envelope = {"data": data, "links": links} | ({"meta": meta} if meta else {})
    return Answer(orjson.dumps(envelope), links=links)


def joined(bodies: Iterable[str]) -> orjson.Fragment:
    """Return canonical bodies as one list, never parsed."""
    return orjson.Fragment(f"[{','.join(bodies)}]")


def bare(text: str, hexdigest: str, links: Links, media_type: str = JSON) -> Answer:
    """Return stored bytes as they are, with their digest and links in the headers."""
    told = b64encode(bytes.fromhex(hexdigest)).decode()
    return Answer(text.encode(), media_type, links, {"Repr-Digest": f"sha-256=:{told}:"})


def stated(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that say something: absence means not stated."""
    return {name: value for name, value in members.items() if value is not None}
