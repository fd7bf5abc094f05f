"""Headers that every answer carries, whatever it is."""

from typing import Any

from flask import Flask, Response, abort, request
from werkzeug.routing import RequestRedirect

LARGEST_BODY = 1024
"""What an operation that takes no body still lets pass; more is refused before anything else."""

LONGEST_ADDRESS = 8192
"""Bytes of a path and query; more is refused."""

POLICY = "Content-Security-Policy"

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    POLICY: "default-src 'none'; frame-ancestors 'none'",
}

_OTHERS = {name: value for name, value in ALWAYS.items() if name != POLICY}

HEADERS: dict[str, Any] = {
    POLICY: {
        "required": True,
        "description": "What a browser may load for this page: nothing from other hosts.",
        "schema": {"type": "string"},
    },
}


def register(app: Flask) -> None:
    """Guard every request and answer."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.before_request(lambda: _refuse(app))
    app.after_request(_guarded)


def _refuse(app: Flask) -> None:
    """Refuse what is too large, and the framework's redirects: they would repeat the Host."""
    if len(request.path) + len(request.query_string) > LONGEST_ADDRESS:
        abort(414)
    view = app.view_functions.get(request.endpoint or "")
    takes_body = getattr(view, "takes_body", False)
    if (request.content_length or 0) > LARGEST_BODY and not takes_body:
        abort(413)
    if isinstance(request.routing_exception, RequestRedirect):
        abort(404)


def _guarded(response: Response) -> Response:
    # A page has a policy of its own; the others are set here alone, and need not be looked for.
    response.headers.extend(_OTHERS if POLICY in response.headers else ALWAYS)
    return response
