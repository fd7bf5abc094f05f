"""Diffs, against themselves and against tools that compare two states."""

from collections.abc import Callable
from statistics import median

import orjson

from tests.benchmarks.ground import CLOSING
from tests.benchmarks.measures import Figures, Part, Ratio, Work
from tests.benchmarks.snapshots import Snapshots
from tests.benchmarks.stage import DATASET, Stage
from tests.benchmarks.streaming import streamed

MILLION = 1_000_000
FEW, FAR, MANY = f"diff of {CLOSING:,} changes", "diff of the walk", "diff of as many changes"


def diffs(stage: Stage) -> Part:
    """What changed: in one revision, and over the revisions of the walk."""
    last = stage.ground.revisions
    snapshots = Snapshots(stage, last, last + 1)
    large = stage.ground.records >= MILLION
    works = [
        differing(stage, FEW, last, last + 1),
        differing(stage, FAR, 1, last),
        differing(stage, MANY, last + 1, last + 2),
        stage.often("git diff", snapshots.git),
        stage.often("sqldiff", snapshots.sqldiff),
    ]
    ratios = [
        Ratio(FEW, FEW, "git diff", least=300 if large else None),
        Ratio(FEW, FEW, "sqldiff", least=70 if large else None),
        Ratio("its first byte", f"{FEW}: first byte, ms", f"{FEW}, ms", most=0.4),
        *far(f"diff 1 → {last}"),
    ]
    return Part(works, ratios, "Each diff is one stream of NDJSON, taken by one client.")


def far(what: str) -> list[Ratio]:
    """Return the rows of a diff over a walk."""
    net = ": µs a net change"
    return [
        Ratio(f"{what}, µs a net change", FAR + net, most=20),
        Ratio(f"a net change of the {what}", FAR + net, MANY + net, most=1.2),
        Ratio(f"first byte of the {what}", f"{FAR}: first byte, ms", f"{FAR}, ms"),
    ]


def differing(stage: Stage, name: str, old: int, new: int) -> Work:
    """Return the work of asking for a diff, again and again. Its figures beside: milliseconds to
    the first byte, and microseconds of a net change.
    """
    path = f"{DATASET}/diff?from={old}&to={new}&format=ndjson"
    end = orjson.loads(stage.get(path).content.splitlines()[-1])["end"]
    changes = sum(number for words in end["counts"].values() for number in words.values())
    firsts: list[float] = []

    def once() -> float:
        found = streamed(stage.service, path)
        firsts.append(found.first)
        return found.whole

    def run(start: float) -> Figures:
        firsts.clear()
        figures = stage.often(name, once).run(start)
        return {
            **figures,
            f"{name}: first byte, ms": median(firsts) * 1000,
            f"{name}: µs a net change": figures[f"{name}, ms"] * 1000 / changes,
        }

    return Work(name, run)


PARTS: dict[str, Callable[[Stage], Part]] = {"diffs": diffs}
