"""The rules of events and their accounts."""

import pytest

from schemas import KINDS
from schemas.standards import ACLED
from schemas.vocabularies import OWN_EVENT_TYPES, SUB_EVENT_TYPES
from tests.schemas import samples
from tests.schemas.cases import GONE, changed, pointers, verdicts

EVENTS = KINDS["events"]


@pytest.mark.parametrize("event_type", [*ACLED, *OWN_EVENT_TYPES])
def test_a_sub_event_type_belongs_to_its_type(event_type):
    for sub_event_type in SUB_EVENT_TYPES:
        changes = {"/event_type": event_type, "/sub_event_type": sub_event_type}
        record = changed(samples.minimal_event(), changes)
        fits = sub_event_type in ACLED.get(event_type, ())
        assert verdicts(EVENTS, record) == (fits, fits)
        assert pointers("events", record) == ([] if fits else ["/sub_event_type"])


@pytest.mark.parametrize("label", ["protests", "Protest", "Politics", "Price policy", "Battle"])
def test_labels_are_spelled_as_acled_prints_them(label):
    record = changed(samples.minimal_event(), {"/event_type": label})
    assert verdicts(EVENTS, record) == (False, False)


@pytest.mark.parametrize(
    ("date", "where"),
    [
        ("1931", []),
        ("1931-05", []),
        ("1931-05-04/1931-05-31", ["/accounts/1/date/date"]),
        ("1931-05-05", ["/accounts/0/date/date", "/accounts/1/date/date"]),
        (GONE, ["/date"]),
    ],
)
def test_the_date_covers_that_of_every_account(date, where):
    assert pointers("events", changed(samples.event(), {"/date": date})) == where


def test_an_event_without_dated_accounts_needs_no_date():
    record = samples.minimal_event()
    assert pointers("events", record) == pointers("events", record | {"date": "1931"}) == []


@pytest.mark.parametrize(
    "participants",
    [
        GONE,
        [{"actor": "council", "role": "actor"}],
        [
            {"actor": "council", "role": "target"},
            {"actor": "ada-quill", "role": "decider"},
        ],
        [
            {"actor": "council", "role": "actor"},
            {"actor": "ada-quill", "role": "decider"},
            {"actor": "ember-herald", "role": "witness"},
        ],
    ],
    ids=["none", "one missing", "another role", "one too many"],
)
def test_the_participants_are_those_of_the_accounts(participants):
    record = changed(samples.event(), {"/participants": participants})
    assert pointers("events", record) == ["/participants"]


def test_a_source_gives_one_account():
    record = samples.event()
    record["accounts"][1]["evidence"][0]["source"] = "herald-001"
    assert pointers("events", record) == ["/accounts/1"]


def test_an_account_rests_on_one_source():
    record = samples.event()
    more = samples.run("wire-002", samples.WIRE_TEXT, "officials")
    record["accounts"][0]["evidence"].append(more)
    assert pointers("events", record) == ["/accounts/0/evidence/1/source"]


def test_a_suspicion_is_relative_to_its_account():
    changes = {"/accounts/0/suspected/0/field": "/title"}
    assert pointers("events", changed(samples.event(), changes)) == [
        "/accounts/0/suspected/0/field"
    ]


def test_a_bearing_is_refused_outside_figures():
    record = changed(samples.event(), {"/place/bearing": "context"})
    assert verdicts(EVENTS, record) == (False, False)


def test_an_event_has_no_relation_to_itself():
    changes = {"/relations/0/event": "clearance"}
    assert pointers("events", changed(samples.event(), changes)) == ["/relations/0/event"]


def test_a_relation_leads_to_an_event_or_a_figure():
    both = changed(samples.event(), {"/relations/0/figure": "herald-001-hurt"})
    none = changed(samples.event(), {"/relations/0/event": GONE})
    assert pointers("events", both) == ["/relations/0/figure"]
    assert pointers("events", none) == ["/relations/0"]
    assert verdicts(EVENTS, both) == verdicts(EVENTS, none) == (False, False)
