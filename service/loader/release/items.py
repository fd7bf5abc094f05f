"""What a release holds: records, removals, and where each of them stands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from schemas.problems import shown
from service.loader.release.malformed import Malformed, below
from service.model import Flaw, Place, Reason

Lines = Mapping[str, int] | None
"""The line of each JSON pointer of a file; None where the place itself says the line."""

Reasons = Mapping[tuple[str, str], Reason]
"""Kind (or `dataset`) and id to the reason that the release gives for the change."""


class Item(NamedTuple):
    """One record, or `dataset.json`, whose kind is `dataset`; `raw` is its line of NDJSON."""

    kind: str
    record: dict[str, Any]
    place: Place
    lines: Lines = None
    reason: Reason | None = None
    raw: bytes | None = None


class Removal(NamedTuple):
    """The id of a record that a delta removes."""

    kind: str
    id: str
    reason: Reason | None
    place: Place


class Recognised(NamedTuple):
    """A line that the caller recognised by its bytes, so that it was not parsed."""

    raw: bytes
    place: Place
    answer: Any


class Run(NamedTuple):
    """Lines one after the other that the caller expected: the ids of their records, of one kind."""

    kind: str
    ids: Sequence[str]
    file: str
    line: int
    """The first of them."""


class End(NamedTuple):
    """What the last line of an interchange file declares."""

    records: int
    digest: str | None


Part = Item | Removal | Recognised | Run | Flaw
"""Any one thing that the reading of a release yields."""


def place_of(item: Item, pointer: str) -> Place:
    """Return the place of a problem at a pointer of the item's record."""
    return located(item.place, item.lines, pointer)


def located(place: Place, lines: Lines, pointer: str) -> Place:
    """Return the place below a place: the line is that of the nearest enclosing pointer."""
    whole = place.pointer + pointer
    line = place.line if lines is None else _nearest(lines, whole)
    return Place(place.file, line, whole)


def _nearest(lines: Mapping[str, int], pointer: str) -> int | None:
    while pointer and pointer not in lines:
        pointer = pointer.rpartition("/")[0]
    return lines.get(pointer)


def flaws_of(malformed: Malformed, file: str, line: int | None = None) -> Iterator[Flaw]:
    """Yield the faults of a file as flaws; `line` is given where the file was one line of it."""
    for fault in malformed.faults:
        yield Flaw(Place(file, line or fault.line, fault.pointer), fault.detail)


def listed(
    kind: str, records: Iterable[Any], place: Place, lines: Lines, reasons: Reasons
) -> Iterator[Item | Flaw]:
    """Yield the records of a list."""
    for index, record in enumerate(records):
        yield item(kind, record, located(place, lines, below("", index)), lines, reasons)


def keyed(
    kind: str, records: Mapping[str, Any], place: Place, lines: Lines, reasons: Reasons
) -> Iterator[Item | Flaw]:
    """Yield the records of an object whose members are named by their ids."""
    for name, record in records.items():
        here = located(place, lines, below("", name))
        yield item(kind, record, here, lines, reasons)
        if isinstance(record, dict) and record.get("id", name) != name:
            there = located(here, lines, "/id")
            yield Flaw(there, f"the record stands under {shown(name)}: its id has to be the same")


def item(kind: str, record: Any, place: Place, lines: Lines, reasons: Reasons) -> Item | Flaw:
    """Return a record with the reason that the release gives for it."""
    if not isinstance(record, dict):
        return Flaw(place, f"{shown(record)} is not a record: an object is due here")
    name = record.get("id")
    reason = reasons.get((kind, name)) if isinstance(name, str) else None
    return Item(kind, record, place, lines, reason)
