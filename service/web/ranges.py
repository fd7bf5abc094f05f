"""Parts of answers: a download that was cut off goes on where it ended (RFC 9110, section 14).

Only what never changes is told in parts: pinned answers of a length that is known. One range is
told at a time; whoever asks for several, or in another way, gets the whole, as the standard allows.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from flask import request
from werkzeug import exceptions as http

from service.web.representation import Answer

_RANGE = re.compile(r"bytes=[ \t]*(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))[ \t]*", re.ASCII)

PART = "A part of the answer, as `Range` asks for it."

RANGE: dict[str, Any] = {
    "name": "Range",
    "in": "header",
    "description": "One range of bytes, as in `bytes=1000-`: the answer is 206 with that part.",
    "schema": {"type": "string"},
}
IF_RANGE: dict[str, Any] = {
    "name": "If-Range",
    "in": "header",
    "description": "The ETag that the client has a part of; if it is another, the answer is whole.",
    "schema": {"type": "string"},
}

HEADERS: dict[str, Any] = {
    "Accept-Ranges": {
        "description": "That parts of the answer can be asked for by `Range`.",
        "schema": {"const": "bytes"},
    },
    "Content-Range": {
        "required": True,
        "description": "Which bytes these are, and of how many; of a 416 only of how many.",
        "schema": {"type": "string", "pattern": "^bytes ([0-9]+-[0-9]+|[*])/[0-9]+$"},
    },
}


def asked_of(answer: Answer, etag: str) -> Answer:
    """Return the part of an answer that the request asks for, or the answer.

    Raises `RequestedRangeNotSatisfiable` where it does not reach that far.
    """
    since = answer.since
    if since is None:
        return answer
    length = int(answer.headers["Content-Length"])
    answer = answer.saying("Accept-Ranges", "bytes")
    span = _span(request.headers.get("Range", ""), length)
    if span is None or request.method != "GET" or not _holds(etag):
        return answer
    first, end = span
    if first >= end:
        raise http.RequestedRangeNotSatisfiable(length)
    told = {
        "Content-Range": f"bytes {first}-{end - 1}/{length}",
        "Content-Length": str(end - first),
    }
    body = _first_bytes(since(first), end - first)
    return replace(
        answer, body=body, headers={**answer.headers, **told}, status=HTTPStatus.PARTIAL_CONTENT
    )


def _span(asked: str, length: int) -> tuple[int, int] | None:
    """Return the first byte and the one after the last, or None where the whole is told."""
    found = _RANGE.fullmatch(asked)
    if not found:
        return None
    first, last, suffix = (int(number) if number else None for number in found.groups())
    if suffix is not None:
        return max(0, length - suffix), length
    if first is None or (last is not None and last < first):
        return None
    return first, length if last is None else min(last + 1, length)


def _holds(etag: str) -> bool:
    """Say whether what the client has a part of is this: nothing but the strong tag shows it."""
    return request.headers.get("If-Range", f'"{etag}"') == f'"{etag}"'


def _first_bytes(chunks: Iterator[bytes], left: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk[:left]
        left -= len(chunk)
        if left <= 0:
            return
