"""What stands before the application: an answer that was made before is sent without making it.

An answer that follows from a revision is kept as the application gave it, by all of the request
that it depends on. A pinned one holds until something is redacted in its dataset, a moving one also
until something is published; so one look at the dataset, at each request and in whatever process
the change was made, tells whether it still holds. What is not kept may be cast after an answer that
is like it (`moulds`). What is neither, or comes with anything unusual, goes on to the application.
"""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from time import perf_counter
from typing import Any

from werkzeug import exceptions as http

from service.config import Config
from service.errors import RecensionError
from service.model import Reading, State
from service.reading import datasets
from service.store import Database
from service.web import caching, codings, journal, moulds
from service.web.gate import OPERATION, Application, Environ, Start
from service.web.kept import OWN, Basis, Headers, Kept, Sent
from service.web.moulds import Model, Mould, Parted
from service.web.shelf import Shelf

Key = tuple[str, ...]

METHODS = frozenset({"GET", "HEAD"})

UNUSUAL = frozenset({"HTTP_RANGE", "HTTP_IF_RANGE", "HTTP_IF_MATCH", "HTTP_TRANSFER_ENCODING"})
"""Headers that are the application's to judge; so is a body."""

MOULD_BYTES = 4 << 20
"""Bytes that moulds may take: some thousand lists."""

_BASIS = "recension.basis"
_MODEL = "recension.model"


def note(
    environ: Environ, reading: Reading, tags: Sequence[str], model: Model | None = None
) -> None:
    """Tell what stands before the application what the answer follows from, and what is like it."""
    environ[_BASIS] = Basis(
        reading.dataset.name,
        (reading.dataset.redactions, reading.dataset.head.number),
        reading.pinned,
        tags,
    )
    environ[_MODEL] = model


class Front:
    """A WSGI application before another."""

    def __init__(self, application: Application, db: Database, config: Config) -> None:
        self._application, self._db = application, db
        self._by_host = bool(config.trusted_hosts)
        self._shelf: Shelf[Kept] = Shelf(config.cache_bytes)
        self._moulds: Shelf[Mould] = Shelf(MOULD_BYTES)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer from what is kept or cast, or have it answered."""
        key = self._key(environ) if self._shelf.most else None
        if key is None:
            return self._application(environ, start)
        began = perf_counter()
        sent = self._kept(key, environ) or self._cast(key, environ)
        return _again(sent, environ, start, began) if sent else self._first(key, environ, start)

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

    def _holds(self, basis: Basis, state: State | None = None) -> bool:
        """Say whether an answer is still what the application would say, by the state of its
        dataset, which is asked for where it is not known by now.
        """
        try:
            state = datasets.state(self._db, basis.dataset) if state is None else state
        except RecensionError:
            return False
        if state[:1] != basis.state[:1]:
            # What was erased stays nowhere, not even where nobody would be answered with it.
            self._shelf.clear()
            return False
        return basis.pinned or state == basis.state

    def _kept(self, key: Key, environ: Environ) -> Sent | None:
        """Return what was sent before, if it is still right."""
        kept = self._shelf.get(key)
        if kept is None or not self._holds(kept.basis):
            return None
        environ[OPERATION] = kept.operation
        return kept.sent(_held(kept.basis, environ))

    def _cast(self, key: Key, environ: Environ) -> Sent | None:
        """Return an answer that is cast after another, and keep it."""
        parts = _parted(key)
        mould = self._moulds.get(parts.common) if parts else None
        if parts is None or mould is None:
            return None
        with self._db.question():
            cast = mould.cast(parts.own, environ.get("HTTP_IF_NONE_MATCH"))
        # Looked at after the cast: what was read is of a revision, and whether that is told still
        # is asked as late as it can be, of a record with the record itself.
        if cast is None or not self._holds(mould.basis, cast.state):
            return None
        environ[OPERATION] = mould.operation
        self._keep(key, Basis(*mould.basis[:3], cast.tags), environ, cast.sent)
        return cast.sent

    def _first(self, key: Key, environ: Environ, start: Start) -> Iterable[bytes]:
        """Have the application answer, and keep what may be sent again."""
        begun: list[Any] = []

        def noting(status: str, headers: Headers, *rest: Any) -> Any:
            begun[:] = [status, headers]
            return start(status, headers, *rest)

        answer = self._application(environ, noting)
        basis = environ.get(_BASIS)
        status, headers = begun
        if basis is None or int(status[:3]) not in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            return answer
        body = b"".join(answer)
        sent = Sent(status, [header for header in headers if header[0] not in OWN], body)
        self._keep(key, basis, environ, sent)
        self._learn(key, basis, environ, sent)
        return [body]

    def _keep(self, key: Key, basis: Basis, environ: Environ, sent: Sent) -> None:
        kept = self._shelf.get(key)
        if kept is None or kept.basis != basis:
            kept = Kept(basis, environ[OPERATION])
        etag = _held(basis, environ)
        if (int(sent.status[:3]) == HTTPStatus.NOT_MODIFIED) == bool(etag):
            known = kept.knowing(etag, sent)
            self._shelf.put(key, known, known.size)

    def _learn(self, key: Key, basis: Basis, environ: Environ, sent: Sent) -> None:
        """Make a mould of an answer, or add to one what the answer shows."""
        parts, model = _parted(key), environ.get(_MODEL)
        if parts is None or model is None:
            return
        mould = self._moulds.get(parts.common)
        if mould is None or mould.basis[:3] != basis[:3]:
            mould = Mould(basis, environ[OPERATION], model._replace(body=b""))
        learned = mould.learning(parts.own, model.body, sent)
        self._moulds.put(parts.common, learned, learned.size)


def _parted(key: Key) -> Parted | None:
    """Return a request in parts; all that the answer depends on is common, but for its own."""
    method, path, query, *rest = key
    parts = moulds.parted(path, query) if method == "GET" else None
    return parts and Parted((*parts.common, *rest), parts.own)


def _held(basis: Basis, environ: Environ) -> str | None:
    return caching.held(basis.tags, environ.get("HTTP_IF_NONE_MATCH"))


def _again(sent: Sent, environ: Environ, start: Start, began: float) -> Iterable[bytes]:
    """Send what was sent before, with an id and a line in the log of its own."""
    request_id = journal.identified(environ)
    path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
    ms = round((perf_counter() - began) * 1000, 1)
    status = int(sent.status[:3])
    journal.note(environ["REQUEST_METHOD"], path, status, len(sent.body), ms, request_id)
    start(sent.status, [*sent.headers, ("Date", caching.now()), ("X-Request-ID", request_id)])
    return [sent.body]
