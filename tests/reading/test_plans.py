"""No filter and no order that is advertised scans a table, on either engine."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product, starmap
from typing import Any

import apsw
import pytest

from schemas import KINDS
from schemas.filters import Filter, Filterable, SortKey, read
from schemas.folding import wanted
from schemas.texts import Short
from service.contested import Prominence
from service.model import Reading
from service.reading import search
from service.store import Database, open_database, records, selecting, series
from service.store.filtering import Way
from service.store.selecting import Selection
from service.store.standings import listing
from service.store.standings.listing import Only, Ranked
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
        way = selecting.way_of(self.db, self.reading, selection)
        return self.steps(
            lambda: selecting.page(self.db, self.reading, selection, None, LIMIT, way)
        )

    def steps(self, question: Callable[[], Any]) -> list[str]:
        """Return the steps of every statement that a question takes."""
        return [step for each in self.statements(question) for step in self.explained(*each)]

    def statements(self, question: Callable[[], Any]) -> list[tuple[str, Sequence[Any]]]:
        """Return every statement that a question takes, with its parameters."""
        asked: list[tuple[str, Sequence[Any]]] = []
        rows = self.db.rows

        def noted(sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
            asked.append((sql, parameters))
            return rows(sql, parameters)

        with self.patch.context() as patch:
            patch.setattr(self.db, "rows", noted)
            question()
        return asked

    def share(self, question: Callable[[], Any]) -> float:
        """Return what a question takes as a part of a look at all figures: of the steps of SQLite's
        machine, of the rows that PostgreSQL comes by.
        """
        through_all = ("SELECT count(*) FROM figures r WHERE r.body > ?", ("",))
        return sum(starmap(self.work, self.statements(question))) / self.work(*through_all)

    def work(self, sql: str, parameters: Sequence[Any]) -> int:
        """Return the steps or the rows that a statement takes."""
        if self.db.engine == "postgresql":
            ((made,),) = self.db.rows(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters)
            return _rows_of(made[0]["Plan"])
        told: list[Any] = []
        connection = self.db.peewee.connection()
        connection.trace_v2(apsw.SQLITE_TRACE_PROFILE, told.append)
        self.db.rows(sql, parameters)
        connection.trace_v2(0)
        return int(told[-1]["stmt_status"]["SQLITE_STMTSTATUS_VM_STEP"])

    def explained(self, sql: str, parameters: Sequence[Any]) -> list[str]:
        if self.db.engine == "sqlite":
            return [row[3] for row in self.db.rows(f"EXPLAIN QUERY PLAN {sql}", parameters)]
        return [row[0] for row in self.db.rows(f"EXPLAIN {sql}", parameters)]

    def scans(self, selection: Selection) -> list[str]:
        """Return the steps that read a whole table of records or of terms."""
        return self.whole(self.of(selection))

    def whole(self, steps: list[str]) -> list[str]:
        """Return the steps that read a whole table."""
        starts = ("Seq Scan on ",)
        if self.db.engine == "sqlite":
            starts = tuple(f"SCAN {name}" for name in ("r", "t", "p", "s", "texts"))
        return [step for step in steps if step.lstrip(" ->").startswith(starts)]


def _rows_of(plan: Any) -> int:
    """Return the rows that the scans of a plan come by, whether they are admitted or not."""
    below = sum(map(_rows_of, plan.get("Plans", ())))
    if "Scan" not in plan["Node Type"] or plan["Node Type"] == "Bitmap Index Scan":
        return below
    removed = [count for name, count in plan.items() if name.startswith("Rows Removed by")]
    return below + int((plan["Actual Rows"] + sum(removed)) * plan["Actual Loops"])


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
        return [("w7",), ("w7 w8 usual",), ("usual",)]
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


RARE = {
    "measure": "v7", "place.id": "v7", "stance__in": "v7,v9", "asserted.date": "2022-11-12",
    "value__gt": "4900", "attribution.manner": "v7", "note__contains": "w7",
}  # fmt: skip
COMMON = {
    "measure": "usual", "place.id": "usual", "asserted.date__within": "2022", "value__gt": "9",
    "attribution.manner": "usual", "note__contains": "usual", "high__exists": "true",
}  # fmt: skip
"""Filters of each sort, by what few records state and by what many do."""

PAIRS = [
    pair
    for pair in (
        *product(RARE.items(), (*COMMON.items(), ("low__exists", "false"))),
        *combinations(COMMON.items(), 2),
    )
    if pair[0][0] != pair[1][0]
]

MOST = 0.5
"""The part of a look at all figures that a page may take."""


def asked_by(*texts: tuple[str, str]) -> Selection:
    """Return the selection of figures by some parameters."""
    return Selection("figures", tuple(_filter(*each) for each in texts))


def _filter(parameter: str, text: str) -> Filter:
    """Return a filter, also one by a value that no figure could state."""
    filters = KINDS["figures"].filters
    field, _, operator = parameter.partition("__")
    if filters[field].type == "text" and operator in ("", "in"):
        return Filter(filters[field], operator, tuple(text.split(",")))
    return read(filters, parameter, text)


def test_no_pair_of_filters_goes_through_the_records(plans: Plans) -> None:
    every = [asked_by(*pair) for pair in PAIRS]
    shares = [
        plans.share(lambda each=each: selecting.page(plans.db, plans.reading, each, None, LIMIT))
        for each in every
    ]

    assert len(PAIRS) > 70
    assert [pair for pair, share in zip(PAIRS, shares, strict=True) if share > MOST] == []


def test_to_read_a_pair_by_what_many_records_state_is_noticed(plans: Plans) -> None:
    rare = RARE["measure"]
    for common in ("attribution.manner", "note__contains"):
        selection = asked_by(("measure", rare), (common, "usual"))
        way = Way(selection.filters[1], ordered=False)

        share = plans.share(
            lambda asked=(selection, None, LIMIT, way): selecting.page(
                plans.db, plans.reading, *asked
            )
        )

        assert share > MOST


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


# SQLite keeps what it prepared.
@pytest.mark.parametrize("filled", ["postgresql"], indirect=True)
def test_postgresql_plans_the_pages_of_a_kind_once(plans: Plans) -> None:
    for number in range(20):
        records.page(plans.db, plans.reading, "figures", f"r-{100000 + number}", LIMIT)

    planned = plans.db.rows(
        "SELECT custom_plans, generic_plans FROM pg_prepared_statements"
        " WHERE starts_with(statement, 'SELECT id, body FROM figures')"
    )
    assert [generic > custom for custom, generic in planned] == [True]


@pytest.mark.parametrize("words", ["usual", "w7", "usual w8", "nowhere"])
def test_no_search_scans_a_table(plans: Plans, words: str) -> None:
    found = search.page(plans.db, plans.reading, wanted(words), list(KINDS), None, LIMIT)
    steps = plans.steps(
        lambda: search.page(plans.db, plans.reading, wanted(words), list(KINDS), None, LIMIT)
    )

    assert bool(found.found) == (words != "nowhere")
    assert plans.whole(steps) == []
    assert any("texts_words" in step or "VIRTUAL TABLE INDEX" in step for step in steps)


JUDGED: list[tuple[str, Only]] = [
    ("", Only()),
    ("measure", Only(measure="v7")),
    ("counted_group", Only(group="v7")),
    ("of_id", Only(of="v7")),
    ("place", Only(place="v7")),
    ("status", Only(status="revised")),
    ("", Only(status="contested")),
]
"""What series are asked for by, and the column whose index finds them."""


@pytest.mark.parametrize(("column", "only"), JUDGED)
def test_no_list_of_series_scans_a_table(plans: Plans, column: str, only: Only) -> None:
    steps = plans.steps(lambda: listing.page(plans.db, plans.reading, only, "", LIMIT))

    assert plans.whole(steps) == []
    assert any(f"standings_{column}" in step for step in steps)


@pytest.mark.parametrize(("only", "common"), [
    (Only(of="v7", status="agreed"), "status"), (Only(place="v7", status="agreed"), "status"),
    (Only(measure="usual", of="v7"), "measure"),
    (Only(group="usual", status="revised"), "counted_group"),
])  # fmt: skip
def test_no_list_of_series_by_two_goes_through_them(
    plans: Plans, monkeypatch: pytest.MonkeyPatch, only: Only, common: str
) -> None:
    def share() -> float:
        return plans.share(lambda: listing.page(plans.db, plans.reading, only, "", LIMIT))

    told = share()
    assert told < MOST / 5
    if plans.db.engine == "sqlite":
        monkeypatch.setattr(listing, "_rarest", lambda *_: common)
        assert share() > told


def test_series_of_a_few_figures_are_not_looked_for_among_all(
    plans: Plans, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [f"r-{100000 + 150 * number}" for number in range(100)]

    def share() -> float:
        return plans.share(lambda: series.series_of(plans.db, series.only(plans.reading), ids))

    told = share()
    assert told < MOST
    if plans.db.engine == "sqlite":
        monkeypatch.setattr(series, "IN_A_SERIES", "series > ''")
        assert share() > told * 5


@pytest.mark.parametrize("about", ["series", "events"])
def test_disagreements_are_read_in_their_order(plans: Plans, about: str) -> None:
    after = Ranked(Prominence(-3.0, -2, -5), "r-100007")
    for place in (None, after):
        steps = plans.steps(
            lambda place=place: listing.ranked(plans.db, plans.reading, about, Only(), place, LIMIT)
        )

        assert plans.whole(steps) == []
        assert any("standings_rank" in step for step in steps)
        assert not any("TEMP B-TREE" in step or "Sort" in step for step in steps)


def test_a_list_of_series_by_nothing_that_is_indexed_is_noticed(plans: Plans) -> None:
    steps = plans.explained("SELECT * FROM standings s WHERE step = ?", ("x",))

    assert plans.whole(steps) != []
