"""Scripts of other sites may read what anyone may read (CORS): every GET and HEAD, errors included.

What needs a token is shared with none: no answer depends on who runs the browser. Scripts see the
headers that the OpenAPI document names, and may send those that a read understands.
"""

from http import HTTPStatus

from flask import Flask, request

from service.web.headers import HEADERS
from service.web.representation import Response

READS = frozenset({"GET", "HEAD"})
METHODS = ("GET", "HEAD", "OPTIONS")

SEEN_ANYWAY = frozenset({"Cache-Control", "Content-Length", "Content-Type", "Last-Modified"})
"""Headers that every script may read."""

NOT_FOR_SCRIPTS = frozenset({"Content-Security-Policy", "Vary", "WWW-Authenticate"})
"""Headers that speak to browsers, to caches, and to those that bring tokens."""

EXPOSED = tuple(sorted(HEADERS.keys() - SEEN_ANYWAY - NOT_FOR_SCRIPTS))

ASKED = ("Accept", "Accept-Datetime", "If-None-Match", "If-Range", "Range", "X-Request-ID")
"""Headers of a request that a read understands."""

DAY = "86400"

SHARED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": ", ".join(EXPOSED),
}

PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": ", ".join(ASKED),
    "Access-Control-Max-Age": DAY,
    "Allow": ", ".join(METHODS),
    "Cache-Control": f"public, max-age={DAY}",
}


def register(app: Flask) -> None:
    """Share every read that needs no token."""

    def share(response: Response) -> Response:
        view = app.view_functions.get(request.endpoint or "")
        if request.method in READS and not getattr(view, "guarded", False):
            # Nobody else sets them, so nothing is looked for that they would replace.
            response.headers.extend(SHARED)
        return response

    app.after_request(share)


def preflight() -> Response:
    """Return what a browser asks before it lets a script read."""
    response = Response(status=HTTPStatus.NO_CONTENT)
    response.headers.update(PREFLIGHT)
    return response
