"""A loader that is killed at any step leaves the old head or the new, and never a part.

`RECENSION_TEST_KILLS=1000` kills that often on SQLite, a fifth of that on PostgreSQL.
"""

import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.store import Database, publishing
from tests.builders import DATASET, load_release, write_release
from tests.faults import steps
from tests.faults.checking import examined
from tests.faults.steps import Loader
from tests.loader.releases import actors
from tests.schemas import samples
from tests.store.states import prepared

KILLS = int(os.environ.get("RECENSION_TEST_KILLS", "50"))
SEED = int(os.environ.get("RECENSION_TEST_SEED", "1931"))
RECORDS = 12

AIMS = {"reading": 3, "staging": 5, "tree": 4, "swap": 4, "insert": 20, "commit": 10, "after": 4}
"""Step to how many of fifty kills are aimed at it."""

PART = sum(AIMS.values())
"""Kills of one test; a longer run has several."""

STORE = 10
"""Kills of one store: to examine every revision after each takes longer the more there are."""


@pytest.fixture
def loader(database_url: str) -> Iterator[Loader]:
    """A loader on the store of the test."""
    with steps.loader(database_url) as started:
        yield started


def _delta(folder: Path, number: int) -> Path:
    names = ["a", *(f"r{number}-{index}" for index in range(RECORDS))]
    return write_release(
        folder / f"delta-{number}.ndjson", actors(names, note=str(number)), mode="delta"
    )


def _plan(draw: random.Random, engine: str) -> list[str]:
    aims = [step for step, count in AIMS.items() for _ in range(count)]
    plan = aims if engine == "sqlite" else aims[::5]
    draw.shuffle(plan)
    return plan


@pytest.mark.parametrize("part", range(-(-KILLS // PART)))
def test_a_load_that_is_killed_leaves_the_old_head_or_the_new(
    db: Database, loader: Loader, tmp_path: Path, part: int
) -> None:
    draw = random.Random(SEED + part)  # noqa: S311 - the same steps in every run
    load_release(db, write_release(tmp_path / "first.ndjson", actors("a"), samples.dataset()))
    whole = loader.load(_delta(tmp_path, 0))
    assert whole.said == "acknowledged 2"

    begun = tmp_path / "begun.db"
    _copy(db, begun)

    head, landed = 2, Counter[str]()
    plan = _plan(draw, db.engine)
    for number, step in enumerate(plan, 1):
        path = _delta(tmp_path, number)
        after = _after(draw, step, db.engine)
        how = "small" if number % 2 == 0 else ""
        told = loader.kill(path, steps.chosen(draw, whole.steps, step), after, how)
        landed[told.step] += told.killed
        _decided(db)
        found = examined(db, head)
        if told.killed and told.step in steps.BEFORE_COMMIT:
            assert (found, told.said) == (head, "")
        elif told.step == "after":
            assert found == head + 1
        else:
            assert found in (head, head + 1)
        assert told.said in ("", f"acknowledged {found}")

        again = load_release(db, path)

        assert again.outcome == ("published" if found == head else "unchanged")
        head += 1
        if number % STORE == 0:
            assert examined(db, head) == head
            head = _put_back(db, begun, head)

    print(f"{db.engine}: {landed.total()} kills: {steps.summary(landed)}")
    assert landed.total() >= len(plan) * 3 // 5
    assert landed["insert"] >= len(plan) // 5


def _decided(db: Database) -> None:
    """Wait until a server that was told to commit has done so: it outlives who told it."""
    busy = (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND state <> 'idle'"
    )
    while db.engine == "postgresql" and db.rows(busy):
        time.sleep(0.005)


def _copy(db: Database, begun: Path) -> None:
    if db.engine == "sqlite":
        db.close()
        shutil.copy(db.place, begun)


def _put_back(db: Database, begun: Path, head: int) -> int:
    """Begin again with two revisions where that is a matter of copying a file."""
    if db.engine != "sqlite":
        return head
    db.close()
    for rest in ("-wal", "-shm"):
        Path(db.place + rest).unlink(missing_ok=True)
    shutil.copy(begun, db.place)
    return 2


def _after(draw: random.Random, step: str, engine: str) -> float | None:
    """Kill a commit while it goes on; other steps mostly where they stand."""
    if step == "commit":
        return draw.uniform(0, 0.002 if engine == "sqlite" else 0.0003)
    return draw.uniform(0, 0.0005) if draw.random() < 0.2 else None


def test_a_publisher_that_commits_in_two_steps_is_noticed(db: Database, tmp_path: Path) -> None:
    # The control: a kill between two transactions must not pass the checks.
    load_release(db, write_release(tmp_path / "first.ndjson", actors("a"), samples.dataset()))

    with prepared(db, {("actors", "b"): {"id": "b"}}, DATASET) as publication, db.writing():
        key = publishing._swap(db, publication, None)
        publishing._insert_revision(db, key, publication.revision)

    with pytest.raises(AssertionError):
        examined(db)


@pytest.mark.parametrize("table", ["actors", "terms", "nodes"])
def test_a_row_that_no_revision_has_is_noticed(db: Database, tmp_path: Path, table: str) -> None:
    # The control: what a publisher without a transaction would leave.
    load_release(db, write_release(tmp_path / "first.ndjson", actors("a"), samples.dataset()))
    columns = {
        "actors": ("id, digest, body", "'z', digest, body"),
        "terms": ("kind, record, field, value", "kind, record, field, value"),
        "nodes": ("path, ids, text", "'z', ids, text"),
    }
    names, values = columns[table]
    assert examined(db) == 1

    with db.writing():
        db.run(
            f"INSERT INTO {table} (dataset, since, until, {names})"  # noqa: S608
            f" SELECT dataset, 2, until, {values} FROM {table} LIMIT 1"
        )

    with pytest.raises(AssertionError):
        examined(db)
