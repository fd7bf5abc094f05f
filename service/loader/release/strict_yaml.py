"""YAML without guesses: PyYAML finds the structure, and what it means is decided here.

An unquoted scalar is `true`, `false`, a number in the record model's spelling, or text. What some
YAML reads as another number, a truth value or nothing has to be quoted. Anchors, aliases, tags,
merge keys, members that stand twice and second documents are refused.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import yaml

from schemas.problems import Misspelled
from service.loader.release import limits, spelling
from service.loader.release.malformed import Fault, Malformed, below, text_of

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_REFUSED = re.compile(
    "^%|[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]",
    re.MULTILINE,
)
"""Directives, and what YAML refuses or reads as something else: controls, line ends, marks."""


class Parsed(NamedTuple):
    """A value, and the line of each pointer into it where the format has lines."""

    value: Any
    lines: Mapping[str, int] | None


def decode(data: bytes) -> Parsed:
    """Return the value of a YAML file and its lines, or raise Malformed with all its faults."""
    text = text_of(data)
    builder = _Builder(text)
    builder.read()
    if builder.faults:
        raise Malformed(builder.faults)
    return Parsed(builder.value, builder.lines)


class _Stop(Exception):
    """The rest of the file cannot or need not be read."""


class _Builder:
    def __init__(self, text: str) -> None:
        self.value: Any = None
        self.lines: dict[str, int] = {}
        self.faults: list[Fault] = []
        self._text = text
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)

    def read(self) -> None:
        try:
            self._characters()
            self._documents()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else None
            self.faults.append(Fault(line, "", f"not YAML: {error.problem or error.context}"))
        except _Stop:
            pass

    def _characters(self) -> None:
        for found in _REFUSED.finditer(self._text):
            line = self._text.count("\n", 0, found.start()) + 1
            self._fault(line, "", _refusal(found[0]))
        if self.faults:
            raise _Stop

    def _documents(self) -> None:
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents == 2:
                    self._fault(
                        _line(event), "", "a second document begins here: one file, one document"
                    )
                    raise _Stop
                self._locate("", event)
                self.value = self._node(next(self._events), "", 0)
        if not documents:
            self._fault(1, "", "the file holds nothing")

    def _node(self, event: Any, pointer: str, depth: int) -> Any:
        self._refuse_decorations(event, pointer)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if isinstance(event, yaml.AliasEvent):
            return None
        if depth == limits.DEPTH:
            self._fault(
                _line(event),
                pointer,
                f"more than {limits.DEPTH} objects and lists within each other",
            )
            raise _Stop
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(pointer, depth + 1)
        return self._sequence(pointer, depth + 1)

    def _sequence(self, pointer: str, depth: int) -> list[Any]:
        members: list[Any] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            here = below(pointer, len(members))
            self._locate(here, event)
            members.append(self._node(event, here, depth))
        return members

    def _mapping(self, pointer: str, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            name = self._name(event, pointer, depth)
            if name is None:
                self._node(next(self._events), pointer, depth)
                continue
            here = below(pointer, name)
            if name in members:
                self._fault(_line(event), here, "this member stands twice in its object: keep one")
            self._locate(here, event)
            members[name] = self._node(next(self._events), here, depth)
        return members

    def _name(self, event: Any, pointer: str, depth: int) -> str | None:
        known = len(self.faults)
        name = self._node(event, pointer, depth)
        if isinstance(name, str):
            return name
        if isinstance(name, Misspelled):
            self._fault(_line(event), pointer, name.advice)
        elif len(self.faults) == known:
            self._fault(_line(event), pointer, "the name of a member has to be text: quote it")
        return None

    def _refuse_decorations(self, event: Any, pointer: str) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._fault(
                _line(event), pointer, f"the alias *{event.anchor} is refused: write it out"
            )
            return
        if event.anchor:
            self._fault(
                _line(event), pointer, f"the anchor &{event.anchor} is refused: leave it out"
            )
        if event.tag:
            self._fault(_line(event), pointer, f"the tag {event.tag} is refused: leave it out")

    def _locate(self, pointer: str, event: Any) -> None:
        self.lines[pointer] = _line(event)
        if len(self.lines) > limits.YAML_VALUES:
            self._fault(
                _line(event), pointer, f"more than {limits.YAML_VALUES} values: split the file"
            )
            raise _Stop

    def _fault(self, line: int, pointer: str, detail: str) -> None:
        self.faults.append(Fault(line, pointer, detail))
        if len(self.faults) == limits.FAULTS:
            raise _Stop


def _scalar(event: Any) -> Any:
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in ("true", "false"):
        return text == "true"
    if spelling.is_number(text):
        return spelling.number(text)
    taken = spelling.taken_for(text)
    # Not a fault of the file: whoever judges the value tells it, beside what else is wrong.
    return Misspelled(text, _quote(text, taken)) if taken else text


def _refusal(found: str) -> str:
    if found == "%":
        return "a directive is refused: leave the line out"
    return f"U+{ord(found):04X} cannot stand in YAML as it is: write an escape in quotes"


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1


def _quote(text: str, taken: str) -> str:
    if not text:
        return 'there is no value here: write one, leave the member out, or quote it ("")'
    if text == "<<":
        return "merge keys are refused: write the members out, or quote it"
    advice = f"some YAML takes {text} for {taken}: quote it if it is text"
    plain = spelling.respelled(text) if taken == "a number" else None
    return f"{advice}, or write the number {plain}" if plain else advice
