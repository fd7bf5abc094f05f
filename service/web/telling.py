"""How a change is told: as a member of JSON, as rows of a table, as operations of a JSON Patch."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from service import diff
from service.canonical import canonical
from service.model import Change, ChangeCounts, Step

COLUMNS = ("kind", "id", "change", "reason", "why", "path", "old", "new")
"""Of the table of changes; `old` and `new` are JSON."""


def told(change: Change, within: str | None = None) -> dict[str, Any]:
    """Return a change whole or field by field; of one whose body was erased, that it was.

    `within` leaves only the fields at or below a pointer.
    """
    members: dict[str, Any] = {
        "kind": change.kind,
        "id": change.id,
        "change": change.change,
        "reason": change.reason.code,
    }
    if change.reason.why is not None:
        members["why"] = change.reason.why
    if change.new_digest is not None:
        members["digest"] = change.new_digest
    if change.redacted:
        members["redacted"] = True
    elif change.fields is not None and within is None:
        members["fields"] = orjson.Fragment(change.fields)
    elif change.change == "modified":
        members["fields"] = fields(change, within)
    else:
        members["record"] = orjson.Fragment(change.new or change.old or "")
    if change.steps:
        members["steps"] = list(map(step, change.steps))
    return members


def line(told: Mapping[str, Any]) -> bytes:
    """Return a line of NDJSON."""
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def step(told: Step) -> dict[str, Any]:
    """Return what a diff says of one revision's part in a change."""
    code, why = told.reason
    members = {"revision": told.revision, "change": told.change, "reason": code}
    return members if why is None else {**members, "why": why}


def fields(change: Change, within: str | None) -> list[diff.Told]:
    """Return what is told of each field that differs, at or below a pointer."""
    if change.fields is None:
        return diff.differing(change.old or "{}", change.new or "{}", within)
    told: list[diff.Told] = orjson.loads(change.fields)
    return [each for each in told if within is None or diff.is_below(each["path"], within)]


def rows(change: Change, within: str | None = None) -> Iterator[tuple[str, ...]]:
    """Yield a row for each field that differs; one without a path where a body was erased."""
    reason = change.reason
    start = (change.kind, change.id, change.change, reason.code, reason.why or "")
    if change.redacted:
        yield (*start, "", "", "")
        return
    for field in fields(change, within):
        yield (*start, field["path"], _cell(field.get("old")), _cell(field.get("new")))


def operations(change: Change, within: str | None = None) -> Iterator[bytes]:
    """Yield the operations of a JSON Patch that make the change."""
    yield from map(canonical, diff.patch(change, within))


def counted(counts: ChangeCounts) -> str:
    """Return counts as a header: a dictionary of structured fields (RFC 9651)."""
    each = [(kind, word, n) for kind, words in counts.items() for word, n in words.items()]
    total = sum(n for _, _, n in each)
    return ", ".join([f"total={total}", *(f"{kind}.{word}={n}" for kind, word, n in each)])


def _cell(value: Any) -> str:
    return "" if value is None else canonical(value).decode()
