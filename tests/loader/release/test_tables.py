"""Tables are read back without loss, and refused with their row where anything is wrong."""

import csv
import io
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import KINDS
from schemas.tables import cells, headings
from service import table
from service.canonical import canonical
from service.errors import Refused
from service.loader.release import Item, limits, open_release, releases_in
from tests.contested.dataset import SEEDS
from tests.loader.release.reading import DATASET, flaws, read, records, write
from tests.loader.release.test_round_trip import NUMBERS, VALUES
from tests.schemas import samples

NASTY = st.sampled_from(
    ["=1+1", "-3", "'x", 'a "b" c', ",", ";", "a\nb", "é🙂", "true", "12", "[]"]
)
TEXT = NASTY | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
FIGURES = "id,value,of.event,printed,evidence\r\n"


@cache
def real() -> list[tuple[str, dict[str, Any]]]:
    """Return the records of the seeds and the samples, with their kinds."""
    parts = [part for path in releases_in(str(SEEDS)) for part in open_release(path).items()]
    seeds = [(part.kind, part.record) for part in parts if isinstance(part, Item)]
    invented = [(kind, record) for kind, each in samples.records().items() for record in each]
    return [*seeds, *invented, *((kind, samples.stub()) for kind in KINDS)]


@st.composite
def mutated(draw: Any) -> tuple[str, dict[str, Any]]:
    """Draw a record of which any member may be another value of its form, or be missing."""
    kind, record = draw(st.sampled_from(real()))
    return kind, {**_mutated(draw, record), "id": record["id"]}


def _mutated(draw: Any, value: Any) -> Any:
    if draw(st.integers(0, 3)):
        if isinstance(value, dict):
            kept = {name: _mutated(draw, member) for name, member in value.items()}
            return kept if draw(st.booleans()) else dict(list(kept.items())[:1])
        return value
    if isinstance(value, str):
        return draw(TEXT)
    if isinstance(value, list):
        return draw(st.lists(VALUES, max_size=3))
    return draw(NUMBERS) if type(value) in (int, float) else value


def written(kind: str, *each: dict[str, Any], escaped: bool = False) -> bytes:
    names = list(headings(KINDS[kind]))
    told = (cells(KINDS[kind], record) for record in each)
    rows = ([row.get(name, "") for name in names] for row in told)
    return b"".join(table.written(names, rows, escaped=escaped))


def folder(path: Path, text: str | bytes, kind: str = "figures") -> str:
    return write(path, {"dataset.json": DATASET, f"{kind}.csv": text})


def read_back(path: Path, kind: str, text: str | bytes) -> list[dict[str, Any]]:
    parts = read(open_release(folder(path, text, kind)))
    assert flaws(parts) == []
    return [part.record for part in parts if isinstance(part, Item)]


def told(path: Path, text: str | bytes, kind: str = "figures") -> list[str]:
    """Return the flaws of a table, without the name of its file."""
    name = folder(path, text, kind)
    return [flaw.removeprefix(f"{name}/{kind}.csv") for flaw in flaws(read(open_release(name)))]


def test_every_record_of_the_seeds_comes_back_with_its_bytes(tmp_path: Path) -> None:
    for kind in KINDS:
        each = [record for of, record in real() if of == kind]

        back = read_back(tmp_path / kind, kind, written(kind, *each))

        assert list(map(canonical, back)) == list(map(canonical, each))


@settings(deadline=None)
@given(mutated())
def test_what_a_table_holds_comes_back_with_its_bytes(
    tmp_path_factory: pytest.TempPathFactory, drawn: tuple[str, dict[str, Any]]
) -> None:
    kind, record = drawn
    path = tmp_path_factory.getbasetemp() / "mutated" / kind

    (back,) = read_back(path, kind, written(kind, record))

    assert canonical(back) == canonical(record)


def test_a_member_without_a_column_is_never_left_out() -> None:
    for record in ({"id": "a", "colour": "red"}, {"id": "a", "of": {"planet": "mars"}}):
        with pytest.raises(ValueError, match="no column has the member"):
            cells(KINDS["figures"], record)


@settings(deadline=None)
@given(mutated())
def test_an_escaped_table_begins_no_formula_and_can_be_undone(
    drawn: tuple[str, dict[str, Any]],
) -> None:
    plain = list(csv.reader(io.StringIO(written(*drawn).decode(), newline="")))
    escaped = list(csv.reader(io.StringIO(written(*drawn, escaped=True).decode(), newline="")))

    assert escaped[0] == ["'id", *plain[0][1:]]
    assert not any(cell.startswith(table.FORMULAS) for row in escaped for cell in row)
    assert [[cell.removeprefix("'") for cell in row] for row in escaped] == plain


def test_an_escaped_table_is_refused(tmp_path: Path) -> None:
    text = written("figures", samples.minimal_figure(), escaped=True)

    assert told(tmp_path, text) == [
        ":1: this table is escaped against formulas: load one that is not (without `escape`)"
    ]


def test_columns_stand_in_any_order_and_not_all_of_them(tmp_path: Path) -> None:
    text = 'printed,place.id,id\n"a, ""b""\nc",harbour,f1\nx,,f2'

    assert read_back(tmp_path, "figures", text) == [
        {"id": "f1", "printed": 'a, "b"\nc', "place": {"id": "harbour"}},
        {"id": "f2", "printed": "x"},
    ]


def test_a_byte_order_mark_may_stand_before_the_header(tmp_path: Path) -> None:
    text = "\ufeffid,value\r\nf1,12\r\n".encode()

    assert read_back(tmp_path, "figures", text) == [{"id": "f1", "value": 12}]


def test_a_kind_may_be_spread_over_tables(tmp_path: Path) -> None:
    files = {
        "dataset.json": DATASET,
        "figures/a.csv": "id\nf1\n",
        "figures/b.csv": "id,value\nf2,1\n",
        "figures/c.json": [{"id": "f3"}],
        "sources.csv": "id\n",
    }

    found = records(read(open_release(write(tmp_path, files))))

    assert found == [("figures", "f1"), ("figures", "f2"), ("figures", "f3")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [":1: the file holds nothing: a table begins with its header"]),
        ("id,colour\nf1,red\n", [':1: the column "colour" is not one of: ']),
        ("id,value,value\nf1,1,2\n", [':1: the column "value" stands 2 times: keep one']),
        ("value\n1\n", [':1: there is no column "id"']),
        ("value,,value\n", [':1: the column "value" st', ':1: the column ""', ":1: there is no"]),
        ("id;value\nf1;1\n", [":1: one column: cells are separated by commas"]),
        ("id,value\nf1,1\nf2\nf3,1,2\n", [":3: the row has 1 cells, and", ":4: the row has 3"]),
        ("id,value\n\nf1,1\n", [":2: an empty line: remove it"]),
        ('id,value\nf1,"1\n2\n', [":2: not CSV: unexpected end of data"]),
        ('id,value\nf1,"1"2\n', [":2: not CSV: ',' expected after '\"'"]),
        ('id,value\nf0,1\nf1,1"2"\n', [":3: not CSV: a cell with a quotation mark"]),
        ("id,value\rf1,1\r", [":1: not CSV: new-line character seen in unquoted field"]),
        (b"id,printed\nf1,a\nf2,\xe9\n", [":3: not UTF-8: byte 3 is 0xE9"]),
        ("id\nf1\n".encode("utf-16"), [":1: not UTF-8 but UTF-16: save it as UTF-8"]),
    ],
)
def test_a_table_that_cannot_be_read_says_where(
    tmp_path: Path, text: str | bytes, expected: list[str]
) -> None:
    found = sorted(told(tmp_path, text))

    assert len(found) == len(expected)
    assert all(map(str.startswith, found, sorted(expected))), found


def test_a_row_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LINE", 1000)

    assert told(tmp_path, 'id,printed\nf1,"open\n' + "x" * 400 + "\n" + "y" * 700) == [
        ":2: a row longer than 0 MiB: no record is; perhaps a quotation mark is missing"
    ]


def test_every_cell_that_is_wrong_is_told_with_its_row_and_column(tmp_path: Path) -> None:
    text = (
        "id,note,value,low,high,enumerated.complete,attribution,evidence\n"
        'f1," a\r\n",1.50,-0,twelve,yes,null,"[{""a"":1,""a"":2}]"\n'
    )
    (item,) = read(open_release(folder(tmp_path, text)))
    assert isinstance(item, Item)

    problems = {p.pointer: p.detail for p in KINDS["figures"].problems(item.record)}

    assert item.place.line == 2
    for pointer, words in {
        "/note": "white space at an end",
        "/value": '"1.50": a number is written',
        "/low": '"-0": zero has no sign',
        "/high": '"twelve" is not a number',
        "/enumerated/complete": '"yes" is not true or false',
        "/attribution": "null says nothing",
        "/evidence": "/0/a this member stands twice",
        "/measure": "required, and missing",
    }.items():
        assert words in problems[pointer]


def test_one_table_is_a_delta_by_itself(tmp_path: Path) -> None:
    (tmp_path / "figures.csv").write_text("id,value\nf1,12\n", encoding="utf-8")

    release = open_release(str(tmp_path / "figures.csv"), mode="delta", issued="2022-01-06")

    assert records(read(release)) == [("figures", "f1")]
    assert release.digest


def test_one_table_is_no_snapshot(tmp_path: Path) -> None:
    (tmp_path / "figures.csv").write_text("id,value\nf1,12\n", encoding="utf-8")
    (tmp_path / "people.csv").write_text("id\n", encoding="utf-8")

    (flaw,) = flaws(read(open_release(str(tmp_path / "figures.csv"))))
    assert "a snapshot needs dataset.yaml, so a folder" in flaw
    with pytest.raises(Refused, match=r"people\.csv is not a release"):
        open_release(str(tmp_path / "people.csv"))
