"""Publishing over HTTP, and the account of each run of the loader."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import orjson
from marshmallow import Schema

from schemas import DATASET, KINDS, Kind
from schemas.base import StrictSchema
from schemas.fields import Code, Record
from schemas.release import ReleaseSchema
from schemas.texts import Sha256
from service.canonical import digest
from service.errors import (
    ApprovalNeeded,
    HeadMoved,
    NotFound,
    OutOfTime,
    Refused,
    TooLarge,
    Unavailable,
)
from service.loader import Report, Request, load, open_stream
from service.model import Change, Ingestion
from service.reading import datasets, ingestions
from service.store.answered import Kept
from service.web import address, answers, bodies, cursors, idempotency, problems, runs, telling
from service.web.address import Address
from service.web.answers import Shaped, record_of
from service.web.arguments import PageQuery, Query
from service.web.bodies import Received
from service.web.operation import operation
from service.web.question import Question
from service.web.representation import JSON, Answer, Links, enveloped
from service.web.terms import Terms

TAG = "Ingestions"
LIST = address.DATASETS + "/{dataset}/ingestions"

STATUSES = {
    201: "The release was published; `Location` is the account of the run.",
    200: "Nothing was published: nothing differs, or it was a dry run.",
}

ENCODING: dict[str, Any] = {
    "name": "Content-Encoding",
    "in": "header",
    "description": "How the body is packed.",
    "schema": {"enum": ["gzip", "identity"]},
}


def _records(kind: Kind) -> Shaped:
    of = record_of(kind.schema)
    listed = {"type": "array", "items": of}
    return Shaped(
        {"anyOf": [listed, {"type": "object", "additionalProperties": of}]},
        f"All {kind.name} of a snapshot, those that differ of a delta: a list, or by id.",
    )


SentReleaseSchema = StrictSchema.from_dict(
    {
        "release": Record(ReleaseSchema, "What the release says of itself."),
        "dataset": Record(type(DATASET.schema), "The whole `dataset.json`; due in a snapshot."),
        **{name: _records(kind) for name, kind in KINDS.items()},
    },
    name="SentReleaseSchema",
)

TAKES: dict[str, dict[str, Any] | Schema] = {
    "application/x-ndjson": {
        "type": "string",
        "format": "binary",
        "description": "Interchange: a first line that tells `release` and `dataset`, a line for"
        " each record or removal, and `end`. An export is one.",
    },
    "application/json": SentReleaseSchema(),
}

PublishQuery = Query.from_dict(
    {
        "dry_run": Code(
            ("true", "false"), "`true` tells what would be published, and publishes nothing."
        ),
        "approve": Sha256(
            "The digest that a 409 or a dry run told: publishes what the shrink guard held back."
        ),
    },
    name="PublishQuery",
)

ERRORS = (
    NotFound,
    bodies.TooSlow,
    HeadMoved,
    ApprovalNeeded,
    idempotency.KeyInUse,
    TooLarge,
    bodies.UnsupportedMedia,
    Refused,
    idempotency.KeyReused,
    Unavailable,
    OutOfTime,
    problems.Busy,
)


@operation(
    LIST,
    name="publishRelease",
    tag=TAG,
    query=PublishQuery(),
    answers={JSON: answers.one(runs.PublishedSchema)},
    errors=ERRORS,
    caching="never",
    headers=("Location",),
    terms=Terms("POST", True, TAKES, (idempotency.PARAMETER, ENCODING), STATUSES),
)
def publish(question: Question, dataset: str) -> Answer:
    """Publish a release as the next revision.

    The same as `recension load`: all of the release becomes a revision, or nothing does, and each
    thing that is wrong is told. A delta has to name the head as its `base`. A dataset that does not
    exist yet needs a token of the scope `create`.
    """
    grant = question.grant
    if grant is None or not grant.may_create:
        datasets.at(question.db, dataset)
    with _turn(question):
        body = bodies.received(question.service.config.max_ingestion_bytes)
        try:
            kept = _once(question, dataset, body)
        finally:
            body.content.file.close()
    headers = {"Location": kept.location} if kept.location else {}
    return Answer(kept.body.encode(), kept.media_type, headers=headers, status=kept.status)


@operation(
    LIST,
    name="listIngestions",
    tag=TAG,
    query=PageQuery(),
    answers={JSON: answers.many(runs.ListedIngestionSchema, runs.RunsReadingSchema)},
    errors=(NotFound, Unavailable, OutOfTime),
    caching="never",
    headers=("Link",),
    terms=Terms(guarded=True),
)
def page(question: Question, dataset: str) -> Answer:
    """The runs of the loader on a dataset, newest first: published, unchanged, refused, held."""
    datasets.at(question.db, dataset)
    found = ingestions.page(question.db, dataset, _before(question), question.limit)
    links = {"first": question.address.asking(cursor=None)}
    if found.more:
        last = (found.runs[-1].started_at, found.runs[-1].id)
        after = cursors.encode(NO_REVISION, last, question.address)
        links["next"] = question.address.asking(cursor=after)
    data = [{**told(run), "links": _links(question, run)} for run in found.runs]
    meta = {"dataset": dataset, "total": found.total}
    return enveloped(data, question.links(**links), meta)


@operation(
    LIST + "/{ingestion}",
    name="getIngestion",
    tag=TAG,
    answers={JSON: answers.one(runs.IngestionSchema)},
    errors=(NotFound, Unavailable, OutOfTime),
    caching="never",
    headers=("Link",),
    terms=Terms(guarded=True),
)
def one(question: Question, dataset: str, ingestion: str) -> Answer:
    """One run of the loader: what it read, what came of it, and all that was wrong."""
    run = ingestions.one(question.db, dataset, ingestion)
    return enveloped(told(run), _links(question, run))


NO_REVISION = 1
"""What cursors of this list say: it belongs to no revision."""


def told(run: Ingestion) -> dict[str, Any]:
    """Return what is told of a run: its row, then the rest of its report."""
    known = {
        "id": run.id,
        "dataset": run.dataset,
        "outcome": run.outcome,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }
    rest = {name: value for name, value in run.report.items() if name != "ingestion"}
    return {**rest, **known}


def _links(question: Question, run: Ingestion) -> Links:
    here = Address(f"{address.dataset(run.dataset)}/ingestions")
    links: dict[str, Address | str] = {
        "self": f"{here}/{run.id}",
        "up": here,
        "describedby": "/openapi.json",
    }
    if run.revision:
        links["revision"] = address.revision(run.dataset, run.revision)
    return {rel: question.url(place) for rel, place in links.items()}


def _before(question: Question) -> tuple[str, str] | None:
    if "cursor" not in question.query:
        return None
    cursor = cursors.decode(question.query["cursor"])
    cursors.check(cursor, question.address)
    began, run = cursor.after("[0-9TZ:-]{20}", "[0-9a-f]{32}")
    return began, run


@contextmanager
def _turn(question: Question) -> Iterator[None]:
    """Take one of the turns that publishing has. Raises `Busy`: to wait would keep a thread."""
    turns = question.service.publishing
    if not turns.acquire(blocking=False):
        raise problems.Busy("as many releases as are taken at once are being read; try again")
    try:
        # Loading has limits of its own: of bytes, and of the time in which they come.
        with question.db.unhurried():
            yield
    finally:
        turns.release()


def _once(question: Question, dataset: str, body: Received) -> Kept:
    """Answer the release, or again as it was answered under the same key."""
    grant, asked = question.grant, question.query
    dry_run, approve = asked.get("dry_run") == "true", asked.get("approve")
    members = (dry_run, approve or "", body.suffix, body.content.sha256)
    claim = idempotency.claimed(grant, dataset, members) if grant else None

    def answer(run: str) -> Kept:
        request = Request(dataset, dry_run, approve, needs_base=True, ingestion=run)
        return _concluded(lambda: _loaded(question, body, request))

    return idempotency.once(question.db, claim, answer, lambda run: _told(question, run, ()))


def _loaded(question: Question, body: Received, request: Request) -> Kept:
    release = open_stream(body.content.file, bodies.NAME, body.suffix)
    report: Report = load(question.db, release, request)
    run = ingestions.one(question.db, report.dataset, report.ingestion)
    return _told(question, run, report.diff)


def _concluded(loaded: Callable[[], Kept]) -> Kept:
    """Return the answer also to a refusal that will be the same if it is asked for again."""
    try:
        return loaded()
    except (Refused, ApprovalNeeded) as error:
        response = problems.tell(error)
        return Kept(
            response.status_code, None, problems.MEDIA_TYPE, response.get_data(as_text=True)
        )


def _told(question: Question, run: Ingestion, diff: Sequence[Change]) -> Kept:
    """Return the answer to a run that ended well."""
    changes = [telling.told(_digested(change)) for change in diff]
    data = told(run) | ({"diff": changes} if run.outcome == "dry_run" else {})
    links = _links(question, run)
    is_published = run.outcome == "published"
    body = orjson.dumps({"data": data, "links": links}).decode()
    location = links["self"] if is_published else None
    return Kept(201 if is_published else 200, location, JSON, body)


def _digested(change: Change) -> Change:
    return replace(change, new_digest=digest(change.new.encode())) if change.new else change
