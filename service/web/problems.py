"""Errors as problem details (RFC 9457): one table says what each error of the domain means in HTTP.

The `type` of a problem is where the OpenAPI document describes it. Errors are never cached, and an
error that nobody foresaw tells the client nothing but that it happened.
"""

import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson
from flask import Flask
from werkzeug import exceptions as http

from service import errors
from service.web import access, bodies, idempotency
from service.web.representation import Response

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "5"

MOST = 1000
"""Places that a problem names; its `detail` counts all."""

HEADERS: dict[str, Any] = {
    "Allow": {
        "required": True,
        "description": "The methods that the resource has.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "required": True,
        "description": "After how many seconds to try again.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
}

log = logging.getLogger("recension.web")


class BadArguments(errors.BadQuery):
    """Parameters of a query are wrong; `details` says of each what would be right."""

    def __init__(self, details: Mapping[str, str]) -> None:
        name = next(iter(details))
        super().__init__(f"the parameter {name!r} {details[name]}", name)
        self.details = details


class Busy(errors.RecensionError):
    """As much as the service does at once is being done."""


class Problem(NamedTuple):
    """What an error is in HTTP, and how the OpenAPI document describes it."""

    name: str
    status: int
    title: str
    description: str

    @property
    def type(self) -> str:
        """A stable address of the description, relative to the service."""
        return f"/openapi.json#/components/responses/{self.name}" if self.name else "about:blank"

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers that it has beside those of every answer."""
        told = {
            401: ("WWW-Authenticate",),
            405: ("Allow",),
            416: ("Content-Range",),
            503: ("Retry-After",),
        }
        return told.get(self.status, ())

    def told(
        self, detail: str, places: Iterable[Mapping[str, Any]] = (), **more: str
    ) -> dict[str, Any]:
        """Return the problem details; `more` are members beside those of every problem."""
        listed = list(places)[:MOST]
        return {
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": detail,
            **more,
            **({"errors": listed} if listed else {}),
        }


PROBLEMS: Mapping[type[Exception], Problem] = {
    errors.BadQuery: Problem(
        "BadQuery", 400, "Bad query", "A parameter is unknown, repeated or malformed."
    ),
    access.Unauthorized: Problem(
        "Unauthorized", 401, "Unauthorized", "A token is needed, and none that is known came."
    ),
    access.Forbidden: Problem(
        "Forbidden",
        403,
        "Forbidden",
        "The token is for another dataset, or publishing over HTTP is off.",
    ),
    errors.NotFound: Problem(
        "NotFound", 404, "Not found", "There is nothing of this name; `detail` says what there is."
    ),
    http.NotFound: Problem(
        "NoSuchPath",
        404,
        "No such path",
        "No resource has this path; `/v1` links to those there are.",
    ),
    http.MethodNotAllowed: Problem(
        "MethodNotAllowed", 405, "Method not allowed", "`Allow` names the methods that are."
    ),
    http.NotAcceptable: Problem(
        "NotAcceptable",
        406,
        "Not acceptable",
        "No form of the answer suits `Accept`, or no coding `Accept-Encoding`.",
    ),
    bodies.TooSlow: Problem("TooSlow", 408, "Too slow", "The body did not arrive in time."),
    errors.HeadMoved: Problem(
        "HeadMoved", 409, "Head moved", "Another revision was published in the meantime."
    ),
    errors.ApprovalNeeded: Problem(
        "ApprovalNeeded", 409, "Approval needed", "A guard holds the release until it is approved."
    ),
    idempotency.KeyInUse: Problem(
        "KeyInUse", 409, "Key in use", "The request of this `Idempotency-Key` is being answered."
    ),
    errors.Gone: Problem(
        "Gone", 410, "Gone", "The record was redacted; `detail` gives the reason."
    ),
    http.RequestEntityTooLarge: Problem(
        "TooLarge", 413, "Content too large", "The request has a body larger than is read here."
    ),
    http.RequestURITooLarge: Problem(
        "AddressTooLong",
        414,
        "Address too long",
        "The path and query are longer than 8192 bytes; ask for less at a time.",
    ),
    errors.TooLarge: Problem(
        "ReleaseTooLarge",
        413,
        "Release too large",
        "The release is larger than is taken over HTTP; `recension load` takes it.",
    ),
    bodies.UnsupportedMedia: Problem(
        "UnsupportedMedia",
        415,
        "Unsupported media type",
        "The body has a type, a charset or a coding that is not read.",
    ),
    http.RequestedRangeNotSatisfiable: Problem(
        "RangeNotSatisfiable",
        416,
        "Range not satisfiable",
        "The answer has fewer bytes than `Range` asks from; `Content-Range` says how many.",
    ),
    errors.Refused: Problem(
        "Refused", 422, "Refused", "A release cannot be published; `errors` names each place."
    ),
    idempotency.KeyReused: Problem(
        "KeyReused", 422, "Key reused", "The `Idempotency-Key` was used for another request."
    ),
    http.InternalServerError: Problem(
        "InternalError", 500, "Internal error", "The service failed; its log has the request id."
    ),
    errors.Unavailable: Problem(
        "Unavailable", 503, "Unavailable", "The store cannot answer now; try again later."
    ),
    errors.OutOfTime: Problem(
        "OutOfTime",
        503,
        "Out of time",
        "The question takes longer than one may; ask for less, or try again later.",
    ),
    Busy: Problem(
        "Busy", 503, "Busy", "As much as is done of this at once is being done; try later."
    ),
}


def register(app: Flask) -> None:
    """Answer every error with a problem."""
    app.register_error_handler(errors.RecensionError, tell)
    app.register_error_handler(errors.Unavailable, _unavailable)
    app.register_error_handler(http.HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def respond(
    problem: Problem, detail: str, places: Iterable[Mapping[str, Any]] = (), **more: str
) -> Response:
    """Return the answer that tells a problem."""
    body = orjson.dumps(problem.told(detail, places, **more))
    response = Response(body, problem.status, mimetype=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = RETRY_AFTER
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = access.CHALLENGE
    return response


def tell(error: errors.RecensionError) -> Response:
    """Return the answer to an error of the domain."""
    known = next((kind for kind in type(error).__mro__ if kind in PROBLEMS), None)
    if known is None:
        return _unforeseen(error)
    more = {"ingestion": error.ingestion} if error.ingestion else {}
    advice = ""
    if isinstance(error, errors.ApprovalNeeded):
        more["digest"] = error.digest
        advice = "; if that is right, repeat the request with `approve` and this digest"
    return respond(PROBLEMS[known], error.message + advice, _places(error), **more)


def _unavailable(error: errors.Unavailable) -> Response:
    """Tell clients no more than that: where the store lies and what it said is for the log."""
    log.error("the store cannot answer: %s", error.message)
    problem = PROBLEMS[errors.Unavailable]
    told = error.message if isinstance(error, errors.Unjudged) else problem.description
    return respond(problem, told)


def _places(error: errors.RecensionError) -> list[dict[str, Any]]:
    """Return where the error lies: parameters of a query, or pointers into a release."""
    match error:
        case BadArguments(details=details):
            return [{"detail": text, "parameter": name} for name, text in details.items()]
        case errors.BadQuery():
            return [{"detail": error.message, "parameter": error.parameter}]
        case errors.Refused(flaws=flaws):
            return [
                {"detail": flaw.detail, "pointer": flaw.place.pointer, "file": flaw.place.file}
                | ({"line": flaw.place.line} if flaw.place.line else {})
                for flaw in flaws
            ]
    return []


def _http(error: http.HTTPException) -> Response:
    """Tell what the framework refused; what the table lacks has no type of its own."""
    status = HTTPStatus(error.code or 500)
    problem = PROBLEMS.get(type(error))
    response = respond(
        problem or Problem("", status, status.phrase, ""),
        problem.description if problem else str(error.description),
    )
    if isinstance(error, http.RequestedRangeNotSatisfiable):
        response.headers["Content-Range"] = f"bytes */{error.length}"
    if isinstance(error, http.MethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return response


def _unforeseen(error: Exception) -> Response:
    log.error("a request failed", exc_info=error)
    problem = PROBLEMS[http.InternalServerError]
    return respond(problem, problem.description)
