"""What the service did, for those who run it."""

from service.web import metrics
from service.web.operation import operation
from service.web.question import Question
from service.web.representation import TEXT, Answer

TAG = "Service"


@operation(
    "/metrics",
    name="getMetrics",
    tag=TAG,
    answers={TEXT: {"type": "string"}},
    caching="never",
)
def exposition(question: Question) -> Answer:
    """Counts, durations and states in the text format of Prometheus."""
    return Answer(question.service.metrics.exposition(question.db), metrics.CONTENT_TYPE)
