"""What is wrong with a record, and where: the form in which every check answers."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

_SHOWN = 60
_ENDLESS = 10**100


class Problem(NamedTuple):
    """One fault: an RFC 6901 pointer into the record ("" is the whole) and one plain sentence."""

    pointer: str
    detail: str


@dataclass(frozen=True)
class Misspelled:
    """Stands where a text held a number in a spelling that the record model refuses."""

    text: str
    advice: str


def pointer(path: Sequence[Any]) -> str:
    """Return the JSON pointer to the member that a path of names and indexes leads to."""
    return "".join(f"/{_escaped(step)}" for step in path)


def _escaped(step: Any) -> str:
    return _printable(str(step)).replace("~", "~0").replace("/", "~1")


def shown(value: Any) -> str:
    """Return a value as a message may quote it: as JSON, short, and printable everywhere."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and abs(value) >= _ENDLESS:
        return "a number without end"  # Python refuses to write thousands of digits.
    text = json.dumps(value, ensure_ascii=False, default=str)
    return _printable(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def flattened(messages: Any, path: tuple[Any, ...] = ()) -> Iterator[Problem]:
    """Yield marshmallow's tree of messages as problems, each at its own pointer."""
    if not isinstance(messages, dict):
        yield from (Problem(pointer(path), str(message)) for message in messages)
        return
    for name, below in messages.items():
        yield from flattened(below, path if name == "_schema" else (*path, name))


def misspellings(record: Any) -> Iterator[Problem]:
    """Yield a problem for each misspelled number, wherever it stands and however deep."""
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), record)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, Misspelled):
            yield Problem(pointer(path), f"{shown(value.text)}: {value.advice}")
        elif isinstance(value, dict):
            waiting.extend(((*path, name), member) for name, member in value.items())
        elif isinstance(value, list):
            waiting.extend(((*path, index), member) for index, member in enumerate(value))
