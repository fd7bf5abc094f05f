"""Runs the examples of one document in one shell, as a reader would type them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.docs import ready
from tests.docs.pages import ROOT, Example, agrees

READY = Path(ready.__file__)

BASE = "http://127.0.0.1:8000"
"""The address in the documents, which stands for the one that is served."""

MARK = "---- end of example, status"
SECONDS = 60


class Served(NamedTuple):
    """What examples speak to: a service, its database, ready commands, and a token to publish."""

    base: str
    database_url: str
    socket: Path
    token: str


def faults(examples: list[Example], served: Served, folder: Path) -> list[str]:
    """Run the examples in order in a folder, and return what did not go as shown."""
    told = []
    printed = _printed(examples, served, folder)
    for number, example in enumerate(examples):
        output, status = printed[number] if number < len(printed) else ("", "not run")
        following = examples[number + 1].command if number + 1 < len(examples) else ""
        if status != "0" and following != "echo $?":
            told.append(f"line {example.line}: {example.command}\nended with {status}\n{output}")
        elif not agrees(example.shown, output):
            told.append(f"line {example.line}: {example.command}\nprinted\n{output}")
    return told


def _printed(examples: list[Example], served: Served, folder: Path) -> list[tuple[str, str]]:
    """Return what each example printed, on both streams, and its exit status."""
    for shared in ("seeds", "README.md"):
        (folder / shared).symlink_to(ROOT / shared)
    done = subprocess.run(
        ["bash", "-c", _script(examples).replace(BASE, served.base)],
        cwd=folder,
        env=_environ(served),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    *parts, _ = done.stdout.replace(served.base, BASE).split(f"{MARK} ")
    outputs = [parts[0], *(part.partition("\n")[2] for part in parts[1:])] if parts else []
    statuses = [part.partition("\n")[0] for part in done.stdout.split(f"{MARK} ")[1:]]
    return list(zip(outputs, statuses, strict=True))


def _script(examples: list[Example]) -> str:
    lines = [f'recension() {{ "$PYTHON" -S {READY} call "$@"; }}', "keep() { return $1; }"]
    for example in examples:
        lines += [example.command, f'status=$?; echo "{MARK} $status"; keep $status']
    return "\n".join(lines)


def _environ(served: Served) -> dict[str, str]:
    """Return the environment of a reader with the service installed, one setting and a token."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RECENSION_")}
    return {
        **kept,
        "RECENSION_DATABASE_URL": served.database_url,
        "TOKEN": served.token,
        "PYTHON": sys.executable,
        ready.SOCKET: str(served.socket),
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
    }
