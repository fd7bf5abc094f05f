"""Where the sources of a revision disagree, most and most centrally first."""

from typing import Any

from schemas.fields import Code
from service.contested import Assessment, EventDispute
from service.model import Reading
from service.reading import disagreements
from service.reading.disagreements import Disagreement, Wanted
from service.web import address, answers, cursors, memento
from service.web.answers_series import DisagreementSchema, SeriesListReadingSchema
from service.web.api.series import asked, judged_by, positions, span, view, without
from service.web.arguments import PageQuery
from service.web.operation import operation
from service.web.question import Question
from service.web.representation import JSON, Answer, enveloped, stated

DisagreementsQuery = PageQuery.from_dict(
    {
        "about": Code(disagreements.SORTS, "Only disagreements about these."),
        **positions(),
        "without": without(),
    },
    name="DisagreementsQuery",
)


@operation(
    address.DATASETS + "/{dataset}/disagreements",
    name="listDisagreements",
    tag="Contested facts",
    query=DisagreementsQuery(),
    answers={JSON: answers.many(DisagreementSchema, SeriesListReadingSchema)},
    pinnable=True,
)
def page(question: Question, reading: Reading) -> Answer:
    """What is contested, with what disagrees in words, and since which revision.

    First series, then events whose accounts cannot all hold. Series come by how much the live
    claims differ, then by voices and by claims; events by on how many aspects their accounts
    differ, then by how many sources do.
    """
    after = question.after(cursors.DISPUTED, cursors.SERIES)
    item = (after[0], after[1]) if after else None
    found = disagreements.page(question.db, reading, _wanted(question), item, question.limit)
    walk = question.walk(reading, found.last if found.more else None)
    links = question.links(**walk, **memento.versions(question.address, reading))
    data = [_told(question, reading, each) for each in found.found]
    return enveloped(data, links, {**judged_by(question, reading), "total": found.total})


def _wanted(question: Question) -> Wanted:
    about = (question.query["about"],) if "about" in question.query else disagreements.SORTS
    return Wanted(about, asked(question), view(question).without)


def _told(question: Question, reading: Reading, found: Disagreement) -> dict[str, Any]:
    about = found.about
    special = _of_series(about) if isinstance(about, Assessment) else _of_event(about)
    here = address.revision(reading.dataset.name, reading.revision.number)
    place = address.Address(f"{here}/{special['about']}/{special['id']}")
    common = {
        "title": found.title,
        "since": found.since._asdict(),
        "links": {"self": question.url(place)},
    }
    return stated(special | common)


def _of_series(about: Assessment) -> dict[str, Any]:
    verdict = about.verdict
    claims = [each.claim for each in about.judged if each.claim.figure in verdict.rests_on]
    return {
        "about": "series",
        "id": about.parts.key,
        "reason": verdict.reason,
        "figures": verdict.rests_on,
        "sources": sorted({claim.source for claim in claims}),
        "span": span(verdict.span),
        "voices": verdict.voices,
        "claims": len(about.judged),
    }


def _of_event(about: EventDispute) -> dict[str, Any]:
    sources = {s for each in about.conflicts for who in each.answers.values() for s in who}
    return {
        "about": "events",
        "id": about.event,
        "reason": " ".join(map(disagreements.conflict_in_words, about.conflicts)),
        "sources": sorted(sources),
        "accounts": about.accounts,
        "conflicts": [
            {
                "aspect": each.aspect,
                "answers": [{"answer": a, "sources": s} for a, s in each.answers.items()],
            }
            for each in about.conflicts
        ],
    }
