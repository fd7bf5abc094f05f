"""A revision whole, against its bodies as the shell of SQLite selects them."""

import subprocess
import sys
from collections.abc import Callable

from service.model import KINDS
from tests.benchmarks import tools
from tests.benchmarks.dataset import NAME
from tests.benchmarks.measures import Part, Ratio
from tests.benchmarks.stage import DATASET, Stage
from tests.benchmarks.streaming import streamed
from tests.servers import ROOT, environ

SERVED, WRITTEN, SELECTED = "export as NDJSON", "`recension export`", "`SELECT body` to a pipe"
_STEP = 1 << 20


def exports(stage: Stage) -> Part:
    """The head as NDJSON, over HTTP and by the command."""
    tools.require("sqlite3")
    path = f"{DATASET}/export?format=ndjson"
    command = [sys.executable, "-m", "service", "export", NAME]
    select = ["sqlite3", "-readonly", str(stage.ground.database), selection(stage)]
    works = [
        stage.often(SERVED, lambda: streamed(stage.service, path).whole),
        stage.often(WRITTEN, lambda: _piped(command, stage.ground.url)),
        stage.often(SELECTED, lambda: _piped(select, stage.ground.url)),
    ]
    about = "The shell of SQLite selects the same bodies in the same order."
    ratios = [Ratio(SERVED, SERVED, SELECTED, least=0.5), Ratio(WRITTEN, WRITTEN, SELECTED)]
    return Part(works, ratios, about)


def selection(stage: Stage) -> str:
    """Return the statements that select the bodies of the head, in the order of an export."""
    at = stage.at()
    key, number = at.dataset.key, at.revision.number
    return "".join(
        f"SELECT body FROM {kind} WHERE dataset = {key} AND since <= {number}"  # noqa: S608
        f" AND until > {number} ORDER BY id;\n"
        for kind in KINDS
    )


def _piped(command: list[str], url: str) -> None:
    """Run a command, and read what it writes to the end."""
    with subprocess.Popen(
        command, cwd=ROOT, env=environ(url), stdout=subprocess.PIPE, bufsize=0
    ) as process:
        assert process.stdout
        while process.stdout.read(_STEP):
            pass
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with status {process.returncode}")


PARTS: dict[str, Callable[[Stage], Part]] = {"exports": exports}
