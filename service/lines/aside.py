"""A process that reads lines for another: `python -m service.lines.aside`, over its two pipes.

It is told where the places of the release lie, then takes blocks of lines, and answers each line
with what is known of it. It knows no store, and ends when the other does.
"""

import gc
import os
import sys
from typing import Any

from schemas import KINDS
from service.hand import receive, send
from service.lines.derivation import Derived, derive
from service.lines.places import Within
from service.lines.plain import Known, look


def known_of(answer: tuple[Any, ...] | None) -> Known | None:
    """Return an answer as what it was before it was sent."""
    if answer is None:
        return None
    kind, record_id, hexdigest, body, made = answer
    return Known(kind, record_id, hexdigest, body, Derived(*made))


def _answers(block: bytes, within: Within) -> list[tuple[Any, ...] | None]:
    # One thing for all lines, then the next: both done line by line take a fifth longer.
    lines = block[:-1].split(b"\n")
    looked = [look(line.removesuffix(b"\r"), within) if line else None for line in lines]
    return list(map(_answer, looked))


def _answer(known: Known | None) -> tuple[Any, ...] | None:
    if known is None or not isinstance(known.said, dict):
        return None
    return (*known[:-1], tuple(derive(KINDS[known.kind], known.said)))


def main() -> None:
    """Answer until there is nobody to answer."""
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    gc.disable()  # Nothing here refers to itself.
    try:
        within = receive(asked)
        while True:
            send(answers, _answers(receive(asked), within))
    except (EOFError, BrokenPipeError):
        # At once: what was not sent is for nobody.
        os._exit(0)


if __name__ == "__main__":
    main()
