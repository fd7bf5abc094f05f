"""Reads: pages, single records, conditional requests, against floors and the reference service."""

import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import cycle

import apsw
import orjson

from tests.benchmarks import walking
from tests.benchmarks.measures import Figures, Part, Ratio, Work
from tests.benchmarks.peers import PAGE
from tests.benchmarks.stage import DATASET, Stage

BODIES = 200
"""So many bodies stand behind the floors."""

STORE = "bare WSGI with the store's rows"
LOOK = "bare WSGI with a look into the store"

HELD = 3000
"""Tags that are asked for to be told back; more than the service keeps."""

FIRST_PAGES = 600
"""The reference service counts off what it skips, so only its first pages are asked for."""


def pages(stage: Stage) -> Part:
    """Pages of a hundred figures, each another."""
    after = walking.ids(stage, "figures")
    moving = list(walking.pages(stage, "figures", after))
    request = stage.listed("pages", moving)
    middle = max(1, stage.ground.revisions // 2)
    old = walking.ids(stage, "figures", middle)
    pinned = stage.listed("pinned", walking.pages(stage, "figures", old, middle))
    tenth = len(moving) // 10
    first, deep = stage.listed("first", moving[:tenth]), stage.listed("deep", moving[-tenth:])
    few = stage.listed("few", walking.pages(stage, "figures", after, limit=20))
    many = stage.listed("many", walking.pages(stage, "figures", after, limit=200))
    seen = stage.listed("seen", [next(walking.pages(stage, "figures", old, middle))])
    last = max(1, min(FIRST_PAGES, stage.ground.records // 2 // walking.LIMIT))
    counted = stage.listed("tutorial", (f"/figures?page={n + 1}" for n in range(last)))
    bodies = [stage.get(path).content for path in moving[:: max(1, len(moving) // BODIES)]]
    floor, bare = stage.peer("floor", bodies), stage.peer("bare", bodies)
    store = stage.peer("store", bodies)
    rows = stage.listed("rows", (f"/pages/{record_id}" for record_id in after))
    works = [
        stage.work("page", stage.service, request),
        stage.work("page, Flask with stored bytes", floor, stage.numbers()),
        stage.work("page, bare WSGI with stored bytes", bare, stage.numbers()),
        stage.work(f"page, {STORE}", store, rows),
        stage.work(f"page, {LOOK}", store, stage.numbers()),
        stage.by_the_tutorial("page, reference service", counted),
        stage.work("page of an old revision", stage.service, pinned),
        stage.work("page, first tenth of a walk", stage.service, first),
        stage.work("page, last tenth of a walk", stage.service, deep),
        stage.work("page of 20", stage.service, few),
        stage.work("page of 200", stage.service, many),
        stage.work("pinned page seen before", stage.service, seen),
        _alone(stage, "page, loop over the driver", _loop(stage, after)),
        _alone(stage, "page, sha256", (sha256(body) for body in cycle(bodies))),
        _alone(stage, "page, orjson", (orjson.loads(body) for body in cycle(bodies))),
    ]
    floors, walk = "page, Flask with stored bytes", "page, first tenth of a walk"
    return Part(
        works,
        [
            Ratio("page of 100", "page", "page, reference service", least=30),
            Ratio("page of 100", "page", floors, least=0.33),
            Ratio("page of 100", "page", "page, bare WSGI with stored bytes"),
            Ratio(f"page, {STORE}", f"page, {STORE}", "page, reference service"),
            Ratio("page of 100", "page", "page, loop over the driver"),
            Ratio("page of 100", "page", "page, sha256"),
            Ratio("page of 100", "page", "page, orjson"),
            Ratio("page of 20", "page of 20", "page"),
            Ratio("page of 200", "page of 200", "page"),
            Ratio(
                f"page of revision {middle} of {stage.ground.head}",
                "page of an old revision",
                "page",
                least=0.90,
            ),
            Ratio("deepest pages", "page, last tenth of a walk", walk, least=0.95),
            Ratio("pinned page seen before", "pinned page seen before", floors, least=1.5),
            Ratio(f"page, {LOOK}", f"page, {LOOK}", floors),
            Ratio("p99 of pages", "page: p99, ms", "page: p50, ms", most=3),
            Ratio("p99 of Flask with stored bytes", f"{floors}: p99, ms", f"{floors}: p50, ms"),
        ],
    )


def records(stage: Stage) -> Part:
    """Single figures, each another; the same with the tag that the client holds."""
    paths = [f"{DATASET}/figures/{record_id}" for record_id in walking.ids(stage, "figures")]
    some = paths[:: len(paths) // HELD + 1]
    answers = [stage.get(path) for path in some]
    tagged = [f"{path}\t{a.headers['ETag']}" for path, a in zip(some, answers, strict=True)]
    held, again = stage.listed("held", tagged), stage.listed("again", tagged[:1])
    floor = stage.peer("floor", [answer.content for answer in answers])
    bare = stage.peer("bare", [answer.content for answer in answers])
    store = stage.peer("store", [answer.content for answer in answers])
    request = stage.listed("records", paths)
    named = stage.listed("named", (f"/figures/{path.rpartition('/')[2]}" for path in paths))
    works = [
        stage.work("record", stage.service, request),
        stage.work("record, Flask with stored bytes", floor, stage.numbers()),
        stage.work("record, bare WSGI with stored bytes", bare, stage.numbers()),
        stage.work(f"304, {LOOK}", store, stage.numbers("tags")),
        stage.work("record, reference service", stage.tutorial, named),
        stage.work("304", stage.service, held),
        stage.work("304 seen before", stage.service, again),
    ]
    floors = "record, Flask with stored bytes"
    return Part(
        works,
        [
            Ratio("one record", "record", "record, reference service"),
            Ratio("one record", "record", floors, least=0.65),
            Ratio("one record", "record", "record, bare WSGI with stored bytes"),
            Ratio("answered 304", "304", floors, least=0.70),
            Ratio("answered 304 as before", "304 seen before", floors, least=2),
            Ratio(f"304, {LOOK}", f"304, {LOOK}", floors),
        ],
    )


def _alone(stage: Stage, name: str, steps: Iterator[object]) -> Work:
    """Return the work of taking steps in this process, one after the other."""

    def run(_: float) -> Figures:
        began, taken = time.perf_counter(), 0
        while (spent := time.perf_counter() - began) < stage.seconds:
            next(steps)
            taken += 1
        return {name: taken / spent}

    return Work(name, run)


def _loop(stage: Stage, after: Sequence[str]) -> Iterator[bytes]:
    """Yield pages as the driver gives them, joined."""
    at = stage.at()
    number = at.revision.number
    connection = apsw.Connection(str(stage.ground.database))
    for record_id in cycle(after):
        found = connection.execute(PAGE, (at.dataset.key, record_id, number, number))
        yield ",".join(body for (body,) in found).encode()


PARTS: dict[str, Callable[[Stage], Part]] = {"pages": pages, "records": records}
