"""The history of a dataset, and one revision of it."""

from typing import Any

from service.model import KINDS, Reading, Revision
from service.reading import revisions
from service.web import address, answers, cursors
from service.web.address import Address
from service.web.arguments import PageQuery
from service.web.operation import operation
from service.web.question import Question
from service.web.representation import JSON, Answer, enveloped, stated

TAG = "Revisions"


@operation(
    address.DATASETS + "/{dataset}/revisions",
    name="listRevisions",
    tag=TAG,
    query=PageQuery(),
    answers={JSON: answers.many(answers.ListedRevisionSchema)},
)
def page(question: Question, reading: Reading) -> Answer:
    """The history of a dataset, newest revision first, with counts of changes."""
    head = reading.revision.number
    after = question.after(cursors.NUMBER)
    before = int(after[0]) if after else head + 1
    found = revisions.page(question.db, reading.dataset, before, question.limit)
    last = found[-1].number if found else 1
    data = [{**described(each), "links": _links(question, each)} for each in found]
    links = question.links(**question.walk(reading, (str(last),) if last > 1 else None))
    return enveloped(data, links, {**read_from(reading), "total": head})


@operation(
    address.DATASETS + "/{dataset}/revisions/{revision}",
    name="getRevision",
    tag=TAG,
    answers={JSON: answers.one(answers.RevisionSchema, answers.ReadingSchema)},
    dated=True,
)
def one(question: Question, reading: Reading) -> Answer:
    """A revision: digest, chain, dates, message, counts, and links to what it holds."""
    revision = reading.revision
    links = question.links() | _links(question, revision)
    return enveloped(described(revision), links, read_from(reading))


def described(revision: Revision) -> dict[str, Any]:
    """Return what a revision says of itself."""
    return stated(
        {
            "number": revision.number,
            "digest": revision.digest,
            "chain": revision.chain,
            "issued": revision.issued,
            "published_at": revision.published_at,
            "message": revision.message,
            "records": revision.records,
            "changes": revision.changes,
        }
    )


def read_from(reading: Reading) -> dict[str, Any]:
    """Return what an answer says of the revision that it was read from."""
    revision = reading.revision
    return {
        "dataset": revision.dataset,
        "revision": revision.number,
        "issued": revision.issued,
        "published_at": revision.published_at,
        "digest": revision.digest,
    }


def _links(question: Question, revision: Revision) -> dict[str, str]:
    """Return links of a revision. None to a later one: its answer is kept and never changes."""
    dataset, number = revision.dataset, revision.number
    here = address.revision(dataset, number)
    links: dict[str, Address | str] = {
        "self": here,
        "latest-version": address.dataset(dataset),
        "version-history": f"{address.dataset(dataset)}/revisions",
        "manifest": f"{here}/manifest",
        "document": f"{here}/dataset.json",
        "export": f"{here}/export",
        "series": f"{here}/series",
        "disagreements": f"{here}/disagreements",
        **{kind: f"{here}/{kind}" for kind in KINDS},
    }
    if number > 1:
        links["predecessor-version"] = address.revision(dataset, number - 1)
        links["diff"] = address.step(dataset, number - 1, number)
    return {rel: question.url(place) for rel, place in links.items()}
