"""The decorator that declares a route: its path, parameters, answers, errors and caching.

A declaration is the single source of both the behaviour and the OpenAPI document. A read below a
dataset is given the revision that it answers for; one declared `pinnable` exists below
`…/datasets/D` and, for ever the same, below `…/datasets/D/revisions/N`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from http import HTTPStatus
from inspect import cleandoc
from typing import Any

from flask import Flask, request
from marshmallow import Schema
from werkzeug.routing import Rule

from schemas import KINDS
from service.model import Reading
from service.reading import datasets
from service.web import (
    access,
    address,
    arguments,
    caching,
    citations,
    codings,
    cursors,
    discovery,
    formats,
    front,
    gate,
    memento,
    ranges,
    sharing,
    streams,
)
from service.web.address import Address
from service.web.answers import PerKind
from service.web.caching import Policy
from service.web.cursors import Cursor
from service.web.likeness import Likeness
from service.web.moulds import Model
from service.web.question import Question, Service
from service.web.representation import JSON, Answer, Response
from service.web.terms import PLAIN, Terms

NOTHING = arguments.Query()
"""The query of an operation that takes no parameters."""

Form = Schema | PerKind | dict[str, Any]
"""What an answer must obey: a schema, one for each kind, or plain JSON Schema."""

Asked = Schema | PerKind
"""The parameters of an operation, or those of each kind."""


@dataclass(frozen=True)
class Operation:
    """A declared route and the function that answers it."""

    path: str
    name: str
    tag: str
    body: Callable[..., Answer]
    answers: Mapping[str, Form]
    query: Asked
    errors: tuple[type[Exception], ...]
    caching: Policy
    pinnable: bool
    pinned_by: str
    headers: tuple[str, ...]
    terms: Terms
    dated: bool
    resumable: bool
    like: Callable[..., Likeness | None] | None

    @property
    def paths(self) -> tuple[str, ...]:
        """The path templates: of the moving read, then of the pinned one."""
        start = address.DATASETS + "/{dataset}"
        pinned = self.path.replace(start, start + "/revisions/{revision}", 1)
        return (self.path, pinned) if self.pinnable else (self.path,)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of record that it is declared for at once, or "" where it is of none."""
        return tuple(KINDS) if "{kind}" in self.path else ("",)

    def ids(self, path: str) -> dict[str, str]:
        """Return by kind the ids, in the document and in counts, of what answers at a template."""
        end = "" if path == self.path else "AtRevision"
        return {kind: self.name.format(**words(kind)) + end for kind in self.kinds}

    @property
    def text(self) -> str:
        """What the document says of it: a line of summary, then the description."""
        return cleandoc(self.body.__doc__ or "")

    @property
    def negotiates(self) -> bool:
        """Whether there are several forms of the answer, and `format=` to name one."""
        each = self.query.values() if isinstance(self.query, PerKind) else (self.query,)
        return any("format" in query.fields for query in each)

    @property
    def cites(self) -> bool:
        """Whether there is a pinned answer, in JSON, that can be cited."""
        stays = self.pinnable or self.pinned_by or "{revision}" in self.path
        return bool(stays) and self.caching == "revision" and JSON in self.answers

    def offered(self, kind: str) -> Mapping[str, Form]:
        """Return what the answers of a kind must obey by media type; the first is the usual one."""
        return {
            media_type: form[kind] if isinstance(form, PerKind) else form
            for media_type, form in self.answers.items()
            if not isinstance(form, PerKind) or kind in form
        }

    def forms(self, kind: str) -> Mapping[str, Form]:
        """Return the same with the forms of citations."""
        return {**self.offered(kind), **(citations.ANSWERS if self.cites else {})}

    @cached_property
    def pinned_query(self) -> Asked:
        """The parameters of the pinned read: those declared, and the forms of citations."""
        return _each(self.query, citations.with_format) if self.cites else self.query

    @cached_property
    def moving_query(self) -> Asked:
        """The parameters of the moving read: those of the pinned one, and an instant."""
        query = self.pinned_query
        return _each(query, arguments.with_instant) if self.dated else query

    def asked(self, kind: str, *, pinned: bool) -> Schema:
        """Return the parameters of a read, of a kind where it has one."""
        query = self.pinned_query if pinned else self.moving_query
        return query[kind] if isinstance(query, PerKind) else query

    def remembers(self, path: str) -> bool:
        """Say whether answers at a path template are how something was: mementos of RFC 7089."""
        return self.dated and "{revision}" in path

    def resumes(self, path: str) -> bool:
        """Say whether parts of answers at a path template can be asked for: of what is pinned."""
        return self.resumable and "{revision}" in path

    def moves(self, path: str) -> bool:
        """Say whether answers at a path template may name another address that pins them."""
        return bool(self.pinned_by) or (self.pinnable and path == self.path)

    def rules(self) -> Iterator[Rule]:
        """Yield where its view is found: each rule is of the path and the endpoint of one."""
        methods = [self.terms.method, *([] if self.terms.guarded else ["OPTIONS"])]
        for endpoint, template in self._endpoints():
            yield Rule(arguments.rule(template), endpoint=endpoint, methods=methods)

    def mount(self, app: Flask, service: Service) -> None:
        """Serve the operation where its rules lead."""
        # Other requests with a body are refused before they come here.
        told = {"takes_body": bool(self.terms.takes), "guarded": self.terms.guarded}
        for endpoint, template in self._endpoints():
            view = self._view(service, self.ids(template))
            vars(view).update(told, operation=self)
            app.view_functions[endpoint] = view

    def _view(self, service: Service, ids: Mapping[str, str]) -> Callable[..., Response]:
        def view(**path: Any) -> Response:
            request.environ[gate.OPERATION] = ids[path.get("kind", "")]
            if request.method == "OPTIONS":
                return sharing.preflight()
            with service.db.question():
                return self.respond(service, path)

        return view

    def _endpoints(self) -> list[tuple[str, str]]:
        return [(f"{self.name}.{number}", path) for number, path in enumerate(self.paths)]

    def respond(self, service: Service, path: dict[str, Any]) -> Response:
        """Answer the current request. Who may not ask learns nothing else."""
        grants = service.config.tokens
        grant = access.granted(grants, path["dataset"]) if self.terms.guarded else None
        kind = path.get("kind", "")
        media_type = self._media_type(kind)
        admitted = self.asked(kind, pinned="revision" in path)
        query = arguments.asked(admitted)
        place = Address(request.path, arguments.canonical(request.args))
        if self.negotiates and media_type != self._first:
            place = place.asking(format=formats.FORMATS[media_type].name)
        if self.caching != "revision":
            return self._unversioned(Question(service, place, query, grant=grant), path)
        response = self._versioned(service, place, query, path, media_type)
        if self.negotiates and "format" not in request.args:
            response.headers["Vary"] = "Accept, Accept-Encoding"
        return response

    def _media_type(self, kind: str) -> str:
        """Return the form that the request asks for: a citation by its name alone."""
        named = request.args.get("format")
        if self.cites and named in citations.NAMES:
            return next(each for each, form in formats.FORMATS.items() if form.name == named)
        return formats.chosen(self.offered(kind)) if self.answers else ""

    def _unversioned(self, question: Question, path: dict[str, Any]) -> Response:
        response = self.body(question, **path).response()
        if self.caching == "never":
            response.headers["Cache-Control"] = caching.NEVER
            return response
        policy = caching.DAY if self.caching == "day" else caching.MOVING
        codings.coded(
            response, codings.accepted(request.headers.get("Accept-Encoding")), lasting=True
        )
        response.headers.add("Vary", "Accept-Encoding")
        return caching.answered(response, policy, caching.body_tag(response))

    def _versioned(
        self,
        service: Service,
        place: Address,
        query: Mapping[str, Any],
        path: dict[str, Any],
        media_type: str,
    ) -> Response:
        read = self._cited(place) if citations.is_asked(query) else place
        reading, cursor = self._read(service, read, query, path)
        pinned = self._pinned(place, reading.dataset.name, reading.revision.number)
        wanted = codings.accepted(request.headers.get("Accept-Encoding"))
        made = media_type + formats.PACKED.get(media_type, "")

        def tagged(at: Address) -> list[str]:
            return [
                caching.tag(reading, service.base, at, made, coding) for coding in wanted.candidates
            ]

        form = formats.FORMATS[media_type].name if self.negotiates else "json"
        question = Question(service, place, query, cursor, pinned, form)
        like = self.like(question, reading, **path) if self.like else None
        tags, body = tagged(place), b""
        etag = caching.held(tags, request.headers.get("If-None-Match"))
        if etag:
            response = Response(status=HTTPStatus.NOT_MODIFIED)
        else:
            # A range is one of a stream, which is sent uncoded: its tag is the last.
            answer = ranges.asked_of(self._answer(question, reading, path), tags[-1])
            body = answer.body if isinstance(answer.body, bytes) else b""
            response = streams.sent(answer, service.streaming).response()
            if self.dated:
                memento.describe(response, service.base, place, reading)
            kept = place if reading.pinned else pinned
            cited = kept if self.cites else None
            discovery.describe(response, service.db, service.base, reading, cited)
            etag = tags[wanted.candidates.index(codings.coded(response, wanted))]
        if pinned and not reading.pinned:
            response.headers.add("Content-Location", f"{service.base}{pinned}")
        response.headers.add("Vary", "Accept-Encoding")
        if not response.is_streamed:
            model = Model(place, tagged, wanted, like, body) if like else None
            front.note(request.environ, reading, tags, model)
        policy = caching.PINNED if reading.pinned else caching.MOVING
        return caching.answered(response, policy, etag)

    def _answer(self, question: Question, reading: Reading, path: dict[str, Any]) -> Answer:
        """Return the answer, or the citation of that which its pinned address gives."""
        if not citations.is_asked(question.query):
            return self.body(question, reading, **path)
        at, number = replace(reading, pinned=True), reading.revision.number
        moving = self._cited(question.address)
        place = self._pinned(moving, reading.dataset.name, number) or moving
        cited = replace(
            question,
            address=place,
            query=citations.uncited(question.query),
            pinned=self._pinned(place, reading.dataset.name, number),
            format=formats.FORMATS[self._first].name,
        )
        return citations.of(question, at, self.body(cited, at, **path), place)

    @property
    def _first(self) -> str:
        """The media type that is answered where the request leaves it open."""
        return next(iter(self.answers), "")

    def _cited(self, place: Address) -> Address:
        """Return the address of what a citation is of: what is answered without `format`."""
        return place.asking(format=None)

    def _read(
        self, service: Service, place: Address, query: Mapping[str, Any], path: dict[str, Any]
    ) -> tuple[Reading, Cursor | None]:
        """Return the reading that is asked for, and the cursor, which has to belong to it."""
        dataset, dated = path.pop("dataset"), None
        number = path.pop("revision", query.get(self.pinned_by))
        if moment := arguments.moment(query):
            dated = datasets.as_of(service.db, dataset, *moment)
            number = dated.revision.number
        cursor = cursors.decode(query["cursor"]) if "cursor" in query else None
        if cursor:
            # A walk goes on at the revision where it began, also at the moving address.
            number = cursor.revision if number is None else number
            cursors.check(cursor, self._pinned(place, dataset, number) or place)
        return dated or datasets.at(service.db, dataset, number), cursor

    def _pinned(self, place: Address, dataset: str, number: int) -> Address | None:
        """Return the address whose answer never changes, where the operation has one."""
        if self.pinned_by:
            return place.asking(**{self.pinned_by: number})
        if not self.pinnable or place.path.startswith(f"{address.revision(dataset, number).path}/"):
            return None
        return place.below(dataset, number).asking(as_of=None, clock=None)


def words(kind: str) -> dict[str, str]:
    """Return the words for a kind that declarations leave open, by their names there."""
    singular = KINDS[kind].singular if kind else ""
    return {"kinds": kind, "Kinds": kind.capitalize(), "Kind": singular.capitalize()}


def _each(query: Asked, change: Callable[[Schema], Schema]) -> Asked:
    """Return the parameters, changed, of each kind where each has its own."""
    if isinstance(query, PerKind):
        return PerKind({kind: change(each) for kind, each in query.items()})
    return change(query)


def operation(
    path: str,
    *,
    name: str,
    tag: str,
    answers: Mapping[str, Form],
    query: Asked = NOTHING,
    errors: tuple[type[Exception], ...] = (),
    caching: Policy = "revision",
    pinnable: bool = False,
    pinned_by: str = "",
    headers: tuple[str, ...] = (),
    terms: Terms = PLAIN,
    dated: bool = False,
    resumable: bool = False,
    like: Callable[..., Likeness | None] | None = None,
) -> Callable[[Callable[..., Answer]], Operation]:
    """Declare the function below as the answer to a path template.

    `answers` maps each media type to its schema; `errors` are those beside what every operation
    may answer; `pinned_by` is the query parameter that names the revision; `headers` are told
    beside those that caching implies; `terms` are what a request has to bring. What is
    pinnable can be read as of an instant; so can what is `dated`. What is `resumable` can be asked
    for in parts where it is pinned. `like` is asked as the function is, and tells what its answers
    have in common, or None.
    """

    def declare(body: Callable[..., Answer]) -> Operation:
        return Operation(
            path,
            name,
            tag,
            body,
            answers,
            query,
            errors,
            caching,
            pinnable,
            pinned_by,
            headers,
            terms,
            pinnable or dated,
            resumable,
            like,
        )

    return declare
