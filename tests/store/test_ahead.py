"""A large first release is stored ahead, table by table: nobody finds it before it is published."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.app import create_app
from service.config import Config
from service.errors import HeadMoved, NotFound, Unavailable
from service.reading import datasets, exports
from service.store import Database, ahead, intervals, open_database, publishing, revisions
from tests.builders import DATASET, load_release, write_release
from tests.faults import steps
from tests.faults.checking import examined
from tests.loader import releases
from tests.schemas import samples
from tests.store.states import NAME, State, actors, census, prepared, publish

LARGE = actors("a", "b", "c", name="Of a dataset")
READ = (
    "/actors?total=true",
    "/actors/a",
    "/search?q=dataset",
    "/facets?kind=actors&field=names.evidence.source",
    "/export",
    "/series",
)
NOTHING = dict.fromkeys(("datasets", "revisions", "nodes", "links", "terms", "texts", "actors"), 0)


@pytest.fixture
def store(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty store on SQLite."""
    opened = open_database(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'store.db')}")
    yield opened
    opened.close()


@pytest.fixture
def other(store: Database) -> Iterator[Database]:
    """The same store as another process has it open."""
    opened = open_database(store.url)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is first is large, and others are let in after each table."""
    monkeypatch.setattr(ahead, "MANY", 1)
    monkeypatch.setattr(ahead, "LONG_SECONDS", 0.0)
    monkeypatch.setattr(ahead, "PAUSE_SECONDS", 0.0)


def _in_pauses(monkeypatch: pytest.MonkeyPatch, *acts: Any) -> None:
    """Have others act while they are let in, one after the other, and nobody in the end."""
    left = list(acts)
    monkeypatch.setattr(ahead.time, "sleep", lambda _: left.pop(0)() if left else None)


def _found(db: Database) -> dict[str, int]:
    return {table: rows for table, rows in census(db).items() if table in NOTHING}


def test_what_is_stored_ahead_is_what_is_stored_as_a_whole(
    store: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, migrated_sqlite: Path
) -> None:
    publish(store, LARGE)
    monkeypatch.setattr(ahead, "MANY", 100)
    whole = open_database(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'whole.db')}")

    publish(whole, LARGE)

    assert _exported(store) == _exported(whole)
    assert census(store) == census(whole)
    assert census(store)["texts"] == len(LARGE)
    whole.close()


def _exported(db: Database) -> bytes:
    return b"".join(exports.ndjson(db, datasets.at(db, NAME)))


def test_nobody_finds_it_before_it_is_published(
    store: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The same ids and words, in another dataset.
    publish(store, LARGE, "before")
    client = create_app(Config(cache_bytes=0), other).test_client()
    paths = ("", *(f"/before{path}" for path in READ))
    before, seen = [client.get(f"/v1/datasets{path}") for path in paths], []

    def look() -> None:
        seen.append([client.get(f"/v1/datasets{path}").get_data() for path in paths])
        for name in (NAME, "~"):
            with pytest.raises(NotFound):
                datasets.at(other, name)

    _in_pauses(monkeypatch, *[look] * 5)
    publish(store, LARGE)

    assert [answer.status_code for answer in before] == [200] * len(paths)
    assert seen == [[answer.get_data() for answer in before]] * 5
    assert [each.name for each in revisions.every_dataset(other)] == ["before", NAME]
    assert _found(other)["actors"] == 2 * len(LARGE)


def test_another_writes_between_two_tables(
    store: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _in_pauses(monkeypatch, lambda: publish(other, actors("x"), "meanwhile"))

    publish(store, LARGE)

    assert [each.name for each in revisions.every_dataset(store)] == [NAME, "meanwhile"]


def test_of_two_first_loads_the_second_is_told_and_leaves_nothing(
    store: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _in_pauses(monkeypatch, lambda: publish(other, actors("x")))

    with pytest.raises(HeadMoved, match="another load published revision 1"):
        publish(store, LARGE)

    assert revisions.dataset(store, NAME).head.records["actors"] == 1
    assert _found(store)["actors"] == _found(store)["datasets"] == 1


@pytest.mark.parametrize("step", ["begin", "begin_derived"])
def test_a_failure_midway_leaves_nothing(
    store: Database, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    fill, calls = getattr(intervals, step), iter(range(9))

    def failing(*asked: Any, **more: Any) -> None:
        fill(*asked, **more)
        if next(calls) == 1:
            raise Unavailable("the disk is full")

    monkeypatch.setattr(intervals, step, failing)
    with pytest.raises(Unavailable, match="the disk is full"):
        publish(store, LARGE)

    assert _found(store) == NOTHING


def test_what_a_commit_stored_whose_answer_was_lost_stays(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, lost = store.peewee.commit, []

    def committing() -> None:
        commit()
        if revisions.find_dataset(store, NAME) and not lost:
            lost.append(True)
            raise Unavailable("no answer")

    monkeypatch.setattr(store.peewee, "commit", committing)
    publish(store, LARGE)

    assert lost
    assert _found(store)["actors"] == len(LARGE)


def test_where_another_stores_ahead_it_is_stored_as_a_whole(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _in_pauses(monkeypatch, lambda: pytest.fail("something was stored ahead"))
    folder = os.open(Path(store.place).parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)

    publish(store, LARGE)

    os.close(folder)
    assert _found(store)["actors"] == len(LARGE)


def test_how_long_others_are_kept_out_is_that_of_the_longest_part(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, now = intervals.begin_derived, [0]

    def slow(db: Database, name: str, *asked: Any, **more: Any) -> None:
        now[0] += 5 if name == "terms" else 2
        begin(db, name, *asked, **more)

    monkeypatch.setattr(intervals, "begin_derived", slow)
    for module in (ahead, publishing):
        monkeypatch.setattr(module, "monotonic", lambda: now[0])
    with prepared(store, LARGE) as publication:
        locked = publishing.publish(store, publication)

    # Two kinds in each of three tables.
    assert (locked, now[0]) == (10, 18)


@pytest.mark.parametrize("following", [LARGE, actors("y")])
def test_the_next_load_removes_what_a_killed_one_left(
    store: Database, other: Database, monkeypatch: pytest.MonkeyPatch, following: State
) -> None:
    _leave(store, monkeypatch)
    assert _found(store)["actors"] == len(LARGE)
    monkeypatch.setattr(ahead, "MANY", 2)

    publish(other, following, "next")

    assert [each.name for each in revisions.every_dataset(store)] == ["next"]
    assert _found(store)["actors"] == len(following)
    assert _found(store)["datasets"] == 1


def _leave(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a part of a first release behind, as one does that is killed: nothing is removed."""
    with monkeypatch.context() as patch:
        patch.setattr(ahead, "_remove", lambda _: None)
        patch.setattr(intervals, "begin_derived", _cut_off)
        with pytest.raises(Unavailable):
            publish(store, LARGE)


def _cut_off(*_: object, **__: object) -> None:
    raise Unavailable("cut off")


def test_a_load_that_is_killed_leaves_what_nobody_finds(
    store: Database, tmp_path: Path, migrated_sqlite: Path
) -> None:
    release = write_release(tmp_path / "first.ndjson", releases.actors("a"), samples.dataset())
    left = []
    with steps.loader(store.url) as loader:
        whole = loader.load(release, "ahead").steps
        begun = whole.index("swap")
        for number in range(begun, len(whole), 3):
            _put_back(store, migrated_sqlite)
            assert loader.kill(release, number, None, "ahead").killed
            left.append(_found(store))
            published = revisions.find_dataset(store, DATASET)

            again = load_release(store, release)

            assert again.outcome == ("unchanged" if published else "published")
            assert examined(store) == 1
            assert _found(store)["datasets"] == _found(store)["actors"] == 1
    parts = [found for found in left if found["datasets"] and not found["revisions"]]
    assert any(found["actors"] for found in parts)
    assert any(found["actors"] and found["texts"] for found in parts)


def _put_back(db: Database, empty: Path) -> None:
    db.close()
    for rest in ("-wal", "-shm"):
        Path(db.place + rest).unlink(missing_ok=True)
    shutil.copy(empty, db.place)
