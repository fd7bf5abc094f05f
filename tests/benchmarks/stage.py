"""Servers over one ground, each started when it is first wanted and stopped at the end."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import requests

from service.model import Reading
from service.reading import datasets
from service.store import Database, open_database
from service.web.address import Address
from tests.benchmarks import driving
from tests.benchmarks.dataset import NAME
from tests.benchmarks.driving import Driven
from tests.benchmarks.ground import Ground
from tests.benchmarks.measures import Figures, Work
from tests.servers import ROOT, free_port, ready, serving, stop

SERVE = (sys.executable, "-m", "service", "serve")
WORKERS, THREADS = 2, 4
KEPT = 2 << 20
"""Bytes of answers that a process keeps: so few that none of a list is there the second time, as it
would be of a small dataset. Keeping them costs what it costs with more.
"""
REST = 120
"""Seconds in which a service must come to rest: a question takes half a minute at most."""
_AT_REST = "\nrecension_requests_in_flight 1.0\n"
DATASET = Address(f"/v1/datasets/{NAME}")


class Stage:
    """What works need: servers, the store, and files of requests."""

    def __init__(self, ground: Ground, seconds: int) -> None:
        self.ground, self.seconds = ground, seconds
        self.stack = ExitStack()

    @cached_property
    def db(self) -> Database:
        """The store, open in this process."""
        opened = open_database(self.ground.url)
        self.stack.callback(opened.close)
        return opened

    @cached_property
    def service(self) -> str:
        """The base URL of the service, as `recension serve` runs it, but for `KEPT`."""
        return self.serve(self.ground.url)

    def serve(self, url: str, **settings: str) -> str:
        """Start the service over a database, and return its base URL."""
        given = {"workers": WORKERS, "threads": THREADS, "cache_bytes": KEPT}
        own = {name: str(value) for name, value in given.items()}
        return self.stack.enter_context(serving(url, SERVE, **(own | settings)))

    @cached_property
    def client(self) -> requests.Session:
        """A client that keeps its connection."""
        return self.stack.enter_context(requests.Session())

    @cached_property
    def tutorial(self) -> str:
        """The base URL of the reference service, under the same server."""
        return self._peer(
            "tutorial:app", "/figures?limit=1", TUTORIAL_DATABASE=self.ground.tutorial
        )

    def peer(self, name: str, bodies: Iterable[bytes]) -> str:
        """Start a server of stored bodies, and return its base URL."""
        path = self.ground.folder / "bodies" / f"{name}-{free_port()}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"\n".join(bodies))
        self.stack.callback(path.unlink)
        given = {"PEER_BODIES": path, "PEER_DATABASE": self.ground.database}
        return self._peer(f"peers:{name}", "/bodies/0", "--factory", **given)

    def at(self, number: int | None = None) -> Reading:
        """Return the dataset at a revision, or at its head."""
        return datasets.at(self.db, NAME, number)

    def listed(self, name: str, lines: Iterable[str]) -> Path:
        """Write a file of requests."""
        return driving.written(self.ground.folder / "requests" / name, lines)

    def numbers(self, sort: str = "bodies") -> Path:
        """Write the requests of servers of stored bodies, each another."""
        return self.listed(sort, (f"/{sort}/{number}" for number in range(100_000)))

    def work(self, name: str, base: str, requests: Path, seconds: int = 0) -> Work:
        """Return the work of driving a server. Its figures: answers a second, and latencies."""

        def run(start: float) -> Figures:
            return told(name, driving.drive(base, requests, seconds or self.seconds, start))

        return Work(name, run)

    def by_the_tutorial(self, name: str, requests: Path) -> Work:
        """Return the work of driving the reference service: for longer, the more it has to count.

        What is not answered at the end is none of its answers, and that must weigh little.
        """
        seconds = max(self.seconds, self.ground.records // 20_000)
        return self.work(name, self.tutorial, requests, seconds)

    def often(self, name: str, do: Callable[[], float | None]) -> Work:
        """Return the work of doing something again and again for the time of a work.

        Its figures: times a second, and the milliseconds of the median one. What tells a number of
        seconds is taken at its word.
        """

        def run(_: float) -> Figures:
            found: list[float] = []
            ends = time.perf_counter() + self.seconds
            while not found or time.perf_counter() < ends:
                began = time.perf_counter()
                told = do()
                found.append(time.perf_counter() - began if told is None else told)
            return each(name, median(found))

        return Work(name, run)

    def rest(self) -> None:
        """Wait until the service answers nothing but this question."""
        for _ in range(REST):
            if self.get("/metrics").text.count(_AT_REST):
                return
            time.sleep(1)
        raise RuntimeError("the service does not come to rest")

    def scratch(self) -> Path:
        """Return a folder that is removed at the end."""
        made = TemporaryDirectory(dir=self.ground.folder, prefix="scratch-")
        return Path(self.stack.enter_context(made))

    def get(self, path: str) -> requests.Response:
        """Return an answer of the service, which must be good."""
        answer = self.client.get(self.service + path)
        answer.raise_for_status()
        return answer

    def _peer(self, target: str, probe: str, *options: str, **environ: Any) -> str:
        port = free_port()
        command = (
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--no-log"),
            *("--workers", str(WORKERS), "--blocking-threads", str(THREADS)),
            *("--port", str(port), *options, f"tests.benchmarks.{target}"),
        )
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **{name: str(value) for name, value in environ.items()}},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.stack.callback(stop, process)
        return ready(process, f"http://127.0.0.1:{port}", probe)


def told(name: str, found: Driven) -> Figures:
    """Return the figures of a server that was driven."""
    return {name: found.rate, f"{name}: p50, ms": found.p50, f"{name}: p99, ms": found.p99}


def each(name: str, seconds: float) -> Figures:
    """Return the figures of something that takes so long."""
    return {name: 1 / seconds, f"{name}, ms": seconds * 1000}


@contextmanager
def staged(ground: Ground, seconds: int) -> Iterator[Stage]:
    """Give a stage, and stop all that it started at the end."""
    stage = Stage(ground, seconds)
    with stage.stack:
        yield stage
