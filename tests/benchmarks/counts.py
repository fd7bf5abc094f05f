"""What is counted over a whole revision, against the time that a question may take."""

import math
import time
from collections.abc import Callable

from schemas import KINDS
from service.config import Config
from service.web.asking import MOST_FACETS
from tests.benchmarks.ground import say
from tests.benchmarks.measures import Part, Ratio
from tests.benchmarks.stage import DATASET, Stage

BOUND = Config.query_seconds
BUSY = 503
"""What a question is answered that takes longer."""


def counts(stage: Stage) -> Part:
    """The slowest facet of all, as many at once as may be, and lists of series. None is kept."""
    base = stage.serve(stage.ground.url, cache_bytes="0")

    def seconds(path: str) -> float:
        began = time.perf_counter()
        answer = stage.client.get(base + path)
        if answer.status_code == BUSY:
            return math.inf
        answer.raise_for_status()
        return time.perf_counter() - began

    say("each facet is counted once")
    facets = {
        f"{kind.name}: {of.name}": _facets(kind.name, of.name, of.type)
        for kind in KINDS.values()
        for of in kind.filters.values()
        if of.counted
    }
    slowest = max(facets, key=lambda name: seconds(facets[name]))
    figures = [of for of in KINDS["figures"].filters.values() if of.counted and of.type != "date"]
    several = [of.name for of in figures][:MOST_FACETS]
    asked = {
        f"the slowest of {len(facets)} facets, {slowest}": facets[slowest],
        f"{len(several)} facets of figures at once": _facets("figures", ",".join(several)),
        "a page of 1,000 series": f"{DATASET}/series?limit=1000",
        "a page of 100 series with points": f"{DATASET}/series?points=true",
        "disagreements": f"{DATASET}/disagreements",
    }
    works = [stage.often(name, lambda path=path: seconds(path)) for name, path in asked.items()]
    ratios = [Ratio(f"{name}, ms", f"{name}, ms", most=BOUND * 1000) for name in asked]
    return Part(works, ratios, f"A question may take {BOUND} s, as the service is set up.")


def _facets(kind: str, fields: str, of_type: str = "text") -> str:
    by = "&by=day" if of_type == "date" else ""
    return f"{DATASET}/facets?kind={kind}&field={fields}{by}"


PARTS: dict[str, Callable[[Stage], Part]] = {"counts": counts}
