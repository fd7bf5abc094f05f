"""Any filter, order and walk gives what the same question gives of a list in memory."""

from collections import Counter
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import KINDS, edtf
from schemas.filters import SortKey
from service.canonical import canonical
from service.model import Reading
from service.reading import facets, selections
from service.store import Database, selecting
from service.store.selecting import Selection
from service.store.tallies import Chosen, total
from tests.reading import crowd, listing
from tests.reading.questions import questions
from tests.store.states import at

Revisions = list[dict[str, dict[str, dict[str, Any]]]]

ASKED = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def revisions(db: Database) -> Revisions:
    return crowd.publish_crowd(db)


def selected(kind: str, asked: list[tuple[str, str]], keys: list[str] | None = None) -> Selection:
    described = KINDS[kind]
    order = [SortKey(described.sorts[key.removeprefix("-")], key[0] == "-") for key in keys or ()]
    return Selection(kind, tuple(described.filter(*each) for each in asked), tuple(order))


def walked(db: Database, reading: Reading, selection: Selection, limit: int) -> list[str]:
    bodies, after, more = [], None, True
    while more:
        page = selections.page(db, reading, selection, after, limit)
        assert len(page.bodies) == limit or not page.more
        bodies += page.bodies
        after, more = page.last, page.more
    return bodies


def test_a_walk_tells_what_a_list_in_memory_does(
    db: Database, revisions: Revisions, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits, most = (
        st.sampled_from([1, 2, 3, 7, 200]),
        st.sampled_from([0, 1, selecting.PAGE, 10_000]),
    )

    @ASKED
    @given(questions(), st.integers(1, 3), limits, most)
    def agrees(question: Any, number: int, limit: int, most: int) -> None:
        # Whether few records pass a filter decides how SQLite goes about it, and nothing else.
        monkeypatch.setattr(selecting, "PAGE", most)
        kind, asked, keys = question
        selection, reading = selected(kind, asked, keys), at(db, number, crowd.NAME)
        records = revisions[number - 1]
        found = listing.admitted(records[kind].values(), kind, asked, records["sources"])
        expected = listing.ordered(found, kind, keys)

        told = walked(db, reading, selection, limit)

        assert told == [canonical(record).decode() for record in expected]
        assert selections.total(db, reading, selection) == len(expected)

    agrees()


def test_facets_count_as_a_list_in_memory_does(db: Database, revisions: Revisions) -> None:
    @settings(ASKED, max_examples=60)
    @given(st.data(), questions(), st.integers(1, 3))
    def agrees(data: st.DataObject, question: Any, number: int) -> None:
        kind, asked, _ = question
        chosen = Chosen(at(db, number, crowd.NAME), kind, selected(kind, asked).filters)
        records = revisions[number - 1]
        found = listing.admitted(records[kind].values(), kind, asked, records["sources"])
        live = [record for record in found if "redacted" not in record]
        counted = [of for of in KINDS[kind].filters.values() if of.counted]
        of = data.draw(st.sampled_from(counted))
        values = [listing.stated(record, of.name, kind) for record in live]

        assert total(db, chosen) == len(live)
        if of.type == "date":
            _days_agree(facets.by_day(db, chosen, of, ("2021-12-30", "2022-01-09")), values)
        else:
            _counts_agree(facets.by_value(db, chosen, of), values)

    agrees()


def _counts_agree(facet: facets.Facet, values: list[list[Any]]) -> None:
    counts = Counter(value for each in values for value in set(each))
    expected = sorted(counts.items(), key=lambda item: (-item[1], item[0]))

    assert orjson.dumps(facet.values) == orjson.dumps(expected)
    assert (facet.more, facet.absent) == (0, values.count([]))


def _days_agree(histogram: facets.Histogram, values: list[list[str]]) -> None:
    spans = [edtf.bounds(value) for each in values for value in each]
    days = [day for day, _ in histogram.days]

    assert (len(days), days[0], days[-1]) == (11, "2021-12-30", "2022-01-09")
    for day, count in histogram.days:
        assert count == sum(first <= day <= last for first, last in spans), day
    assert histogram.absent == values.count([])


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5])
def test_a_page_that_ends_where_the_list_does_has_no_next(
    db: Database, revisions: Revisions, size: int
) -> None:
    names = sorted(revisions[2]["figures"])[:size] or ["nobody"]
    selection = selected("figures", [("id__in", ",".join(names))], ["-value"])

    told = walked(db, at(db, 3, crowd.NAME), selection, 2)

    assert len(told) == size


def test_a_box_finds_places_by_their_own_coordinates_or_those_around_them(
    db: Database, revisions: Revisions
) -> None:
    reading = at(db, 3, crowd.NAME)

    def places(*corners: float) -> tuple[Any, ...]:
        return selections.located(db, reading, "figures", selections.Box(*corners)).values

    assert set(places(10, -70, 14, -60)) == {"port-ember", "north-quay"}
    assert set(places(170, -70, 14, -60)) == {"port-ember", "north-quay"}
    assert places(14, -70, 10, -60) == ()
    assert places(10, -60, 14, 60) == ()


def test_no_filter_but_that_of_ids_finds_what_was_redacted(
    db: Database, revisions: Revisions
) -> None:
    for kind, records in revisions[2].items():
        stubs = {name for name, record in records.items() if "redacted" in record}
        assert stubs
        for of in KINDS[kind].filters.values():
            if of.optional:
                selection = selected(kind, [(f"{of.name}__exists", "false")])
                told = walked(db, at(db, 3, crowd.NAME), selection, 200)

                assert not stubs & {orjson.loads(body)["id"] for body in told}, of.name

        found = selected(kind, [("id__in", ",".join(sorted(stubs)))])
        assert len(walked(db, at(db, 3, crowd.NAME), found, 200)) == len(stubs)
