"""Asks a service all that its document allows and more: `python -m tests.contract --cases 1000`.

Without `--url` a service is started on the bundled dataset, in a new database, with a token; so
releases are published too. All phases of schemathesis run, over HTTP. What each operation answered
is told, then what was wrong; the exit status is 1 if anything was.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import requests

from service import tokens
from tests.contract.fuzzing import PHASES, run
from tests.servers import serving


def main() -> int:
    """Return the exit status."""
    given = _arguments()
    with _service(given.url) as (url, token):
        document = requests.get(f"{url}/openapi.json", timeout=30).json()
        names = [
            each["operationId"] for path in document["paths"].values() for each in path.values()
        ]
        asked = [name for name in names if name in (given.operations or names)]
        done = run(url, asked, given.cases, given.phases, token, partial(print, flush=True))
    for name, answers in sorted(done.answers.items()):
        print(f"{name}: " + ", ".join(f"{n} x {status}" for status, n in sorted(answers.items())))
    for fault in done.faults:
        print(fault)
    total = sum(answers.total() for answers in done.answers.values())
    print(f"\n{total} answers, {len(done.faults)} faults")
    return 1 if done.faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.contract", description=__doc__)
    parser.add_argument("--cases", type=int, default=1000, help="cases for each operation")
    parser.add_argument("--phases", nargs="+", choices=PHASES, default=PHASES)
    parser.add_argument("--operations", nargs="+", help="ids of operations; else all")
    parser.add_argument("--url", help="a service that runs already; it is not published to")
    return parser.parse_args()


@contextmanager
def _service(url: str | None) -> Iterator[tuple[str, str]]:
    """Yield the address of a service and a token for it, if there is one."""
    if url:
        yield url.rstrip("/"), ""
        return
    secret, grant = tokens.made(tokens.ANY, may_create=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(f"sqlite:///{folder}/recension.db", tokens=str(grant)) as started,
    ):
        yield started, secret


if __name__ == "__main__":
    sys.exit(main())
