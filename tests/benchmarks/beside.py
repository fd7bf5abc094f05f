"""Pages while a load of the whole dataset writes the same database, against the same when idle."""

from collections.abc import Callable

from tests.benchmarks import driving, walking
from tests.benchmarks.ground import recension, started
from tests.benchmarks.measures import Figures, Part, Ratio, Work
from tests.benchmarks.stage import Stage, told

MINUTE = 60.0
IDLE, BESIDE = "page, idle", "page beside a load"


def beside(stage: Stage) -> Part:
    """Each round loads the first release as another dataset, from the start of the process that
    does it: in the first round to its end, in the others for a minute at most. Any answer but a
    good one ends the part.
    """
    copy = stage.scratch() / "copy.db"
    recension(stage.ground.url, "backup", copy)
    url = f"sqlite:///{copy}"
    base = stage.serve(url)
    request = stage.listed("beside", walking.pages(stage, "figures", walking.ids(stage, "figures")))
    loads: list[str] = []

    def run(start: float) -> Figures:
        loads.append(f"beside-{len(loads)}")
        load = started(url, "load", stage.ground.releases[0], "--dataset", loads[-1])
        try:
            found = driving.drive_beside(base, request, load, MINUTE if start else None)
            if load.poll():
                raise RuntimeError(f"the load beside ended with status {load.returncode}")
        finally:
            load.terminate()
            load.wait()
        return told(BESIDE, found)

    return Part(
        [stage.work(IDLE, base, request), Work(BESIDE, run)],
        [
            Ratio("pages beside a load", BESIDE, IDLE, least=0.6),
            Ratio("p99 beside a load", f"{BESIDE}: p99, ms", f"{BESIDE}: p50, ms", most=8),
            Ratio("p99 beside a load", f"{BESIDE}: p99, ms", f"{IDLE}: p99, ms"),
        ],
    )


PARTS: dict[str, Callable[[Stage], Part]] = {"beside": beside}
