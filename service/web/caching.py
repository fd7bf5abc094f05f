"""Validators and freshness: strong ETags, 304 before data is read, and how long caches may keep.

The tag of a read below a dataset follows from its revision and address alone, so a poll that finds
nothing new costs one look at the head. A pinned answer never changes but by redaction, which is
why it is kept for a day and not for ever.
"""

import time
from collections.abc import Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Literal

from flask import request
from werkzeug.http import http_date, parse_etags

from service.canonical import canonical, digest
from service.model import Reading
from service.web.address import Address
from service.web.codings import VERSIONS
from service.web.representation import Response

REPRESENTATION = 6
"""Counts the forms that answers had: raise it when any answer changes at an unchanged revision."""

Policy = Literal["revision", "body", "day", "never"]
"""What an answer depends on: a revision, nothing but its body (kept for a day or not), or now."""

PINNED = "public, max-age=86400, immutable"
MOVING = "public, no-cache"
DAY = "public, max-age=86400"
NEVER = "no-store"

HEADERS: dict[str, Any] = {
    "ETag": {
        "required": True,
        "description": "A strong validator of these bytes; send it as `If-None-Match`.",
        "schema": {"type": "string", "pattern": '^"[0-9a-f]{32}"$'},
    },
    "Cache-Control": {
        "required": True,
        "description": "How long the answer may be kept.",
        "schema": {"enum": [PINNED, MOVING, DAY, NEVER]},
    },
    "Content-Location": {
        "description": "Where this answer stays as it is: its pinned address.",
        "schema": {"type": "string", "format": "uri"},
    },
}

IF_NONE_MATCH: dict[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "description": "ETags that the client holds; if one is still right, the answer is 304.",
    "schema": {"type": "string"},
}

NOT_MODIFIED = "The client's copy is still right. There is no body."


def tag(reading: Reading, base: str, address: Address, media_type: str, coding: str) -> str:
    """Return the tag of a read at a revision in a coding, without making the answer."""
    revision, redactions = reading.revision, reading.dataset.redactions
    return digest(
        canonical(
            [
                *(revision.chain, redactions, base, *address),
                *(media_type, VERSIONS[coding], REPRESENTATION),
            ]
        )
    )[:32]


def body_tag(response: Response) -> str:
    """Return the tag of an answer that belongs to no revision, by its bytes as they are sent."""
    return digest(response.get_data() + response.content_type.encode())[:32]


def held(tags: Sequence[str], header: str | None) -> str | None:
    """Return the first of the tags that an `If-None-Match` names, strong or weak, or None.

    `*` names none: it asks whether anything is there.
    """
    if not header:
        return None
    # Most clients send the one tag that they were given; to parse it takes ten times as long.
    for tag in tags:
        if header == f'"{tag}"':
            return tag
    asked = parse_etags(header)
    return next((tag for tag in tags if not asked.star_tag and asked.contains_weak(tag)), None)


def answered(response: Response, policy: str, etag: str) -> Response:
    """Set the validator and how long the answer may be kept; 304 if the client holds it."""
    response.headers.extend({"Cache-Control": policy, "ETag": f'"{etag}"', "Date": now()})
    held = response.status_code == HTTPStatus.NOT_MODIFIED
    if "HTTP_IF_MATCH" in request.environ or ("HTTP_IF_NONE_MATCH" in request.environ and not held):
        response.make_conditional(request)
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        for name in ("Link", "Repr-Digest", "Memento-Datetime"):
            response.headers.pop(name, None)
    return response


def now() -> str:
    """Return the value of `Date`."""
    return _date(int(time.time()))


_date = lru_cache(maxsize=4)(http_date)
