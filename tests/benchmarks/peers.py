"""Servers that do nothing but send stored bytes: the floors that the service is told against.

Both read bodies from the lines of the file that `PEER_BODIES` names, and answer `/bodies/N` with
one of them, around and around. `bare` is a WSGI function; `floor` is a route of Flask.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask, Response

JSON = "application/json"


def _bodies() -> list[bytes]:
    return Path(os.environ["PEER_BODIES"]).read_bytes().splitlines()


def bare() -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """Return the function that sends a body."""
    bodies = _bodies()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = bodies[int(environ["PATH_INFO"].rpartition("/")[2]) % len(bodies)]
        start_response("200 OK", [("Content-Type", JSON), ("Content-Length", str(len(body)))])
        return [body]

    return answer


def floor() -> Flask:
    """Return the application that sends a body."""
    bodies = _bodies()
    app = Flask(__name__)

    @app.get("/bodies/<int:number>")
    def body(number: int) -> Response:
        return Response(bodies[number % len(bodies)], mimetype=JSON)

    return app
