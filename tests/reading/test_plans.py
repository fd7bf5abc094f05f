"""No filter and no order that is advertised scans a table, on either engine."""

import shutil
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from schemas import KINDS
from schemas.filters import Filter, Filterable, SortKey
from schemas.texts import Short
from service.model import Reading
from service.store import Database, open_database, selecting
from service.store.selecting import Selection
from tests import postgres
from tests.conftest import ENGINES
from tests.reading import bulk

LIMIT = 101

VALUES: dict[str, tuple[Any, ...]] = {
    "text": ("v7",),
    "number": (4900,),
    "integer": (4900,),
    "date": ("2022-11-12", "2022-11-12"),
}


class Plans:
    """What the planner of a store says of the statements that a question takes."""

    def __init__(self, db: Database, reading: Reading, patch: pytest.MonkeyPatch) -> None:
        self.db, self.reading, self.patch = db, reading, patch

    def of(self, selection: Selection) -> list[str]:
        """Return the steps of every statement by which a page is read."""
        asked: list[tuple[str, Sequence[Any]]] = []
        rows = self.db.rows

        def noted(sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
            asked.append((sql, parameters))
            return rows(sql, parameters)

        with self.patch.context() as patch:
            patch.setattr(self.db, "rows", noted)
            selecting.page(self.db, self.reading, selection, None, LIMIT)
        return [step for each in asked for step in self.explained(*each)]

    def explained(self, sql: str, parameters: Sequence[Any]) -> list[str]:
        if self.db.engine == "sqlite":
            return [row[3] for row in self.db.rows(f"EXPLAIN QUERY PLAN {sql}", parameters)]
        return [row[0] for row in self.db.rows(f"EXPLAIN {sql}", parameters)]

    def scans(self, selection: Selection) -> list[str]:
        """Return the steps that read a whole table of records or of terms."""
        tables = (selection.kind, "terms", "texts", "sources")
        starts = ("SCAN r", "SCAN t", "SCAN p") if self.db.engine == "sqlite" else tuple(
            f"Seq Scan on {table}" for table in tables)  # fmt: skip
        return [step for step in self.of(selection) if step.lstrip(" ->").startswith(starts)]


@pytest.fixture(scope="module", params=ENGINES)
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Reading]]:
    """A store of many rows on each engine, made once."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("bulk") / "recension.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        url = f"sqlite:///{path}"
    else:
        template = request.getfixturevalue("migrated_postgres")
        server = request.getfixturevalue("postgres_url")
        url = postgres.create_database(server, "bulk", template)
    db = open_database(url)
    yield db, bulk.fill(db)
    db.close()
    if request.param != "sqlite":
        postgres.drop_database(server, "bulk")


@pytest.fixture
def plans(filled: tuple[Database, Reading], monkeypatch: pytest.MonkeyPatch) -> Plans:
    return Plans(*filled, monkeypatch)


def filters() -> Iterator[tuple[str, Filter]]:
    """Yield every filter of every kind with every operator."""
    for kind in KINDS.values():
        for of in kind.filters.values():
            for operator in of.operators:
                yield from ((kind.name, Filter(of, operator, v)) for v in _asked(of, operator))


def _asked(of: Filterable, operator: str) -> list[tuple[Any, ...]]:
    if operator == "exists":
        return [(True,), (False,)]
    if operator == "contains":
        return [("w7",), ("w7 w8 common",), ("common",)]
    more = {"text": ("v8", "v9"), "number": (17, 18)}.get(of.type, ())
    return [VALUES[of.type] + (more if operator == "in" else ())]


def test_no_filter_scans_a_table(plans: Plans) -> None:
    asked = list(filters())
    scanning = [
        (kind, of.name, operator)
        for kind, (of, operator, values) in asked
        if plans.scans(Selection(kind, (Filter(of, operator, values),)))
    ]

    assert len(asked) > 300
    assert scanning == []


def test_no_order_scans_a_table(plans: Plans) -> None:
    asked = [
        Selection(kind.name, (), (SortKey(of, descending),))
        for kind in KINDS.values()
        for of in kind.sorts.values()
        for descending in (False, True)
    ]

    assert [each for each in asked if plans.scans(each)] == []


@pytest.mark.parametrize(("field", "value", "order"), [
    ("measure", "v7", "value"),
    ("of.event", "v7", "reference_period"),
    ("evidence.source", "v7", "value"),
    ("attribution.actor", "v7", "measure"),
])  # fmt: skip
def test_no_filter_with_an_order_scans_a_table(
    plans: Plans, field: str, value: str, order: str
) -> None:
    kind = KINDS["figures"]
    key = SortKey(kind.sorts[order], descending=True)
    selection = Selection("figures", (Filter(kind.filters[field], "", (value,)),), (key,))

    assert plans.scans(selection) == []


def test_a_column_that_no_schema_declares_is_scanned_for(plans: Plans) -> None:
    undeclared = Filterable("why", Short(), ("why",))

    steps = plans.of(Selection("figures", (Filter(undeclared, "", ("v7",)),)))

    assert _reads_everything(plans, steps), steps


def _reads_everything(plans: Plans, steps: list[str]) -> bool:
    """Say whether a plan goes through all records: on SQLite that is all of the dataset."""
    if plans.db.engine == "sqlite":
        return any(step.endswith("(dataset=?)") for step in steps)
    return any("Seq Scan on figures" in step or "Rows Removed" in step for step in steps)
