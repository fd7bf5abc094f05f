"""Drives a server with `wrk`: 2 threads, 16 connections, another URL at each request."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

SCRIPT = Path(__file__).with_name("drive.lua")
THREADS, CONNECTIONS = 2, 16
DAY, LONGEST = 86_400, 30
"""Seconds: until something else ends, and where an answer takes longer than a work has."""


class Driven(NamedTuple):
    """Answers a second, latency in ms."""

    rate: float
    p50: float
    p99: float


class Failed(RuntimeError):
    """Not every request was answered well."""


def require() -> None:
    """Leave with a clear word where there is no `wrk`."""
    if not shutil.which("wrk"):
        sys.exit("the measurements need wrk (Debian: apt-get install wrk)")


def written(path: Path, lines: Iterable[str]) -> Path:
    """Write requests for `drive`, and return the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def drive(base: str, requests: Path, seconds: int, start: float = 0.0) -> Driven:
    """Send the requests of a file for a time, or for longer where none is answered in it. Any that
    fails ends the measurement.
    """
    with _wrk(base, requests, seconds, start) as process:
        found = _told(process, base)
    return found if found.rate or seconds >= LONGEST else drive(base, requests, LONGEST, start)


def drive_beside(
    base: str, requests: Path, other: "subprocess.Popen[Any]", seconds: float | None = None
) -> Driven:
    """Send the requests of a file until another process has ended, or for a time."""
    with _wrk(base, requests, DAY) as process:
        with suppress(subprocess.TimeoutExpired):
            other.wait(seconds)
        process.send_signal(signal.SIGINT)
        return _told(process, base)


def _wrk(base: str, requests: Path, seconds: int, start: float = 0.0) -> "subprocess.Popen[str]":
    command = ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s"]
    return subprocess.Popen(
        [*command, "-s", SCRIPT, base, "--", requests, str(start)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _told(process: "subprocess.Popen[str]", base: str) -> Driven:
    said = process.communicate()[0]
    for line in said.splitlines():
        if line.startswith("driven "):
            return read(line, base)
    raise Failed(f"wrk ended with status {process.returncode}: {said}")


def read(line: str, base: str) -> Driven:
    """Return what the script printed at its end."""
    requests, microseconds, failed, p50, p99 = map(int, line.split()[1:])
    if failed:
        raise Failed(f"{failed} of {requests} requests to {base} failed")
    return Driven(requests / microseconds * 1e6, p50 / 1000, p99 / 1000)
