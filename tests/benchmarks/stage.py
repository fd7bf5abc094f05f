"""Servers over one ground, each started when it is first wanted and stopped at the end."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
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
DATASET = Address(f"/v1/datasets/{NAME}")


class Stage:
    """What works need: servers, the store, and files of requests."""

    def __init__(self, ground: Ground, seconds: float, url: str = "") -> None:
        self.ground, self.seconds, self.url = ground, seconds, url or ground.url
        self.stack = ExitStack()

    @cached_property
    def db(self) -> Database:
        """The store, open in this process."""
        opened = open_database(self.url)
        self.stack.callback(opened.close)
        return opened

    @cached_property
    def service(self) -> str:
        """The base URL of the service, as `recension serve` runs it."""
        return self.serve(self.url)

    def serve(self, url: str, **settings: str) -> str:
        """Start the service over a database, and return its base URL."""
        threads = {"workers": str(WORKERS), "threads": str(THREADS)}
        return self.stack.enter_context(serving(url, SERVE, **(threads | settings)))

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
        return self._peer(f"peers:{name}", "/bodies/0", "--factory", PEER_BODIES=path)

    def at(self, number: int | None = None) -> Reading:
        """Return the dataset at a revision, or at its head."""
        return datasets.at(self.db, NAME, number)

    def listed(self, name: str, lines: Iterable[str]) -> Path:
        """Write a file of requests."""
        return driving.written(self.ground.folder / "requests" / name, lines)

    def work(
        self, name: str, base: str, requests: Path, *, seconds: float = 0.0, **headers: str
    ) -> Work:
        """Return the work of driving a server. Its figures: answers a second, and latencies."""

        def run(start: float) -> Figures:
            found = driving.drive(base, requests, seconds or self.seconds, start, **headers)
            return told(name, found)

        return Work(name, run)

    def get(self, path: str, **headers: str) -> requests.Response:
        """Return an answer of the service, which must be good."""
        answer = requests.get(self.service + path, headers=headers, timeout=60)
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


def timed(name: str, do: Callable[[], Figures | None]) -> Work:
    """Return the work of doing something that tells its own figures."""
    return Work(name, lambda _: do() or {})


@contextmanager
def staged(ground: Ground, seconds: float) -> Iterator[Stage]:
    """Give a stage, and stop all that it started at the end."""
    stage = Stage(ground, seconds)
    with stage.stack:
        yield stage
