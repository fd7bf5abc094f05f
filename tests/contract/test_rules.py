"""What may refuse a question that keeps to the document, and what may not."""

import json

import pytest

from tests.contract.rules import refuses_by_rule


@pytest.mark.parametrize(
    ("operation", "status", "title", "detail", "is_rule"),
    [
        ("listFigures", 400, "Bad query", "names one of its values twice", True),
        ("listFacetsAtRevision", 400, "Bad query", '"a" is not one of: b', True),
        ("listFigures", 400, "Bad query", '"a" is not one of: b', False),
        ("listFigures", 400, "Bad query", "is not liked today", False),
        ("search", 400, "Bad query", "has no word to look for: give letters or digits", True),
        ("publishRelease", 422, "Refused", "two records have this id", True),
        ("publishRelease", 422, "Key reused", "the key", True),
        ("publishRelease", 422, "Disliked", "x", False),
        ("listFacets", 414, "Address too long", "x", True),
        ("listDisagreements", 400, "Bad query", "goes with `from` only; one revision", True),
    ],
)
def test_only_a_rule_that_the_document_cannot_say_may_refuse(
    operation: str, status: int, title: str, detail: str, *, is_rule: bool
) -> None:
    told = {"title": title, "errors": [{"detail": detail, "parameter": "x"}]}

    assert refuses_by_rule(operation, status, json.dumps(told).encode()) == is_rule
    told["errors"].append({"detail": "is unheard of", "parameter": "y"})
    assert not refuses_by_rule("listFigures", 400, json.dumps(told).encode())
