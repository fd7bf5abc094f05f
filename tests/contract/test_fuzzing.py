"""Whatever the document allows, and much that it does not, is answered as the document says.

This is the short form of `python -m tests.contract --cases 1000`: in this process, and in two of
the phases. Of what is declared once for all kinds and both addresses, one operation is asked
`LIGHT` times in each phase, or `HEAVY` times where it has a parameter for each of some 190 filters,
and its twins a few times.
"""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from flask import Flask, Response

from service.web import OPERATIONS
from service.web.openapi import document
from service.web.problems import BadArguments
from tests.contract.fuzzing import DATASET, grouped, run

LIGHT, HEAVY, TWINS = 10, 3, 1
FILTERED = 60
"""Operations with more parameters are heavy."""

PHASES = ("examples", "fuzzing")
PATHS = orjson.loads(document(OPERATIONS, "http://localhost"))["paths"]
DECLARED = {each["operationId"]: each for path in PATHS.values() for each in path.values()}
GROUPS = grouped(DECLARED)

View = Callable[..., Response]
Harm = Callable[[Response], None]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Refused releases are logged, and many are."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("group", GROUPS)
def test_whatever_is_asked_is_answered_as_documented(
    seeded: Flask, secret: str, group: str
) -> None:
    first, *twins = GROUPS[group]
    cases = HEAVY if len(DECLARED[first]["parameters"]) > FILTERED else LIGHT

    done = run(seeded, [first], cases, PHASES, secret)
    more = run(seeded, twins, TWINS, PHASES, secret) if twins else None

    assert done.faults + (more.faults if more else []) == []
    asked = done.answers.keys() | (more.answers.keys() if more else set())
    assert asked == set(GROUPS[group])


def test_most_of_what_is_allowed_finds_something(seeded: Flask) -> None:
    answers = run(seeded, ["getRevision", "getFigure"], 20, PHASES).answers

    for name, statuses in answers.items():
        assert statuses[200] > 10, name


def undocumented(answer: Response) -> None:
    answer.status_code = 418


def failing(answer: Response) -> None:
    raise RuntimeError


def of_another_form(answer: Response) -> None:
    answer.headers["Content-Type"] = "text/csv"


def of_another_shape(answer: Response) -> None:
    answer.set_data(b'{"data": {"number": "one"}}')


def without_a_header(answer: Response) -> None:
    del answer.headers["Cache-Control"]


def refused(answer: Response) -> None:
    raise BadArguments({"format": "is not liked today"})


@pytest.mark.parametrize(
    ("harm", "check"),
    [
        (undocumented, "status_code_conformance"),
        (failing, "not_a_server_error"),
        (of_another_form, "content_type_conformance"),
        (of_another_shape, "response_schema_conformance"),
        (without_a_header, "response_headers_conformance"),
        (refused, "positive_data_acceptance"),
    ],
)
def test_a_planted_fault_is_found(unasked: Flask, harm: Harm, check: str) -> None:
    def harmed(view: View, path: dict[str, Any]) -> Response:
        answer = view(**path)
        harm(answer)
        return answer

    plant(unasked, "getRevision.0", harmed)

    done = run(unasked, ["getRevision"], 5, PHASES)

    assert check in {fault.check for fault in done.faults}


def test_what_is_taken_and_should_not_be_is_found(seeded: Flask, unasked: Flask) -> None:
    good = seeded.test_client().get(f"/v1/datasets/{DATASET}/revisions")
    plant(unasked, "listRevisions.0", lambda *_: Response(good.data, 200, good.headers))

    done = run(unasked, ["listRevisions"], 20, PHASES)

    assert "negative_data_rejection" in {fault.check for fault in done.faults}


def plant(app: Flask, name: str, answer: Callable[[View, dict[str, Any]], Response]) -> None:
    """Answer by something else, which is given what answers now."""
    view: Any = app.view_functions[name]

    def planted(**path: Any) -> Response:
        return answer(view, path)

    vars(planted).update(vars(view))
    app.view_functions[name] = planted
