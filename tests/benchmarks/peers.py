"""Servers that do nothing but send stored bytes: the floors that the service is told against; and
one that asks the store what an answer needs and does nothing else: what the service cannot pass.

All read bodies from the lines of the file that `PEER_BODIES` names, and answer `/bodies/N` with
one of them, around and around. `bare` is a WSGI function; `floor` is a route of Flask; `store` is
`bare` with a look into the store that `PEER_DATABASE` names before each answer, as a kept one needs
it. It answers `/pages/ID` with the figures that follow one, and `/tags/N` with 304.
"""

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import apsw
from flask import Flask, Response

from tests.benchmarks.dataset import NAME

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

JSON = "application/json"

PAGE = (
    "SELECT body FROM figures WHERE dataset = ? AND id > ? AND +since <= ? AND +until > ?"
    " ORDER BY id LIMIT 100"
)
"""The rows of a page, by the key of a dataset, an id, and a revision twice."""


def _bodies() -> list[bytes]:
    return Path(os.environ["PEER_BODIES"]).read_bytes().splitlines()


def bare() -> Application:
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


def store() -> Application:
    """Return the function that asks the store."""
    bodies, own = _bodies(), threading.local()
    look = "SELECT id, head FROM datasets WHERE name = ?"

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not hasattr(own, "connection"):
            own.connection = apsw.Connection(os.environ["PEER_DATABASE"])
            own.connection.pragma("cache_size", -65_536)
        key, head = own.connection.execute(look, (NAME,)).fetchone()
        _, sort, name = environ["PATH_INFO"].split("/")
        if sort == "tags":
            start_response("304 Not Modified", [])
            return []
        if sort == "pages":
            rows = own.connection.execute(PAGE, (key, name, head, head)).fetchall()
            body = ",".join([row[0] for row in rows]).encode()
        else:
            body = bodies[int(name) % len(bodies)]
        start_response("200 OK", [("Content-Type", JSON), ("Content-Length", str(len(body)))])
        return [body]

    return answer
