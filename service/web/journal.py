"""One JSON line for each request on standard error, and the id that ties it to an answer.

The lines of requests are written for many at once, within a twentieth of a second.
"""

import json
import logging
import random
import re
import time
import traceback
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
from flask import Flask, Response, g, has_request_context, request

from service.web.batch import Batch

SERVICE = logging.getLogger("recension")
log = SERVICE.getChild("requests")

GIVEN = re.compile("[A-Za-z0-9-]{1,64}")

HEADERS: dict[str, Any] = {
    "X-Request-ID": {
        "required": True,
        "description": "The id of the request, as given or made; the service's log has it too.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,64}$"},
    },
}


def register(app: Flask) -> None:
    """Number and log every request."""
    app.before_request(_begin)
    app.after_request(_end)


Members = dict[str, Any]


class Requests(logging.LogRecord):
    """What is logged of requests that were answered in the same moment, in their order: the instant
    of each, and what its line tells.
    """

    def __init__(self, notes: Sequence[tuple[float, Members]]) -> None:
        super().__init__(log.name, logging.INFO, "", 0, "request", (), None)
        self.notes = notes


class Lines(logging.Formatter):
    """Writes a record as one line of ASCII JSON, so that no control character gets through."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or those of requests."""
        if isinstance(record, Requests):
            return "\n".join(_line(record, at, members) for at, members in record.notes)
        members = {"request_id": g.request_id} if has_request_context() else {}
        if record.exc_info:
            members["error"] = "".join(traceback.format_exception(*record.exc_info))
        return _line(record, record.created, members)


def _line(record: logging.LogRecord, at: float, members: Members) -> str:
    second, fraction = divmod(at, 1)
    told = {
        "time": f"{_written(int(second))}.{int(fraction * 1000):03}Z",
        "level": record.levelname.lower(),
        "message": record.getMessage(),
        **members,
    }
    # A tenth of the time, and the same but for what is not plain ASCII.
    line = orjson.dumps(told).decode()
    return line if line.isascii() and line.isprintable() else json.dumps(told)


@lru_cache(maxsize=4)
def _written(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def to_standard_error() -> None:
    """Send what this service logs to standard error, one JSON line each."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    SERVICE.handlers, SERVICE.propagate = [handler], False
    SERVICE.setLevel(logging.INFO)
    # No line says which thread or process wrote it; to ask takes half the time of a line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def identified(environ: Mapping[str, Any]) -> str:
    """Return the id of a request, as given or made."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    # An id is no secret: to ask the system for one takes as long as a look into the store.
    return given if GIVEN.fullmatch(given) else f"{random.getrandbits(128):032x}"


def note(method: str, path: str, status: int, length: int, ms: float, request_id: str) -> None:
    """Have the line of a request written: `length` in bytes, `ms` to a tenth."""
    if log.isEnabledFor(logging.INFO):
        members = {"method": method, "path": path, "status": status, "bytes": length, "ms": ms}
        NOTES.add((time.time(), {**members, "request_id": request_id}))


def _write(notes: Sequence[tuple[float, Members]]) -> None:
    log.handle(Requests(notes))


NOTES = Batch(_write)
"""What was noted of requests and is not written yet."""


def _begin() -> None:
    g.request_id = identified(request.environ)
    g.began = time.monotonic()


def _length(response: Response) -> int:
    return response.content_length or response.calculate_content_length() or 0


def _end(response: Response) -> Response:
    response.headers.add("X-Request-ID", g.request_id)
    length = 0 if request.method == "HEAD" else _length(response)
    ms = round((time.monotonic() - g.began) * 1000, 1)
    note(request.method, request.path, response.status_code, length, ms, g.request_id)
    return response
