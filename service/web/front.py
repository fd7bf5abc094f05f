"""What stands before the application: an answer that was made before is sent without making it.

An answer that follows from a revision is kept as the application gave it, by all of the request
that it depends on. A pinned one holds until something is redacted in its dataset, a moving one also
until something is published; so one look at the dataset, at each request and in whatever process
the change was made, tells whether it still holds. What is not kept, or comes with anything unusual,
goes on to the application.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from time import perf_counter
from typing import Any, NamedTuple

from werkzeug import exceptions as http

from service.config import Config
from service.errors import RecensionError
from service.model import Reading
from service.reading import datasets
from service.store import Database
from service.web import caching, codings, journal
from service.web.gate import OPERATION, Application, Environ, Start
from service.web.shelf import Shelf

Headers = list[tuple[str, str]]
Key = tuple[str, ...]

METHODS = frozenset({"GET", "HEAD"})

UNUSUAL = frozenset({"HTTP_RANGE", "HTTP_IF_RANGE", "HTTP_IF_MATCH", "HTTP_TRANSFER_ENCODING"})
"""Headers that are the application's to judge; so is a body."""

OWN = frozenset({"Date", "X-Request-ID"})
"""Headers that each answer has of its own."""

_BASIS = "recension.basis"


class Basis(NamedTuple):
    """What an answer follows from: the state of its dataset; and the tags that it may have."""

    dataset: str
    state: tuple[int, ...]
    pinned: bool
    tags: Sequence[str]


class Sent(NamedTuple):
    """What the application sent, without the headers that each answer has of its own."""

    status: str
    headers: Headers
    body: bytes

    @property
    def size(self) -> int:
        """The bytes that it takes."""
        return len(self.body) + sum(len(name) + len(value) + 150 for name, value in self.headers)


@dataclass(frozen=True)
class Kept:
    """What is known of a request: its answer, and what was sent to those who hold one of its tags.

    `operation` is what answered, as others before the application know it.
    """

    basis: Basis
    operation: str | None
    answer: Sent | None = None
    unchanged: dict[str, Sent] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The bytes that it takes."""
        return sum(sent.size for sent in (self.answer, *self.unchanged.values()) if sent)

    def sent(self, etag: str | None) -> Sent | None:
        """Return what was sent to a client that holds a tag of it, or none; None if not known."""
        return self.unchanged.get(etag) if etag else self.answer

    def knowing(self, etag: str | None, sent: Sent) -> "Kept":
        """Return it with something that was sent."""
        if etag:
            return Kept(self.basis, self.operation, self.answer, {**self.unchanged, etag: sent})
        return Kept(self.basis, self.operation, sent, self.unchanged)


def note(environ: Environ, reading: Reading, tags: Sequence[str]) -> None:
    """Tell what stands before the application what the answer follows from."""
    environ[_BASIS] = Basis(
        reading.dataset.name,
        (reading.dataset.redactions, reading.dataset.head.number),
        reading.pinned,
        tags,
    )


class Front:
    """A WSGI application before another."""

    def __init__(self, application: Application, db: Database, config: Config) -> None:
        self._application, self._db = application, db
        self._by_host = bool(config.trusted_hosts)
        self._shelf: Shelf[Kept] = Shelf(config.cache_bytes)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer from what is kept, or have it answered."""
        key = self._key(environ) if self._shelf.most else None
        if key is None:
            return self._application(environ, start)
        began = perf_counter()
        kept = self._shelf.get(key)
        if kept and self._holds(kept.basis):
            sent = kept.sent(_held(kept.basis, environ))
            if sent:
                return _again(sent, kept.operation, environ, start, began)
        return self._first(key, environ, start)

    def _key(self, environ: Environ) -> Key | None:
        """Return all of a request that its answer depends on, or None for an unusual one."""
        method = environ["REQUEST_METHOD"]
        if method not in METHODS or not UNUSUAL.isdisjoint(environ):
            return None
        if environ.get("CONTENT_LENGTH") not in (None, "", "0"):
            return None
        if "*" in environ.get("HTTP_IF_NONE_MATCH", ""):
            return None
        try:
            accepted = codings.accepted(environ.get("HTTP_ACCEPT_ENCODING"))
        except http.NotAcceptable:
            return None
        return (
            *(method, environ["PATH_INFO"], environ.get("QUERY_STRING", "")),
            *(environ.get("HTTP_ACCEPT", ""), *accepted.candidates),
            environ.get("HTTP_HOST", "") if self._by_host else "",
        )

    def _holds(self, basis: Basis) -> bool:
        """Say whether an answer is still what the application would say."""
        try:
            state = datasets.state(self._db, basis.dataset)
        except RecensionError:
            return False
        if state[:1] != basis.state[:1]:
            # What was erased stays nowhere, not even where nobody would be answered with it.
            self._shelf.clear()
            return False
        return basis.pinned or state == basis.state

    def _first(self, key: Key, environ: Environ, start: Start) -> Iterable[bytes]:
        """Have the application answer, and keep what may be sent again."""
        begun: list[Any] = []

        def noting(status: str, headers: Headers, *rest: Any) -> Any:
            begun[:] = [status, headers]
            return start(status, headers, *rest)

        parts = self._application(environ, noting)
        basis = environ.get(_BASIS)
        status, headers = begun
        if basis is None or int(status[:3]) not in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            return parts
        body = b"".join(parts)
        own = [header for header in headers if header[0] not in OWN]
        self._keep(key, basis, environ, Sent(status, own, body))
        return [body]

    def _keep(self, key: Key, basis: Basis, environ: Environ, sent: Sent) -> None:
        kept = self._shelf.get(key)
        if kept is None or kept.basis != basis:
            kept = Kept(basis, environ.get(OPERATION))
        etag = _held(basis, environ)
        if (int(sent.status[:3]) == HTTPStatus.NOT_MODIFIED) == bool(etag):
            known = kept.knowing(etag, sent)
            self._shelf.put(key, known, known.size)


def _held(basis: Basis, environ: Environ) -> str | None:
    return caching.held(basis.tags, environ.get("HTTP_IF_NONE_MATCH"))


def _again(
    sent: Sent, operation: str | None, environ: Environ, start: Start, began: float
) -> Iterable[bytes]:
    """Send what was sent before, with an id and a line in the log of its own."""
    request_id = journal.identified(environ)
    if operation:
        environ[OPERATION] = operation
    path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
    ms = round((perf_counter() - began) * 1000, 1)
    status = int(sent.status[:3])
    journal.note(environ["REQUEST_METHOD"], path, status, len(sent.body), ms, request_id)
    start(sent.status, [*sent.headers, ("Date", caching.now()), ("X-Request-ID", request_id)])
    return [sent.body]
