"""Filter columns, links and terms: made again from the bodies whenever a schema says so."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from schemas.folding import wanted
from schemas.kind import Column, Kind, Stated
from service.lines.derivation import Derived, derive
from service.model import DATASET
from service.store import Database, derived, searching
from service.store.migrate import migrate, pending
from service.store.searching import Wanted, Within
from service.store.tables import DESCRIBED, TABLES
from tests import processes
from tests.schemas import samples
from tests.store.states import NAME, State, at, publish

STATE: State = {(DATASET, NAME): samples.dataset()} | {
    (kind, record["id"]): record
    for kind, records in samples.records().items()
    for record in records
}


@pytest.fixture
def filled(db: Database) -> Database:
    """A store with three revisions of the samples, each kind with versions that ended."""
    publish(db, STATE)
    publish(db, {key: record | {"note": "Changed."} for key, record in STATE.items()})
    publish(db, {key: record for key, record in STATE.items() if key[0] != "figures"})
    assert migrate(db) == ["judgements of example"]
    return db


def dump(db: Database) -> dict[str, list[Any]]:
    """Return every row of the tables of versions, links, terms and words, ordered."""
    columns = {
        kind: ", ".join(("dataset", "id", "since", "until", "digest", "body", *_names(kind)))
        for kind in TABLES
    }
    asked = {
        TABLES[kind]: f"SELECT {names} FROM {TABLES[kind]} ORDER BY 1, 2, 3"  # noqa: S608
        for kind, names in columns.items()
    }
    for table in ("links", "terms"):
        asked[table] = f"SELECT * FROM {table}"  # noqa: S608
    # The number of a row is nobody's to rely on.
    asked["texts"] = "SELECT dataset, kind, record, since, until, words FROM texts"
    return {table: sorted(map(_plain, db.rows(sql)), key=repr) for table, sql in asked.items()}


def _plain(row: Any) -> list[Any]:
    return [bytes(cell) if isinstance(cell, memoryview | bytes) else cell for cell in row]


def _names(kind: str) -> tuple[str, ...]:
    return derived.columns(kind)


def forget(db: Database) -> None:
    """Lose all that derives from the bodies, and the memory of having made it."""
    with db.writing():
        db.run("DELETE FROM links")
        db.run("DELETE FROM terms")
        db.run("DELETE FROM texts")
        db.run("DELETE FROM derivations")
        for kind, table in TABLES.items():
            if names := _names(kind):
                nothing = ", ".join(f"{name} = NULL" for name in names)
                db.run(f"UPDATE {table} SET {nothing}")  # noqa: S608


def test_what_was_derived_at_the_load_is_what_a_refill_makes(filled: Database) -> None:
    before = dump(filled)
    forget(filled)
    assert dump(filled) != before

    done = migrate(filled)

    assert done == [f"derived columns of {kind}" for kind in DESCRIBED]
    assert dump(filled) == before
    assert pending(filled) == []


def test_a_refill_in_small_steps_makes_the_same(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(filled)
    forget(filled)
    monkeypatch.setattr(derived, "BATCH", 2)

    migrate(filled)

    assert dump(filled) == before


def test_a_refill_that_was_cut_off_begins_again(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(filled)
    forget(filled)
    with monkeypatch.context() as patch:
        patch.setattr(derived, "BATCH", 2)
        patch.setattr(derived, "derive", _failing_after(5))
        with pytest.raises(RuntimeError, match="cut off"):
            migrate(filled)
    assert pending(filled) != []

    migrate(filled)

    assert dump(filled) == before


def _failing_after(count: int) -> Any:
    left = [count]

    def failing(described: Kind, record: dict[str, Any]) -> Derived:
        left[0] -= 1
        if not left[0]:
            raise RuntimeError("cut off")
        return derive(described, record)

    return failing


class _Counted(Kind):
    """A kind that declares one column more: how many members a record has."""

    def stated(self, record: Mapping[str, Any]) -> Stated:
        told = super().stated(record)
        told.values["members"] = len(record)
        return told


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The schema of actors declares a column that the tables do not have."""
    actors = DESCRIBED["actors"]
    members = {name: getattr(actors, name) for name in actors.__dataclass_fields__}
    members["columns"] = (*actors.columns, Column("members", "integer", True, True))
    described = MappingProxyType({**DESCRIBED, "actors": _Counted(**members)})
    monkeypatch.setattr(derived, "DESCRIBED", described)


def test_a_column_that_a_schema_newly_declares_is_added_and_filled(
    filled: Database, request: pytest.FixtureRequest
) -> None:
    before = dump(filled)
    request.getfixturevalue("declared")
    assert pending(filled) == ["derived columns of actors"]

    done = migrate(filled)

    assert done == ["derived columns of actors"]
    rows = filled.rows("SELECT body, members FROM actors")
    assert len(rows) == 9
    assert [len(json.loads(body)) for body, _ in rows] == [members for _, members in rows]
    request.getfixturevalue("monkeypatch").undo()
    assert dump(filled) == before


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The schema of actors declares one text less than the search index holds."""
    actors = DESCRIBED["actors"]
    members = {name: getattr(actors, name) for name in actors.__dataclass_fields__}
    members["searchable"] = {"name": 2, "names.printed": 2, "roles.role": 3}
    described = MappingProxyType({**DESCRIBED, "actors": Kind(**members)})
    for module in (derived, searching):
        monkeypatch.setattr(module, "DESCRIBED", described)


def test_what_is_searched_follows_the_schema(
    filled: Database, request: pytest.FixtureRequest
) -> None:
    before = dump(filled)
    assert _found(filled, "changed") == ["ada-quill", "council", "ember-herald"]
    request.getfixturevalue("searched")

    done = migrate(filled)

    assert done == ["derived columns of actors"]
    assert _found(filled, "changed") == []
    assert _found(filled, "quill") == ["ada-quill"]
    request.getfixturevalue("monkeypatch").undo()
    assert migrate(filled) == ["derived columns of actors"]
    assert dump(filled) == before


def _found(db: Database, word: str) -> list[str]:
    within = Within(frozenset(searching.DESCRIBED["actors"].searchable))
    asked = Wanted("actors", wanted(word), within)
    return [name for name, _ in searching.page(db, at(db, 2), asked, "", 100)]


RENEW = f"""
import sys
from service.store import open_database, derived
derived.BATCH = 2
{processes.WAIT}
db = open_database(sys.argv[1])
derived.renew(db)
db.close()
"""


def test_processes_that_refill_at_once_make_the_same(filled: Database, database_url: str) -> None:
    before = dump(filled)
    forget(filled)

    ends = processes.together(RENEW, database_url, count=3)

    assert ends == [(0, "", "")] * 3
    assert dump(filled) == before


def test_a_stub_has_no_values_no_terms_and_no_words() -> None:
    for kind, described in DESCRIBED.items():
        if described.redactable:
            made = derive(DESCRIBED[kind], samples.stub())
            assert set(made.values) <= {None}
            assert (made.links, made.terms, made.words) == ([], [], "")


def test_links_name_what_a_record_refers_to() -> None:
    made = derive(DESCRIBED["actors"], samples.actor())

    assert ("member_of.actor", "actors", "council") in made.links
    assert ("names.evidence.source", "sources", "herald-001") in made.links


def test_replaced_ids_are_links_of_their_own_sort() -> None:
    made = derive(DESCRIBED["sources"], samples.source())

    assert ("replaces", "replaced", "herald-draft") in made.links


def test_an_integer_column_keeps_its_type(filled: Database) -> None:
    value = filled.row("SELECT value FROM figures WHERE id = 'wire-002-injured' AND since = 1")

    assert value == (15,)
