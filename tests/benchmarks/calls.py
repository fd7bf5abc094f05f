"""What one answer costs this process: `python -m tests.benchmarks.calls`.

The application is called without a server, in one thread, each request with another address but
those for the page that is kept. Calls of Python functions are the same on any machine; the time is
that of the processor, median, without the counting, and stands beside a bare route of Flask.
"""

import argparse
import io
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stderr
from itertools import repeat
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask, Response
from werkzeug.test import EnvironBuilder

from service.app import create_app
from service.config import Config
from service.web import journal
from tests.benchmarks import walking
from tests.benchmarks.ground import prepared
from tests.benchmarks.measures import markdown
from tests.benchmarks.stage import DATASET, Stage, staged

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

Cost = tuple[float, float]
"""Calls of Python functions, and seconds of the processor: medians."""

REQUESTS = 600
WARM = 40
FLOOR = "Flask with stored bytes"


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=2_000, metavar="N")
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"))
    given = parser.parse_args()
    ground = prepared(given.folder, given.records, revisions=2)
    # As in a server the lines of the log are made, and written to where nobody reads.
    with staged(ground, 0) as stage, Path(os.devnull).open("w") as nowhere:
        with redirect_stderr(nowhere):
            journal.to_standard_error()
        app = create_app(Config(database_url=ground.url), stage.db)
        works = {name: (app, asked) for name, asked in _asked(app, stage).items()}
        works[FLOOR] = (_floor(), [_environ("/bodies/1")] * REQUESTS)
        found = _costs(works)
        # What waits would be written to a file that is closed by then.
        journal.NOTES.flush()
    floor = found[FLOOR][1]
    rows = [
        (name, f"{calls:.0f}", f"{seconds * 1e6:.0f}", f"{seconds / floor:.2f}")
        for name, (calls, seconds) in found.items()
    ]
    print(markdown([("an answer", "calls", "CPU, µs", "times the floor"), *rows]))


def _asked(app: Application, stage: Stage) -> dict[str, list[Environ]]:
    """Return the requests of each sort."""
    ids = walking.ids(stage, "figures")[:REQUESTS]
    pages = list(walking.pages(stage, "figures", ids))
    records = [f"{DATASET}/figures/{record_id}" for record_id in ids]
    held = [_environ(path, HTTP_IF_NONE_MATCH=_tag(app, path)) for path in records]
    pinned = next(walking.pages(stage, "figures", ids, 1))
    return {
        "page of 100": list(map(_environ, pages)),
        "one record": [_environ(path, HTTP_ACCEPT="*/*") for path in records],
        "304 of one record": [{**each, "HTTP_ACCEPT": "*/*;q=0.9"} for each in held],
        "page of 100, kept": [_environ(path) for path in repeat(pinned, REQUESTS)],
    }


def _costs(works: Mapping[str, tuple[Application, Sequence[Environ]]]) -> dict[str, Cost]:
    """Return what the answers of each sort take. They are made in turn, so that what else the
    machine does falls on all of them; of those that time is taken of, none is counted.
    """
    counted: dict[str, list[int]] = {name: [] for name in works}
    timed: dict[str, list[float]] = {name: [] for name in works}
    for number in range(min(len(asked) for _, asked in works.values())):
        for name, (app, asked) in works.items():
            if number < WARM:
                _answer(app, asked[number])
            elif number % 4:
                timed[name].append(_seconds(app, asked[number]))
            else:
                counted[name].append(_calls(app, asked[number]))
    return {name: (median(counted[name]), median(timed[name])) for name in works}


def _calls(app: Application, environ: Environ) -> int:
    calls = 0

    def noting(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(noting)
    try:
        _answer(app, environ)
    finally:
        sys.setprofile(None)
    return calls


def _seconds(app: Application, environ: Environ) -> float:
    began = time.thread_time()
    _answer(app, environ)
    return time.thread_time() - began


def _answer(app: Application, environ: Environ) -> list[tuple[str, str]]:
    """Have a request answered as a server does, and return the headers."""
    told: list[Any] = []
    answer = app({**environ, "wsgi.input": io.BytesIO()}, lambda *given: told.extend(given))
    b"".join(answer)
    if close := getattr(answer, "close", None):
        close()
    assert told[0][:3] in ("200", "304"), told
    headers: list[tuple[str, str]] = told[1]
    return headers


def _tag(app: Application, path: str) -> str:
    return dict(_answer(app, _environ(path)))["ETag"]


def _environ(path: str, **headers: str) -> Environ:
    return {**EnvironBuilder(path).get_environ(), **headers}


def _floor() -> Flask:
    app, body = Flask(__name__), b"x" * 70_000

    @app.get("/bodies/<int:number>")
    def stored(number: int) -> Response:
        return Response(body, mimetype="application/json")

    return app


if __name__ == "__main__":
    main()
