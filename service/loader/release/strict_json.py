"""The one strict JSON decoder of every entrance.

RFC 8259 without its latitude: UTF-8, no member twice, no NaN or infinity, no lone surrogate, no
deep nesting. A number in another spelling than the record model's is kept as `Misspelled` where
it stands, so that it is reported at its pointer. Good input is read once; what raises a suspicion
is read again, with pointers.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

from schemas.problems import Misspelled
from service.loader.release import limits, spelling
from service.loader.release.malformed import Fault, Malformed, below, text_of

_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")

_TOO_DEEP = Fault(None, "", f"more than {limits.DEPTH} objects and lists within each other")


class _Suspicious(Exception):
    """The quick reading met something that the careful one has to name."""


class _Object(list[tuple[str, Any]]):
    """The members of an object as they were written."""


class _NoNumber(NamedTuple):
    text: str


def decode(data: bytes, *, starts_file: bool = True) -> Any:
    """Return the value of a JSON text, or raise Malformed; a byte order mark may start a file."""
    text = text_of(data, starts_file=starts_file)
    brackets = data.count(b"{") + data.count(b"[")
    if brackets > limits.JSON_BRACKETS:
        detail = f"more than {limits.JSON_BRACKETS} objects and lists: split it"
        raise Malformed([Fault(None, "", detail)])
    try:
        value = _value(text, suspicious=_ESCAPED_SURROGATE.search(data) is not None)
    except json.JSONDecodeError as error:
        detail = f"not JSON: {error.msg[0].lower()}{error.msg[1:]}, at column {error.colno}"
        raise Malformed([Fault(error.lineno, "", detail)]) from None
    except RecursionError:
        raise Malformed([_TOO_DEEP]) from None
    if brackets > limits.DEPTH and _is_too_deep(value):
        raise Malformed([_TOO_DEEP])
    return value


def _value(text: str, *, suspicious: bool) -> Any:
    if suspicious:
        _refuse_faults(text)
    try:
        return _QUICK.decode(text)
    except _Suspicious:
        _refuse_faults(text)
        raise


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(limits.DEPTH):
        level = [
            member
            for outer in level
            if isinstance(outer, dict | list)
            for member in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(member, dict | list)
        ]
    return bool(level)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _Suspicious
    return members


def _fraction(text: str) -> float | Misspelled:
    number = spelling.fraction(text)
    if isinstance(number, Misspelled) and math.isinf(float(text)):
        raise _Suspicious
    return number


def _no_constant(text: str) -> NoReturn:
    raise _Suspicious


_QUICK = json.JSONDecoder(
    object_pairs_hook=_distinct,
    parse_int=spelling.whole,
    parse_float=_fraction,
    parse_constant=_no_constant,
)


def _finite(text: str) -> _NoNumber | None:
    return _NoNumber(text) if math.isinf(float(text)) else None


_CAREFUL = json.JSONDecoder(
    object_pairs_hook=_Object,
    parse_int=lambda text: None,
    parse_float=_finite,
    parse_constant=_NoNumber,
)


def _refuse_faults(text: str) -> None:
    faults = []
    for fault in _faults(_CAREFUL.decode(text), ""):
        faults.append(fault)
        if len(faults) == limits.FAULTS:
            break
    if faults:
        raise Malformed(faults)


def _faults(value: Any, pointer: str) -> Iterator[Fault]:
    if isinstance(value, _Object):
        yield from _object_faults(value, pointer)
    elif isinstance(value, _NoNumber):
        yield Fault(None, pointer, f"{value.text} is not a number that JSON can carry")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _faults(member, below(pointer, index))
    elif isinstance(value, str):
        yield from _surrogates(value, pointer)


def _object_faults(members: _Object, pointer: str) -> Iterator[Fault]:
    seen = set()
    for name, member in members:
        here = below(pointer, name)
        yield from _surrogates(name, here)
        if name in seen:
            yield Fault(None, here, "this member stands twice in its object: keep one")
        seen.add(name)
        yield from _faults(member, here)


def _surrogates(text: str, pointer: str) -> Iterator[Fault]:
    lone = _SURROGATE.search(text)
    if lone:
        detail = f"\\u{ord(lone[0]):04x} is half of a character: write the whole character"
        yield Fault(None, pointer, detail)
