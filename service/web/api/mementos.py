"""TimeGates and TimeMaps (RFC 7089): from a read to how it was at an instant.

They have addresses of their own. A moving address never answers by `Accept-Datetime`.
"""

from collections.abc import Iterable, Iterator

from flask import current_app, request
from marshmallow import Schema
from werkzeug import exceptions as http

from service.errors import NotFound, OutOfTime, Unavailable
from service.model import KINDS, Reading, Revision
from service.reading import datasets, mementos
from service.web import address, arguments, memento
from service.web.address import Address
from service.web.operation import Operation, operation
from service.web.problems import BadArguments
from service.web.question import Question
from service.web.representation import Answer
from service.web.terms import Terms

TAG = "Versions"
HERE = address.DATASETS + "/{dataset}"
MOST = 1000
"""Mementos of one TimeMap; it links to the TimeMap of older ones."""

GATE = Terms(
    asks=(memento.PARAMETER,), statuses={302: "`Location` is the pinned address of that instant."}
)
MAP = {memento.LINK_FORMAT: {"type": "string"}}


@operation(
    HERE + "/timegate",
    name="negotiateDataset",
    tag=TAG,
    query=arguments.Passed(),
    answers={},
    errors=(NotFound, Unavailable, OutOfTime),
    caching="never",
    headers=("Link", "Location", "Vary"),
    terms=GATE,
)
def dataset_gate(question: Question, dataset: str) -> Answer:
    """The revision that a dataset had at an instant, by the header `Accept-Datetime`.

    Before the first revision there is none: 404, never a later one.
    """
    return _redirection(question, dataset, "")


@operation(
    HERE + "/timegate/{rest}",
    name="negotiate",
    tag=TAG,
    query=arguments.Passed(),
    answers={},
    errors=(NotFound, Unavailable, OutOfTime),
    caching="never",
    headers=("Link", "Location", "Vary"),
    terms=GATE,
)
def gate(question: Question, dataset: str, rest: str) -> Answer:
    """A read as it was at an instant, by the header `Accept-Datetime`.

    Parameters are those of the read and go with it. Before the first revision: 404, never a later
    one.
    """
    return _redirection(question, dataset, f"/{rest}")


@operation(
    HERE + "/timemap",
    name="listDatasetMementos",
    tag=TAG,
    query=arguments.TimeMapQuery(),
    answers=MAP,
)
def dataset_map(question: Question, reading: Reading) -> Answer:
    """The revisions of a dataset as a list of links, oldest first, up to 1000."""
    return _list(question, reading, "")


@operation(
    HERE + "/timemap/{rest}",
    name="listMementos",
    tag=TAG,
    query=arguments.TimeMapQuery(),
    answers=MAP,
)
def timemap(question: Question, reading: Reading, rest: str) -> Answer:
    """The pinned addresses of a read as a list of links, oldest first, up to 1000.

    Of a record, at the revisions that have it. Parameters other than `before` are those of the
    read and go with it.
    """
    return _list(question, reading, f"/{rest}")


def _redirection(question: Question, dataset: str, rest: str) -> Answer:
    given = request.headers.get(memento.ACCEPT)
    reading = (
        datasets.at(question.db, dataset)
        if given is None
        else datasets.as_of(question.db, dataset, memento.asked(given))
    )
    original = _original(question, reading, rest)
    timemap = question.url(memento.beside("timemap", original, reading))
    links = [
        memento.line(question.url(original), "original"),
        memento.line(timemap, "timemap", type=memento.LINK_FORMAT),
    ]
    location = question.url(original.below(dataset, reading.revision.number))
    headers = {"Location": location, "Vary": memento.ACCEPT, "Link": ", ".join(links)}
    return Answer(b"", headers=headers, status=302)


def _list(question: Question, reading: Reading, rest: str) -> Answer:
    original = _original(question, reading, rest, own=("before",))
    before = question.query.get("before")
    found = mementos.before(question.db, reading, before, MOST, _record(rest))
    links = [
        memento.line(question.url(original), "original"),
        memento.line(question.url(memento.beside("timegate", original, reading)), "timegate"),
        *_maps(question, found),
        *_mementos(question, original, found),
    ]
    text = ",\n".join(links) + "\n"
    return Answer(text.encode(), memento.LINK_FORMAT, question.links())


def _maps(question: Question, found: mementos.Found) -> Iterator[str]:
    """Yield links to this TimeMap and to that of older mementos."""
    span = {}
    if found.revisions:
        first, last = found.revisions[0], found.revisions[-1]
        span = {"from": memento.written(first.issued), "until": memento.written(last.issued)}
    here, kind = question.address, memento.LINK_FORMAT
    yield memento.line(question.url(here), "self", type=kind, **span)
    if found.older:
        older = here.asking(before=found.older)
        yield memento.line(question.url(older), "timemap", type=kind)


def _mementos(question: Question, original: Address, found: mementos.Found) -> Iterator[str]:
    for revision in found.revisions:
        url = question.url(original.below(revision.dataset, revision.number))
        yield memento.line(url, _rel(revision, found), datetime=memento.written(revision.issued))


def _rel(revision: Revision, found: mementos.Found) -> str:
    first = "first " if revision == found.revisions[0] and not found.older else ""
    last = "last " if revision == found.revisions[-1] and not found.newer else ""
    return f"{first}{last}memento"


def _original(question: Question, reading: Reading, rest: str, own: Iterable[str] = ()) -> Address:
    """Return the moving address of what is asked for. Raises `NotFound` where it has no past."""
    asked = question.address.asking(before=None)
    if any(name == "cursor" for name, _ in asked.query):
        raise BadArguments({"cursor": "is of one revision; ask without it"})
    if rest:
        arguments.require(_query(reading.dataset.name, rest), dict(asked.query), own)
    elif asked.query:
        arguments.require(arguments.Query(), dict(asked.query), own)
    return asked._replace(path=address.dataset(reading.dataset.name).path + rest)


def _query(dataset: str, rest: str) -> Schema:
    routes = current_app.url_map.bind("")
    path = address.revision(dataset, 1).path + rest
    try:
        endpoint, named = routes.match(path, method="GET")
    except http.HTTPException as error:
        raise _none(dataset, rest) from error
    found: Operation = vars(current_app.view_functions[endpoint])["operation"]
    if not found.pinnable:
        raise _none(dataset, rest)
    return found.asked(named.get("kind", ""), pinned=True)


def _none(dataset: str, rest: str) -> NotFound:
    return NotFound(f"nothing below {dataset} has the path {rest[1:]!r} in every revision")


def _record(rest: str) -> tuple[str, str] | None:
    """Return the kind and id in a path below a dataset, or None for what is of no record."""
    kind, _, tail = rest[1:].partition("/")
    return (kind, tail.partition("/")[0]) if kind in KINDS and tail else None
