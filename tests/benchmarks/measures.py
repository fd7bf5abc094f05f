"""What is measured, in rounds, and the table that tells it.

In each round every work is done once, one after the other, so that what else the machine does
falls on all of them. A ratio is taken within a round; the table has the median and the spread.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

Figures = Mapping[str, float]
"""What one work gave, by name."""


class Work(NamedTuple):
    """Something that is done once in a round; it is given the part of the rounds that is over."""

    name: str
    run: Callable[[float], Figures]


class Ratio(NamedTuple):
    """One row: a figure against another of the same round, and what it should be.

    Without another the figure itself stands there; its unit is then in `what`.
    """

    what: str
    figure: str
    against: str = ""
    least: float | None = None
    most: float | None = None


class Part(NamedTuple):
    """Works that are measured together, what is told of them, and what a reader has to know."""

    works: Sequence[Work]
    ratios: Sequence[Ratio]
    about: str = ""


def measured(
    works: Sequence[Work], rounds: int, tell: Callable[[str], object] = str
) -> list[dict[str, float]]:
    """Do every work in every round, and return the figures of each round; `tell` how far it is."""
    found = []
    for number in range(rounds):
        tell(f"round {number + 1} of {rounds}")
        figures: dict[str, float] = {}
        for work in works:
            figures |= work.run(number / rounds)
        found.append(figures)
    return found


def table(ratios: Iterable[Ratio], rounds: Sequence[Figures]) -> str:
    """Return the rows of ratios as a table of Markdown."""
    rows = [("measured", "against", "ratio", "rounds", "goal", "")]
    for row in ratios:
        found = [_found(row, figures) for figures in rounds]
        middle = median(found)
        rows.append(
            (row.what, row.against, written(middle), _spread(found), _goal(row), held(row, middle))
        )
    return markdown(rows)


def figures_table(rounds: Sequence[Figures]) -> str:
    """Return every figure as it was measured; only their ratios can be compared between runs."""
    rows = [("figure", "median", "rounds")]
    for name in rounds[0]:
        found = [figures[name] for figures in rounds]
        rows.append((name, written(median(found)), _spread(found)))
    return markdown(rows)


def held(row: Ratio, found: float) -> str:
    """Say whether a goal is reached; nothing where there is none."""
    if row.least is None and row.most is None:
        return ""
    enough = row.least is None or found >= row.least
    return "reached" if enough and (row.most is None or found <= row.most) else "**not reached**"


def written(number: float) -> str:
    """Return three digits of a number."""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"


def _found(row: Ratio, figures: Figures) -> float:
    return figures[row.figure] / (figures[row.against] if row.against else 1)


def _goal(row: Ratio) -> str:
    told = (("≥", row.least), ("≤", row.most))
    return ", ".join(f"{sign} {bound:g}" for sign, bound in told if bound is not None)


def _spread(found: Sequence[float]) -> str:
    return f"{written(min(found))} to {written(max(found))}"


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return a table: its head, then its rows."""
    head, *rest = rows
    lines = [head, ["---"] * len(head), *rest]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
