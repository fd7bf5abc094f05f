"""Records of the four kinds at a revision: a page, one, and what became of one."""

from typing import Any

from service.errors import Gone
from service.model import Reading
from service.reading import records
from service.reading.records import Step
from service.web import address, answers, cursors
from service.web.api.diffs import field_change
from service.web.api.revisions import read_from
from service.web.arguments import PageQuery
from service.web.operation import operation
from service.web.question import Question
from service.web.representation import JSON, Answer, bare, enveloped, joined, stated

TAG = "Records"
LIST = address.DATASETS + "/{dataset}/{kind}"


@operation(
    LIST,
    name="list{Kinds}",
    tag=TAG,
    query=PageQuery(),
    answers={JSON: answers.PAGES},
    pinnable=True,
)
def page(question: Question, reading: Reading, kind: str) -> Answer:
    """The {kinds}, by id."""
    after = question.after(cursors.ID)
    found = records.page(question.db, reading, kind, after[0] if after else None, question.limit)
    last = (found.last,) if found.more and found.last else None
    latest = f"{address.dataset(reading.dataset.name)}/{kind}"
    links = question.links(**question.walk(reading, last), latest_version=latest)
    total = reading.revision.records.get(kind, 0)
    return enveloped(joined(found.bodies), links, {**read_from(reading), "total": total})


@operation(
    LIST + "/{id}",
    name="get{Kind}",
    tag=TAG,
    answers={JSON: answers.RECORDS},
    errors=(Gone,),
    pinnable=True,
    headers=("Repr-Digest",),
)
def one(question: Question, reading: Reading, kind: str, id: str) -> Answer:
    """One of the {kinds}: its canonical bytes and nothing else.

    Their sha256 stands in the manifest of the revision; links and the pinned address stand in
    headers.
    """
    found = records.one(question.db, reading, kind, id)
    latest = f"{address.dataset(reading.dataset.name)}/{kind}/{id}"
    links = question.links(
        collection=question.address.parent,
        latest_version=latest,
        version_history=f"{latest}/history",
    )
    return bare(found.body, found.digest, links)


@operation(
    LIST + "/{id}/history",
    name="get{Kind}History",
    tag=TAG,
    answers={JSON: answers.many(answers.StepSchema)},
    pinnable=True,
)
def history(question: Question, reading: Reading, kind: str, id: str) -> Answer:
    """What became of one of the {kinds}, oldest change first, up to the revision read."""
    steps = records.history(question.db, reading, kind, id)
    meta = {**read_from(reading), "total": len(steps)}
    return enveloped([_step(step) for step in steps], question.links(), meta)


def _step(step: Step) -> dict[str, Any]:
    return stated(
        {
            "revision": step.revision,
            "issued": step.issued,
            "change": step.change,
            "reason": step.reason.code,
            "why": step.reason.why,
            "digest": step.digest,
            "fields": [field_change(each) for each in step.fields] or None,
        }
    )
