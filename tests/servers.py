"""Real processes of the service, on free loopback ports."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).parent.parent
RUN = (sys.executable, "-m", "service", "run")
START_SECONDS = 60.0


def free_port() -> int:
    """Return a loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environ(database_url: str, **settings: str) -> dict[str, str]:
    """Return the environment of this process with the settings of a service."""
    own = {f"RECENSION_{name.upper()}": value for name, value in settings.items()}
    return {**os.environ, "RECENSION_DATABASE_URL": database_url, **own}


def start(
    database_url: str, command: Sequence[str] = RUN, log: Path | None = None, **settings: str
) -> subprocess.Popen[bytes]:
    """Start a command of the service in a process group of its own."""
    with open(log or os.devnull, "wb") as sink:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environ(database_url, **settings),
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )


def stop(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> int:
    """Signal the whole group that `start` made, and return the exit status."""
    os.killpg(process.pid, number)
    return process.wait(timeout=20)


@contextmanager
def serving(
    database_url: str, command: Sequence[str] = RUN, log: Path | None = None, **settings: str
) -> Iterator[str]:
    """Run the service until the block ends, and yield its base URL once it is ready."""
    port = free_port()
    process = start(database_url, command, log, port=str(port), **settings)
    try:
        yield ready(process, f"http://127.0.0.1:{port}")
    finally:
        if process.poll() is None:
            stop(process)


def ready(process: subprocess.Popen[bytes], base: str, path: str = "/readyz") -> str:
    """Wait until a process answers well at a path, and return the base URL."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the service ended with status {process.returncode}"
        try:
            if requests.get(f"{base}{path}", timeout=2).ok:
                return base
        except requests.ConnectionError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{base} was not ready after {START_SECONDS} s")


def get(url: str, **options: Mapping[str, str]) -> requests.Response:
    """Return the answer to a GET, whatever its status."""
    return requests.get(url, timeout=10, **options)  # type: ignore[arg-type]
