"""What changed between two revisions of a dataset."""

from typing import Any

import orjson

from service.canonical import digest
from service.diff import FieldChange, fields
from service.model import Change, Reading
from service.reading import datasets, diffs
from service.web import address, answers, cursors
from service.web.arguments import DiffQuery
from service.web.operation import operation
from service.web.question import Question
from service.web.representation import JSON, Answer, enveloped, stated


@operation(
    address.DATASETS + "/{dataset}/diff",
    name="getDiff",
    tag="Changes",
    query=DiffQuery(),
    answers={JSON: answers.many(answers.ChangeSchema, answers.DiffReadingSchema)},
    pinned_by="to",
)
def diff(question: Question, new: Reading) -> Answer:
    """Net changes between two revisions, record by record and field by field.

    `dataset` first, then by kind and id. A later `from` than `to` gives the inverse. Without `to`
    the diff ends at the newest revision and moves with it.
    """
    old = datasets.at(question.db, new.dataset.name, question.query["from"])
    found = diffs.between(question.db, old, new, **_narrowed(question))
    last = (found.changes[-1].kind, found.changes[-1].id) if found.more else None
    links = question.links(**question.walk(new, last))
    meta = {"dataset": new.dataset.name, "from": _end(old), "to": _end(new)}
    data = [_change(change) for change in found.changes]
    return enveloped(data, links, {**meta, "counts": found.counts})


def _narrowed(question: Question) -> dict[str, Any]:
    """Return which changes are asked for."""
    asked = question.query
    return {
        "kinds": (asked["kind"],) if "kind" in asked else answers.ORDER,
        "change": asked.get("change"),
        "id": asked.get("id"),
        "after": question.after(cursors.KIND, cursors.ID),
        "limit": question.limit,
    }


def field_change(field: FieldChange) -> dict[str, Any]:
    """Return what a diff or a history says of one field."""
    return stated(field._asdict())


def _change(change: Change) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": change.kind,
        "id": change.id,
        "change": change.change,
        "reason": change.reason.code,
        "why": change.reason.why,
        "digest": digest(change.new.encode()) if change.new else None,
    }
    if change.old and change.new:
        told["fields"] = [field_change(field) for field in fields(change.old, change.new)]
    else:
        told["record"] = orjson.Fragment(change.new or change.old or "")
    return stated(told)


def _end(reading: Reading) -> dict[str, Any]:
    revision = reading.revision
    return {"revision": revision.number, "issued": revision.issued, "digest": revision.digest}
