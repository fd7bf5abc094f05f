"""Changes as a person reads them."""

import json

from service.cli import errata
from service.model import Change, Reason


def told(old: object, new: object, reason: Reason | None = None) -> list[str]:
    bodies = [None if body is None else json.dumps(body) for body in (old, new)]
    change = Change("events", "fall", *bodies, *([reason] if reason else []))
    return list(errata.lines(change))


def test_a_scalar_is_told_with_old_and_new() -> None:
    assert told({"title": "A", "place": {"id": "x"}}, {"title": "B", "place": {"id": "x"}}) == [
        "modified events/fall: B",
        "  /title: A → B",
    ]


def test_the_reason_and_the_editors_words_are_told() -> None:
    lines = told({"title": "A"}, None, Reason("merged", "Two were one."))

    assert lines == ["removed events/fall: A", "  because: merged: Two were one."]


def test_members_of_a_set_are_told_one_by_one() -> None:
    assert told({"roles": ["a", "b"]}, {"roles": ["b", "c"]})[1:] == [
        "  /roles:",
        "    - a",
        "    + c",
    ]


def test_an_account_is_told_by_its_source_and_what_differs_in_it() -> None:
    def account(date: str, start: int) -> dict[str, object]:
        evidence = [{"source": "wire", "start": start}]
        return {"status": "happened", "date": date, "evidence": evidence}

    assert told({"accounts": [account("1931", 1)]}, {"accounts": [account("1932", 2)]})[1:] == [
        "  /accounts:",
        "    ~ wire: /date 1931 → 1932",
    ]


def test_evidence_alone_is_not_told() -> None:
    assert told({"evidence": [1]}, {"evidence": [2]}) == ["modified events/fall"]


def test_a_figure_is_told_by_what_it_counts_and_the_words_printed() -> None:
    figure = {"measure": "killed", "counted": {"group": "officers"}, "printed": "a dozen"}

    assert told(None, figure) == ["added events/fall: killed officers, a dozen"]
