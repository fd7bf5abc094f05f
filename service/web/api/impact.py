"""What rests on a source."""

from service.errors import Gone
from service.model import Reading
from service.reading import impact
from service.web import address, answers, disputes
from service.web.answers_series import ImpactSchema, SeriesReadingSchema
from service.web.api.series import judged_by, series_change
from service.web.operation import operation
from service.web.question import Question
from service.web.representation import JSON, Answer, enveloped


@operation(
    address.DATASETS + "/{dataset}/sources/{source}/impact",
    name="getImpact",
    tag="Contested facts",
    answers={JSON: answers.one(ImpactSchema, SeriesReadingSchema)},
    errors=(Gone,),
    pinnable=True,
)
def one(question: Question, reading: Reading, source: str) -> Answer:
    """What rests on a source, and what would come to something else without it.

    The records with evidence of it, series, and the sources that draw on it. Where `stands` is
    false, the publisher updated, corrected or took back the source, and all that is listed rests
    on what was printed before.
    """
    found = impact.of(question.db, reading, source)
    data = {
        "source": found.source,
        "standing": found.standing,
        "stands": found.standing == "current",
        "records": {kind: each._asdict() for kind, each in found.records.items()},
        "series": [series_change(each) for each in found.changes],
        "settled": [disputes.settled(each) for each in found.settled],
        "claimed": found.claimed,
        "judged": found.judged,
        "derived": found.derived,
    }
    return enveloped(data, question.links(), judged_by(question, reading))
