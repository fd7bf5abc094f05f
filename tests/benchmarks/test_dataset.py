"""The synthetic dataset is what it says it is, and small ones pass the checks of large ones."""

from itertools import pairwise
from pathlib import Path

import orjson

from schemas import DATASET, KINDS
from service.canonical import canonical
from service.store import Database
from tests.benchmarks import dataset, diff_equals
from tests.benchmarks.dataset import DOCUMENT, SHARES, Generator

RECORDS, REVISIONS = 500, 3


def test_every_record_is_valid_and_of_a_real_size() -> None:
    drawn = Generator(RECORDS)

    assert DATASET.problems(DOCUMENT) == []
    for kind, number in drawn.states:
        record = drawn.record(kind, number)
        assert KINDS[kind].problems(record) == []
        assert 600 <= len(canonical(record)) <= 900


def test_the_same_numbers_give_the_same_bytes(tmp_path: Path) -> None:
    seeds = {"a": 1, "b": 1, "c": 2}
    one, other, another = (
        dataset.write(tmp_path / name, Generator(RECORDS, seed).releases(REVISIONS))
        for name, seed in seeds.items()
    )

    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]
    assert one[1].read_bytes() != another[1].read_bytes()


def test_a_revision_changes_one_percent() -> None:
    releases = [[*map(orjson.loads, r.lines)] for r in Generator(2000).releases(4)]
    sizes = [len(lines) - 2 for lines in releases]
    ids = [{line["record"]["id"] for line in lines if "record" in line} for lines in releases]

    assert sizes == [2000, 20, 20, 20]
    for lines, (_, names) in zip(releases[1:], pairwise(ids), strict=True):
        assert sum("remove" in line for line in lines) == 2
        assert len(names - ids[0]) >= 2
    assert set(SHARES) == {line["kind"] for line in releases[0] if "kind" in line}


def test_a_small_one_differs_as_its_exports_do(db: Database, tmp_path: Path) -> None:
    for release in dataset.write(tmp_path, Generator(RECORDS).releases(REVISIONS)):
        diff_equals.publish(db, release)

    diff_equals.compare(db, REVISIONS)
