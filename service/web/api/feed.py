"""How to hear of changes: a feed to replay, and a feed of revisions for people."""

from typing import Any

import orjson

from service.errors import BadQuery
from service.model import Reading
from service.reading import datasets, feed, revisions
from service.reading.feed import Item
from service.store.changes import Position
from service.web import address, answers, atom, cursors
from service.web.address import Address
from service.web.arguments import ChangesQuery
from service.web.operation import operation
from service.web.question import Question
from service.web.representation import JSON, Answer, enveloped, stated

TAG = "Changes"
LATEST = 50
"""Revisions that the feed for people tells; the history tells all."""

AHEAD = (
    "the cursor is of a history that this service does not have: it was restored to an earlier"
    " state, or another service made the cursor; start again without `after`"
)


@operation(
    address.DATASETS + "/{dataset}/changes",
    name="getChanges",
    tag=TAG,
    query=ChangesQuery(),
    answers={JSON: answers.many(answers.FedSchema, answers.FeedReadingSchema)},
)
def changes(question: Question, reading: Reading) -> Answer:
    """Every change of every revision, in one order that never changes, to replay and to follow.

    In order of revision, then `dataset`, actors, events, figures, sources, then id. Replayed from
    the start it gives the newest revision. Follow `links.next`, which is always there: where
    nothing is new the page is empty and the cursor the same, and a poll with `If-None-Match` costs
    a 304. A record that was redacted since shows what stands in its place, with the digest that
    its body had.
    """
    after = _position(question, reading)
    found = feed.page(question.db, reading.dataset, after, question.limit)
    last = found.items[-1].position if found.items else after
    cursor = _cursor(question, reading, last) if last else None
    links = question.links(
        first=question.address.asking(after=None), next=question.address.asking(after=cursor)
    )
    meta = {
        "dataset": reading.dataset.name,
        "head": _head(reading),
        "cursor": cursor,
        "more": found.more,
    }
    return enveloped([_told(item) for item in found.items], links, meta)


@operation(
    address.DATASETS + "/{dataset}/revisions.atom",
    name="getRevisionsFeed",
    tag=TAG,
    answers={atom.MEDIA_TYPE: {"type": "string"}},
)
def latest(question: Question, reading: Reading) -> Answer:
    """The newest 50 revisions as an Atom feed (RFC 4287), for people and their feed readers."""
    found = revisions.page(question.db, reading.dataset, reading.revision.number + 1, LATEST)
    links = question.links()
    return Answer(atom.feed(question.url, links["self"], found), atom.MEDIA_TYPE, links)


def _told(item: Item) -> dict[str, Any]:
    record = orjson.Fragment(item.body) if item.body else None
    return stated(
        {
            "revision": item.revision,
            "change": item.change,
            "kind": item.kind,
            "id": item.id,
            "digest": item.digest,
            "record": record,
        }
    )


def _head(reading: Reading) -> dict[str, Any]:
    head = reading.revision
    return {
        "revision": head.number,
        "issued": head.issued,
        "published_at": head.published_at,
        "digest": head.digest,
        "chain": head.chain,
    }


def _position(question: Question, reading: Reading) -> Position | None:
    """Return where the feed goes on. Raises `BadQuery` where that was in another history."""
    if "after" not in question.query:
        return None
    cursor = cursors.decode(question.query["after"], "after")
    if cursor.revision > reading.revision.number:
        raise BadQuery(AHEAD, "after")
    cursors.check(cursor, _bound(question, reading, cursor.revision))
    return Position(cursor.revision, *cursor.after(cursors.KIND, cursors.ID))


def _cursor(question: Question, reading: Reading, last: Position) -> str:
    bound = _bound(question, reading, last.revision)
    return cursors.encode(last.revision, (last.kind, last.id), bound)


def _bound(question: Question, reading: Reading, number: int) -> Address:
    """Return what a position is bound to: the feed, and all history up to the revision."""
    name = reading.dataset.name
    revision = datasets.at(question.db, name, number).revision
    return Address(f"{address.dataset(name)}/changes").asking(chain=revision.chain)
