"""What is measured once in a run: datasets of several sizes, and one of many revisions."""

from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

from tests.benchmarks import walking
from tests.benchmarks.diffs import FAR, FEW, MANY, differing, far
from tests.benchmarks.ground import prepared
from tests.benchmarks.measures import Part, Ratio
from tests.benchmarks.stage import Stage, staged

LONG, MOST, CHANGED = 200, 10_000, 0.001


def sizes(stages: Sequence[Stage]) -> Part:
    """The same pages and the same diff at each size, in turn. There is a row for each two sizes."""
    if len(stages) < 2:
        return Part([], [], "One size: there is nothing to compare.")
    works, ratios = [], []
    for stage in stages:
        last, requests = stage.ground.revisions, _pages(stage)
        works += [
            stage.work(_at(stage, "page"), stage.service, requests),
            differing(stage, _at(stage, FEW), last, last + 1),
        ]
    for small, large in combinations(stages, 2):
        page, diff = (_at(large, name) for name in ("page", FEW))
        ratios += [
            Ratio(page, page, _at(small, "page"), least=0.95),
            Ratio(f"time of {diff}", f"{diff}, ms", f"{_at(small, FEW)}, ms", most=1.5),
        ]
    return Part(works, ratios)


def revisions(stages: Sequence[Stage]) -> Part:
    """Pages and diffs over many small revisions."""
    below, records = stages[0].ground.folder.parent, min(MOST, stages[0].ground.records)
    ground = prepared(below, records, LONG, CHANGED)
    stage = stages[0].stack.enter_context(staged(ground, stages[0].seconds))
    old = LONG // 2
    pinned = walking.pages(stage, "figures", walking.ids(stage, "figures", old), old)
    works = [
        stage.work("page", stage.service, _pages(stage)),
        stage.work("page of an old revision", stage.service, stage.listed("pinned", pinned)),
        differing(stage, FAR, 1, LONG),
        differing(stage, MANY, LONG + 1, LONG + 2),
    ]
    what = f"page of revision {old} of {ground.head}"
    return Part(
        works,
        [Ratio(what, "page of an old revision", "page", least=0.90), *far(f"diff 1 → {LONG}")],
        f"{records:,} records, {LONG} revisions of {CHANGED:.1%}.",
    )


def _pages(stage: Stage) -> Path:
    return stage.listed("pages", walking.pages(stage, "figures", walking.ids(stage, "figures")))


def _at(stage: Stage, name: str) -> str:
    return f"{name} at {stage.ground.records:,}"


PARTS: dict[str, Callable[[Sequence[Stage]], Part]] = {"revisions": revisions, "sizes": sizes}
