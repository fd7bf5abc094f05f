"""Whatever the document allows, and much that it does not, is answered as the document says.

This is the short form of `python -m tests.contract --cases 1000`, in this process: each operation
is asked `CASES` times, and what coverage tries comes on top, save of the filters of lists, of which
a part is asked for.
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
from tests.contract.fuzzing import PHASES, run
from tests.contract.leading import DATASET
from tests.contract.portions import alike, operations, parameters, portions

CASES, WALKS = 50, 10
ALONE = ("examples", "coverage", "fuzzing")
DOCUMENT = orjson.loads(document(OPERATIONS, "http://localhost"))
DECLARED = {each["operationId"]: each for _, _, each in operations(DOCUMENT)}
GROUPS = {group[0]: group for group in alike(DOCUMENT)}

View = Callable[..., Response]
Harm = Callable[[Response], None]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Refused releases are logged, and many are."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("name", GROUPS)
def test_whatever_is_asked_is_answered_as_documented(seeded: Flask, secret: str, name: str) -> None:
    done = run(seeded, GROUPS[name], CASES, ALONE, secret, every_filter=False)

    assert done.faults == []
    for each in GROUPS[name]:
        # What takes nothing can be asked in one way alone.
        assert done.cases[each] >= (CASES if DECLARED[each]["parameters"] else 1), each


def test_what_answers_lead_to_is_answered_as_documented(seeded: Flask, secret: str) -> None:
    done = run(seeded, DECLARED, WALKS, ["stateful"], secret)

    assert done.faults == []
    assert len(done.answers) > 20


def test_most_of_what_is_allowed_finds_something(seeded: Flask) -> None:
    answers = run(seeded, ["getRevision", "getFigure"], 20, ALONE).answers

    for name, statuses in answers.items():
        assert statuses[200] > 10, name


def test_every_parameter_is_asked_for() -> None:
    plain, filtered = portions(DOCUMENT, DECLARED)

    for name, operation in DECLARED.items():
        asked = set()
        for part in (plain, *filtered.get(name, ())):
            for _, _, each in operations(part):
                if each["operationId"] == name:
                    asked |= {one["name"] for one in parameters(part, each)}
        assert asked == {one["name"] for one in parameters(DOCUMENT, operation)}
    assert sorted(filtered)[:2] == ["listActors", "listActorsAtRevision"]
    assert sum(map(len, GROUPS.values())) == len(DECLARED)


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


def test_a_fault_of_an_address_for_which_nothing_is_drawn_is_found(unasked: Flask) -> None:
    def harmed(view: View, path: dict[str, Any]) -> Response:
        answer = view(**path)
        undocumented(answer)
        return answer

    plant(unasked, "getDatasetDocument.1", harmed)
    name, twin, *_ = GROUPS["getDatasetDocument"]

    assert run(unasked, [name], 5, ["fuzzing"]).faults == []
    done = run(unasked, [name, twin], 5, ["examples", "fuzzing"])

    assert {fault.operation for fault in done.faults} == {twin}


def plant(app: Flask, name: str, answer: Callable[[View, dict[str, Any]], Response]) -> None:
    """Answer by something else, which is given what answers now."""
    view: Any = app.view_functions[name]

    def planted(**path: Any) -> Response:
        return answer(view, path)

    vars(planted).update(vars(view))
    app.view_functions[name] = planted
