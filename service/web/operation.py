"""The decorator that declares a route: its path, parameters, answers, errors and caching.

A declaration is the single source of both the behaviour and the OpenAPI document. A read below a
dataset is given the revision that it answers for; one declared `pinnable` exists below
`…/datasets/D` and, for ever the same, below `…/datasets/D/revisions/N`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from inspect import cleandoc
from typing import Any

from flask import Flask, Response, request
from marshmallow import Schema
from werkzeug import exceptions as http

from service.reading import datasets
from service.web import address, arguments, caching, cursors
from service.web.address import Address
from service.web.answers import PerKind
from service.web.caching import Policy
from service.web.question import Question, Service
from service.web.representation import Answer

NOTHING = arguments.Query()
"""The query of an operation that takes no parameters."""

Form = Schema | PerKind | dict[str, Any]
"""What an answer must obey: a schema, one for each kind, or plain JSON Schema."""


@dataclass(frozen=True)
class Operation:
    """A declared route and the function that answers it."""

    path: str
    name: str
    tag: str
    body: Callable[..., Answer]
    answers: Mapping[str, Form]
    query: Schema
    errors: tuple[type[Exception], ...]
    caching: Policy
    pinnable: bool
    pinned_by: str
    headers: tuple[str, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The path templates: of the moving read, then of the pinned one."""
        start = address.DATASETS + "/{dataset}"
        pinned = self.path.replace(start, start + "/revisions/{revision}", 1)
        return (self.path, pinned) if self.pinnable else (self.path,)

    @property
    def text(self) -> str:
        """What the document says of it: a line of summary, then the description."""
        return cleandoc(self.body.__doc__ or "")

    def moves(self, path: str) -> bool:
        """Say whether answers at a path template may name another address that pins them."""
        return bool(self.pinned_by) or (self.pinnable and path == self.path)

    def mount(self, app: Flask, service: Service) -> None:
        """Serve the operation."""

        def view(**path: Any) -> Response:
            return self.respond(service, path)

        for number, template in enumerate(self.paths):
            app.add_url_rule(
                arguments.rule(template), f"{self.name}.{number}", view, methods=["GET"]
            )

    def respond(self, service: Service, path: dict[str, Any]) -> Response:
        """Answer the current request."""
        self._require_acceptable()
        query = arguments.parser.parse(self.query, request, location="query")
        place = Address(request.path, arguments.canonical(request.args))
        if self.caching != "revision":
            return self._unversioned(Question(service, place, query), path)
        return self._versioned(service, place, query, path)

    def _require_acceptable(self) -> None:
        """Raise `NotAcceptable` where the Accept header admits no form of the answer."""
        accepted = request.accept_mimetypes
        forms = [form + more for form in self.answers for more in ("", "; charset=utf-8")]
        if accepted and not any(map(accepted.quality, forms)):
            raise http.NotAcceptable

    def _unversioned(self, question: Question, path: dict[str, Any]) -> Response:
        response = self.body(question, **path).response()
        if self.caching == "never":
            response.headers["Cache-Control"] = caching.NEVER
            return response
        policy = caching.DAY if self.caching == "day" else caching.MOVING
        return caching.answered(response, policy, caching.body_tag(response))

    def _versioned(
        self, service: Service, place: Address, query: Mapping[str, Any], path: dict[str, Any]
    ) -> Response:
        dataset = path.pop("dataset")
        number = path.pop("revision", query.get(self.pinned_by))
        cursor = cursors.decode(query["cursor"]) if "cursor" in query else None
        if cursor:
            # A walk goes on at the revision where it began, also at the moving address.
            number = cursor.revision if number is None else number
            cursors.check(cursor, self._pinned(place, dataset, number) or place)
        reading = datasets.at(service.db, dataset, number)
        pinned = self._pinned(place, dataset, reading.revision.number)
        etag = caching.tag(reading, service.base, place, next(iter(self.answers)))
        if caching.held(etag):
            response = Response(status=HTTPStatus.NOT_MODIFIED)
        else:
            question = Question(service, place, query, cursor, pinned)
            response = self.body(question, reading, **path).response()
        if pinned and not reading.pinned:
            response.headers["Content-Location"] = f"{service.base}{pinned}"
        policy = caching.PINNED if reading.pinned else caching.MOVING
        return caching.answered(response, policy, etag)

    def _pinned(self, place: Address, dataset: str, number: int) -> Address | None:
        """Return the address whose answer never changes, where the operation has one."""
        if self.pinned_by:
            return place.asking(**{self.pinned_by: number})
        if not self.pinnable or place.path.startswith(f"{address.revision(dataset, number).path}/"):
            return None
        return place.below(dataset, number)


def operation(
    path: str,
    *,
    name: str,
    tag: str,
    answers: Mapping[str, Form],
    query: Schema = NOTHING,
    errors: tuple[type[Exception], ...] = (),
    caching: Policy = "revision",
    pinnable: bool = False,
    pinned_by: str = "",
    headers: tuple[str, ...] = (),
) -> Callable[[Callable[..., Answer]], Operation]:
    """Declare the function below as the answer to a path template.

    `answers` maps each media type to its schema; `errors` are those beside what every operation
    may answer; `pinned_by` is the query parameter that names the revision; `headers` are told
    beside those that caching implies.
    """

    def declare(body: Callable[..., Answer]) -> Operation:
        return Operation(
            path, name, tag, body, answers, query, errors, caching, pinnable, pinned_by, headers
        )

    return declare
