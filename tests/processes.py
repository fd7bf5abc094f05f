"""Other processes of this project that begin at one moment."""

import subprocess
import sys
from collections.abc import Iterable
from typing import NamedTuple

WAIT = """
import sys
print("ready", flush=True)
sys.stdin.readline()
"""
"""What a script does between its imports and its work."""


class Ended(NamedTuple):
    """How a process ended, and what it said."""

    status: int
    output: str
    errors: str


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a script, which must contain `WAIT`, and return it once it stands at the start."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    if process.stdout.readline() != "ready\n":
        raise AssertionError(process.communicate()[1])
    return process


def go(*processes: subprocess.Popen[str]) -> None:
    """Let processes that stand at the start begin."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


def ends(processes: Iterable[subprocess.Popen[str]]) -> list[Ended]:
    """Wait for processes and return how each ended."""
    return [_end(process) for process in processes]


def _end(process: subprocess.Popen[str]) -> Ended:
    output, errors = process.communicate(timeout=60)
    return Ended(process.returncode, output, errors)


def together(script: str, *arguments: str, count: int) -> list[Ended]:
    """Run a script in several processes at one moment."""
    processes = [start(script, *arguments) for _ in range(count)]
    go(*processes)
    return ends(processes)
