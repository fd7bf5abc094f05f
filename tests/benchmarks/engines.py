"""The same reads on PostgreSQL, the one that the tests start, against SQLite."""

from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg

from tests import postgres
from tests.benchmarks import ground, walking
from tests.benchmarks.ground import say
from tests.benchmarks.measures import Part, Ratio
from tests.benchmarks.stage import DATASET, Stage


def engines(stage: Stage) -> Part:
    """Pages, filtered pages, single records."""
    server = stage.stack.enter_context(postgres.server())
    url = postgres.create_database(server, "bench")
    say("the releases are loaded into PostgreSQL")
    ground.load(url, stage.ground.releases)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    base = stage.serve(url)
    works, ratios = [], []
    for name, requests in _reads(stage).items():
        ours, theirs = f"{name}, PostgreSQL", f"{name}, SQLite"
        works += [stage.work(ours, base, requests), stage.work(theirs, stage.service, requests)]
        ratios.append(Ratio(name, ours, theirs, least=0.5))
    return Part(works, ratios, "Vacuumed after the load, as it would be within a minute.")


def _reads(stage: Stage) -> Mapping[str, Path]:
    after = walking.ids(stage, "figures")
    middle = max(1, stage.ground.revisions // 2)
    old = walking.ids(stage, "figures", middle)
    half = after[: len(after) // 2]
    return {
        "page": stage.listed("pages", walking.pages(stage, "figures", after)),
        "page of an old revision": stage.listed(
            "pinned", walking.pages(stage, "figures", old, middle)
        ),
        "filtered page": stage.listed(
            "filtered", walking.pages(stage, "figures", half, measure="killed")
        ),
        "one record": stage.listed("records", (f"{DATASET}/figures/{each}" for each in after)),
    }


PARTS: dict[str, Callable[[Stage], Part]] = {"postgresql": engines}
