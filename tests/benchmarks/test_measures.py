"""The table tells ratios within a round, their median and spread, and goals that are missed."""

import pytest

from tests.benchmarks import driving, measures
from tests.benchmarks.dataset import Generator
from tests.benchmarks.measures import Ratio, Work


def test_every_work_is_done_in_every_round_one_after_the_other() -> None:
    done: list[tuple[str, float]] = []

    def noted(name: str) -> Work:
        return Work(name, lambda start: done.append((name, start)) or {name: len(done)})

    found = measures.measured([noted("a"), noted("b")], rounds=2)

    assert done == [("a", 0.0), ("b", 0.0), ("a", 0.5), ("b", 0.5)]
    assert found == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


def test_a_ratio_is_taken_within_a_round() -> None:
    rounds = [{"ours": o, "theirs": t} for o, t in ((10.0, 5.0), (300.0, 100.0), (8.0, 2.0))]

    told = measures.table([Ratio("pages", "ours", "theirs", least=2.5)], rounds)

    assert told.splitlines()[2:] == ["| pages | theirs | 3 | 2 to 4 | ≥ 2.5 | reached |"]


@pytest.mark.parametrize(
    ("goal", "word"),
    [
        ({"least": 3.1}, "**not reached**"),
        ({"most": 2.9}, "**not reached**"),
        ({"most": 3.0}, "reached"),
        ({}, ""),
    ],
)
def test_a_goal_that_is_missed_is_told(goal: dict[str, float], word: str) -> None:
    assert measures.held(Ratio("pages", "ours", "theirs", **goal), 3.0) == word


def test_what_was_driven_is_read_and_a_failure_is_no_figure() -> None:
    found = driving.read("driven 4000 2000000 0 1500 9000", "http://x")

    assert found == (2000.0, 1.5, 9.0)
    with pytest.raises(driving.Failed, match="3 of 4000"):
        driving.read("driven 4000 2000000 3 1500 9000", "http://x")


def test_closing_releases_have_as_many_changes_at_any_size() -> None:
    for records in (500, 2000):
        *_, one, other = (
            [*release.lines] for release in Generator(records).releases(2, closing=[40, 30])
        )

        assert (len(one) - 2, len(other) - 2) == (40, 30)
