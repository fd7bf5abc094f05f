"""Random histories over HTTP, on each engine, step by step against a model of dictionaries.

`RECENSION_TEST_EXAMPLES=200` plays so many, and new ones each time.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from service.model import Change
from service.store import Database, changes, intervals, revisions
from service.store.tables import OPEN, TABLES
from tests.model.drawn import Content
from tests.model.machine import Machine
from tests.model.served import Served
from tests.steady import steady_store

ASKED = "RECENSION_TEST_EXAMPLES" in os.environ
STEPS = 12
EXAMPLES = {"sqlite": 6, "postgresql": 2}
"""By default; a redaction rewrites tables, which takes PostgreSQL most of the time."""

played = settings(
    steady_store,
    stateful_step_count=STEPS,
    phases=(Phase.generate,),
    report_multiple_bugs=False,
)
"""Without shrinking, which takes minutes: a history of so few steps is read as it is."""


@pytest.fixture
def served(database_url: str, tmp_path: Path) -> Iterator[Served]:
    """A service over an empty store of each engine."""
    opened = Served(database_url, tmp_path)
    yield opened
    opened.db.close()


@pytest.fixture
def faulty(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Served]:
    """A service over an empty store: faults are planted above what differs between engines."""
    opened = Served(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'faulty.db')}", tmp_path)
    yield opened
    opened.db.close()


def test_every_history_is_answered_as_the_model_answers_it(served: Served) -> None:
    examples = steady_store.max_examples if ASKED else EXAMPLES[served.db.engine]
    asked = settings(played, max_examples=examples)
    run_state_machine_as_test(lambda: Machine(served), settings=asked)


def test_a_history_that_has_some_of_everything(served: Served) -> None:
    """What few random histories come to: each step here is followed by all that always holds."""
    machine = Machine(served)
    actor, figure, event = ("actors", "actors-a"), ("figures", "figures-ab"), ("events", "events-9")
    crowd = Content({actor: 1, figure: 2, event: 3}, 135, 1)
    machine.the_first_releases(crowd, [Content({actor: 3, figure: None}, 0, 2)])
    walk = machine.begin_a_walk_at_the_head("actors", 7)
    position = machine.begin_to_follow_the_feed(3)
    changed = Content({actor: 4, figure: 1, event: None}, 60, 1)
    steps: list[Callable[[], object]] = [
        lambda: machine.a_snapshot(changed, 1, True),
        lambda: machine.redact_a_record(0, 1),
        lambda: machine.a_release_that_replaces_a_stub(0),
        lambda: machine.a_snapshot(Content({figure: 3}, 0, 1), 0, False),
        lambda: machine.a_delta_for_an_earlier_head(changed, 1),
        lambda: machine.the_same_again(True),
        lambda: machine.a_publish_that_dies_within_its_transaction(Content({event: 2}, 0, 2)),
        machine.close_and_reopen,
        lambda: served.can_restore and machine.back_up_and_go_on_with_the_copy(),
        lambda: machine.end_a_walk_at_the_revision_where_it_began(walk),
        lambda: machine.go_on_to_the_end(machine.go_on_one_page(position)),
        machine.a_replay_of_the_feed_is_the_head,
    ]
    for step in steps:
        step()
        machine.the_revisions_are_those_of_the_model()
        machine.every_manifest_makes_its_digest()
        machine.the_head_is_where_it_was()
        machine.what_did_not_change_is_not_sent_again()
    for number in range(len(machine.model.revisions)):
        machine.the_exports_of_a_revision(number)
        machine.the_sums_of_a_revision(number)
        machine.the_diff_of_two_revisions_in_both_directions(0, number, 100)


# Controls: each fault has to be found


def _removed_is_left_open(patch: pytest.MonkeyPatch) -> None:
    begin = intervals.begin

    def leave_open(db: Database, key: int, kind: str, number: int) -> None:
        begin(db, key, kind, number)
        table = TABLES[kind]
        db.run(
            f"UPDATE {table} SET until = {OPEN} WHERE dataset = ? AND until = ?"  # noqa: S608
            " AND id = (SELECT min(id) FROM gone WHERE kind = ?)",
            (key, number, kind),
        )

    patch.setattr(intervals, "begin", leave_open)


def _diff_loses_removals(patch: pytest.MonkeyPatch) -> None:
    between = changes.between

    def lossy(*asked: Any) -> list[Change]:
        return [change for change in between(*asked) if change.change != "removed"]

    patch.setattr(changes, "between", lossy)


def _feed_loses_removals(patch: pytest.MonkeyPatch) -> None:
    feed = changes.feed
    patch.setattr(
        changes, "feed", lambda *asked: [row for row in feed(*asked) if row[1] != "removed"]
    )


def _a_date_is_answered_with_the_head(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(revisions, "as_of", lambda db, of, *asked: of.head)


class Fault(NamedTuple):
    """What is planted, and the steps of the machine that may find it: no other."""

    plant: Callable[[pytest.MonkeyPatch], None]
    found_by: set[str]


READERS = {"the_pages_of_a_revision", "the_exports_of_a_revision", "one_record"}
FAULTS = {
    "a removed record is left open": Fault(
        _removed_is_left_open, READERS | {"diff", "the_same_again"}
    ),
    "a diff loses removals": Fault(_diff_loses_removals, {"diff"}),
    "the feed loses removals": Fault(
        _feed_loses_removals, {"followed", "a_replay_of_the_feed_is_the_head"}
    ),
    "a date is answered with the head": Fault(
        _a_date_is_answered_with_the_head, {"the_revision_of_an_instant"}
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(
    faulty: Served, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    FAULTS[fault].plant(monkeypatch)
    many = settings(played, derandomize=True, max_examples=60)

    with pytest.raises(AssertionError) as found:
        run_state_machine_as_test(lambda: Machine(faulty), settings=many)

    steps = {entry.name for entry in found.traceback}
    assert steps & FAULTS[fault].found_by, steps
