"""Whether the service lives, and whether it can answer for data."""

import orjson

from service.errors import OutOfTime, Unavailable
from service.store import health
from service.web import answers
from service.web.operation import operation
from service.web.question import Question
from service.web.representation import JSON, Answer

TAG = "Service"
STATE = {JSON: answers.StateSchema()}


@operation("/healthz", name="getHealth", tag=TAG, answers=STATE, caching="never")
def alive(question: Question) -> Answer:
    """Whether the process answers at all."""
    return Answer(orjson.dumps({"status": "alive"}))


@operation(
    "/readyz",
    name="getReadiness",
    tag=TAG,
    answers=STATE,
    errors=(Unavailable, OutOfTime),
    caching="never",
)
def ready(question: Question) -> Answer:
    """Whether the store answers and has the tables that this version needs."""
    health.ready(question.db)
    return Answer(orjson.dumps({"status": "ready"}))
