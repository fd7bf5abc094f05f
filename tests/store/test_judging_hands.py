"""Much that is to be judged, shared among processes: all is as if one had judged it."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from service.model import Dataset
from service.store import Database, revisions
from service.store.standings import hands, judging, making
from service.store.standings.hands import share, wanted
from service.store.standings.judging import JUDGED_BY, keep
from service.store.standings.making import Batch, Overtaken, Task
from tests.contested.made import figure
from tests.store.states import NAME, State, publish
from tests.store.test_standings import TWO, UNSETTLING

SERIES = 12


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dozen series are many, and judged in many batches."""
    monkeypatch.setattr(hands, "LEAST", 0)
    monkeypatch.setattr(judging, "BATCH", 2)


@pytest.fixture
def of(db: Database) -> Dataset:
    """A dataset of two revisions, by the second of which a source counts for nobody."""
    more: State = {
        ("figures", f"more-{n}"): {
            **figure(f"more-{n}", n, source="s", by=[]),
            "of": {"event": f"event-{n}"},
        }
        for n in range(SERIES)
    }
    publish(db, {**TWO, **more})
    publish(db, {**TWO, **more, **UNSETTLING["sources"]})
    return revisions.dataset(db, NAME)


def told(db: Database, of: Dataset, processes: int) -> list[Any]:
    """Have everything judged anew, and return all that is kept."""
    for table in ("judged", "standings"):
        db.run(f"DELETE FROM {table} WHERE dataset = ?", (of.key,))  # noqa: S608
    assert keep(db, of.name, processes)
    return sorted(map(repr, db.rows("SELECT * FROM standings WHERE dataset = ?", (of.key,))))


def test_what_several_judge_is_what_one_judges(db: Database, of: Dataset) -> None:
    alone = told(db, of, 1)

    assert told(db, of, 3) == alone
    assert len(alone) == SERIES + 2


def test_the_comparison_notices_what_another_was_handed_and_did_not_store(
    db: Database, of: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = told(db, of, 1)
    monkeypatch.setattr(hands.aside, "__name__", "service.hand")
    monkeypatch.setattr(hands._Helper, "left", lambda _: ())

    assert len(told(db, of, 2)) < len(alone)


def test_what_one_leaves_that_ends_is_judged_here(
    db: Database, of: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = told(db, of, 1)
    # A process that takes nothing, and is gone at once.
    monkeypatch.setattr(hands.aside, "__name__", "service.hand")

    assert told(db, of, 3) == alone


def test_where_there_is_no_room_for_another_all_is_judged_here(
    db: Database, of: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: str) -> Iterator[None]:
        raise OSError("Cannot allocate memory")

    alone = told(db, of, 1)
    monkeypatch.setattr(hands, "Hand", full)

    assert told(db, of, 3) == alone


def test_what_another_overtook_is_stored_by_nobody(db: Database, of: Dataset) -> None:
    keep(db, of.name)
    db.run("DELETE FROM standings")
    db.run("UPDATE judged SET revision = 0, target = 2")
    key = "killed.people.event-1"
    task = Task(of, JUDGED_BY, 0, 2, redactions=1)

    with pytest.raises(Overtaken):
        share(db, task, [Batch("series", 0, [key])], 1)

    assert db.row("SELECT count(*) FROM standings") == (0,)
    making.make(db, task._replace(redactions=0), Batch("series", 0, [key]))
    assert db.row("SELECT count(*) FROM standings") == (1,)


@pytest.mark.parametrize(
    ("allowed", "names", "others"), [(1, 10**6, 0), (2, 10**6, 1), (64, 10**6, 3), (2, 100, 0)]
)
def test_others_judge_only_what_is_much(
    monkeypatch: pytest.MonkeyPatch, allowed: int, names: int, others: int
) -> None:
    monkeypatch.setattr(hands, "LEAST", 101)

    assert wanted(allowed, names) == others


def test_on_one_processor_one_process_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {pid})

    assert wanted(0, 10**6) == 0
