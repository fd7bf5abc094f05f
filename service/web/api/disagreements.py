"""Where the sources of a revision disagree, most and most centrally first, or anew."""

from typing import Any

from schemas.fields import Code
from service.errors import BadQuery
from service.model import Reading
from service.reading import datasets, disagreements, turns
from service.reading.disagreements import Wanted
from service.reading.turns import Between
from service.web import address, answers, cursors, disputes, formats, memento
from service.web.answers_series import (
    DISPUTES_LINES,
    DISPUTES_TABLE,
    DisagreementSchema,
    DisagreementsReadingSchema,
)
from service.web.api.series import asked, judged_by, positions, view, without
from service.web.arguments import PageQuery, revision
from service.web.operation import operation
from service.web.problems import BadArguments
from service.web.question import Question
from service.web.representation import JSON, Answer, enveloped

DisagreementsQuery = PageQuery.from_dict(
    {
        "from": revision("Tells what became contested since this revision, and what was settled."),
        "to": revision("With `from`: until this revision; without it, until the one read."),
        "about": Code(disagreements.SORTS, "Only disagreements about these."),
        **positions(),
        "without": without(),
        "format": formats.parameter(formats.JSON, formats.NDJSON, formats.CSV),
        "escape": formats.escape(),
    },
    name="DisagreementsQuery",
)


@operation(
    address.DATASETS + "/{dataset}/disagreements",
    name="listDisagreements",
    tag="Contested facts",
    query=DisagreementsQuery(),
    answers={
        JSON: answers.many(DisagreementSchema, DisagreementsReadingSchema),
        formats.NDJSON.media_type: DISPUTES_LINES,
        formats.CSV.media_type: DISPUTES_TABLE,
    },
    pinnable=True,
    headers=("Form-Version",),
)
def page(question: Question, reading: Reading) -> Answer:
    """What is contested, with what disagrees in words, and since which revision.

    First series, then events whose accounts cannot all hold. Series come by how much the live
    claims differ, then by voices and by claims; events by on how many aspects their accounts
    differ, then by how many sources do.

    With `from` it is what became contested between two revisions, and after it what was settled,
    and by which figures or accounts.

    All forms come in pages; the next one stands in the `Link` header too.
    """
    between = _between(question, reading)
    data, last, meta = _turned(question, between) if between else _contested(question, reading)
    links = question.links(
        **question.walk(reading, last), **memento.versions(question.address, reading)
    )
    escaped = formats.escapes(question)
    if question.format == formats.CSV.name:
        body = b"".join(disputes.table_of(data, escaped=escaped))
        return formats.versioned(Answer(body, formats.CSV.content_type, links), disputes.FORM)
    if question.format == formats.NDJSON.name:
        body = b"".join(formats.lines(disputes.lines_of(data)))
        return Answer(body, formats.NDJSON.content_type, links)
    return enveloped(data, links, {**judged_by(question, reading), **meta})


Told = tuple[list[dict[str, Any]], tuple[str, ...] | None, dict[str, Any]]
"""What is told, the last one where more follow, and what `meta` says of it."""


def _contested(question: Question, reading: Reading) -> Told:
    after = question.after(cursors.DISPUTED, cursors.SERIES)
    item = (after[0], after[1]) if after else None
    found = disagreements.page(question.db, reading, _wanted(question), item, question.limit)
    data = [disputes.contested(question, reading, each) for each in found.found]
    return data, found.last if found.more else None, {"total": found.total}


def _turned(question: Question, between: Between) -> Told:
    after = question.after(cursors.DISPUTED, cursors.TURN, cursors.SERIES)
    item = (after[0], after[1], after[2]) if after else None
    found = turns.page(question.db, between, _wanted(question), item, question.limit)
    data = [disputes.turned(question, between, each) for each in found.found]
    ends = {
        name: {"revision": at.revision.number, "issued": at.revision.issued}
        for name, at in zip(("from", "to"), between, strict=True)
    }
    return data, found.last if found.more else None, {"total": found.total, **ends}


def _between(question: Question, reading: Reading) -> Between | None:
    """Return the two revisions that are compared, if they are. Raises `BadArguments`."""
    query = question.query
    if "from" not in query:
        if "to" in query:
            raise BadArguments({"to": "goes with `from` only; one revision alone is read below it"})
        return None
    if "without" in query:
        raise BadArguments({"without": "does not go with `from`: both revisions stand as they are"})
    name, last = reading.dataset.name, reading.revision.number
    for end in ("from", "to"):
        if query.get(end, last) > last:
            raise BadQuery(f"revision {last} is read: nothing later is known there", end)
    ends = (query["from"], query.get("to", last))
    return Between(*(datasets.at(question.db, name, number) for number in ends))


def _wanted(question: Question) -> Wanted:
    about = (question.query["about"],) if "about" in question.query else disagreements.SORTS
    return Wanted(about, asked(question), view(question).without)
