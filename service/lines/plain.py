"""Lines that are plainly valid: written as an export writes them, and accepted at a look.

Such a line is `{"kind":…,"record":` and the record's canonical bytes. It is read by a quick decoder
and judged by the quick verdict; if what is accepted is written as these very bytes, the strict
decoder and both validators would have taken the same from the line: bytes that a value is written
as hold no member twice and no other spelling.
"""

from typing import Any, NamedTuple

import orjson

from schemas import KINDS
from service.canonical import digest
from service.lines import places
from service.lines.derivation import Derived
from service.lines.places import Within

_STARTS = {f'{{"kind":"{kind}"'.encode(): kind for kind in KINDS}
_LONGEST = max(map(len, _STARTS)) + 1


class Known(NamedTuple):
    """What a line holds. `said` is what it says, or what derives from that where it was made by
    now; None where the head has it, so that it was not parsed.
    """

    kind: str
    id: str
    digest: str
    body: bytes
    said: dict[str, Any] | Derived | None


def parted(line: bytes) -> tuple[str | None, bytes]:
    """Return the kind and the body of a line, if it is written as an export writes it."""
    start, _, rest = line.partition(b',"record":')
    return (_STARTS.get(start) if rest.endswith(b"}") else None), rest[:-1]


def kind_at(block: bytes, start: int) -> str | None:
    """Return the kind that a line begins with, by where it starts in a block."""
    return _STARTS.get(block[start : start + _LONGEST].partition(b",")[0])


def look(line: bytes, within: Within) -> Known | None:
    """Return what is known of a line, or None to have it read with care.

    `within` is where the places of the release lie, by which events are judged.
    """
    kind, body = parted(line)
    return judged(kind, body, parsed(body), within) if kind else None


def parsed(body: bytes) -> Any:
    """Return what a body says by the quick decoder, or None where it says nothing."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def judged(kind: str, body: bytes, record: Any, within: Within) -> Known | None:
    """Return what is known of a body and what it says, or None to have it read with care."""
    if record is None or KINDS[kind].accepted(record) != body:
        return None
    if kind == "events" and any(places.outside(record, within)):
        return None
    return Known(kind, record["id"], digest(body), body, record)
