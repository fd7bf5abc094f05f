"""Changes as an errata sheet: what a person would want to be told, in lines.

Evidence is left out: its positions and digests say nothing to a reader, and `--json` tells them.
Members of sets are told one by one, those that stay under one name (an id, or the source of an
account) by what differs in them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from service.canonical import canonical
from service.diff import FieldChange, fields
from service.model import UNSTATED, Change

LONGEST = 100
"""Characters of a value that are shown."""

UNTOLD = "evidence"


def lines(change: Change) -> Iterator[str]:
    """Yield the line of a change, and below it a line for each thing that differs."""
    body = orjson.loads(change.new or change.old or "{}")
    yield f"{change.change} {change.kind}/{change.id}{_headline(body)}"
    for stated in dict.fromkeys(step.reason for step in change.steps) or (change.reason,):
        if stated != UNSTATED:
            yield f"  because: {stated.code}{_said(stated.why)}"
    if change.redacted:
        yield "  (what it said was erased)"
    elif change.old is not None and change.new is not None:
        for field in fields(change.old, change.new):
            yield from _field(field)


def _headline(body: Mapping[str, Any]) -> str:
    """Return what a record is about, in a few words."""
    if "measure" in body:
        counted = body.get("counted", {}).get("group", "")
        words = f"{body['measure']} {counted}".strip()
        return f": {words}, {_short(body.get('printed') or body.get('missing', ''))}"
    return _said(body.get("title") or body.get("name"))


def _said(text: str | None) -> str:
    return f": {text}" if text else ""


def _field(field: FieldChange) -> Iterator[str]:
    if field.path.endswith(f"/{UNTOLD}"):
        return
    if field.added is None and field.removed is None:
        yield f"  {field.path}: {_value(field.old)} → {_value(field.new)}"
        return
    told = [f"    {line}" for line in _members(field.removed or [], field.added or [])]
    if told:
        yield f"  {field.path}:"
        yield from told


def _members(removed: list[Any], added: list[Any]) -> Iterator[str]:
    """Yield a line for each member that came, went, or stays under its name and differs."""
    before = {_name(member): member for member in removed}
    after = {_name(member): member for member in added}
    for name in sorted(before.keys() | after.keys()):
        if name in before and name in after:
            told = list(_inside(before[name], after[name]))
            if told:
                yield f"~ {name}: {'; '.join(told)}"
        elif name in after:
            yield f"+ {_value(after[name])}"
        else:
            yield f"- {_value(before[name])}"


def _inside(old: Any, new: Any) -> Iterator[str]:
    for field in fields(canonical(old).decode(), canonical(new).decode()):
        if not field.path.endswith(f"/{UNTOLD}"):
            yield f"{field.path} {_value(field.old)} → {_value(field.new)}"


def _name(member: Any) -> str:
    """Return what a member of a set is called: its id, the source of an account, or itself."""
    if not isinstance(member, dict):
        return str(member)
    if "id" in member:
        return str(member["id"])
    evidence = member.get(UNTOLD)
    if "status" in member and evidence:
        return str(evidence[0]["source"])
    return canonical(_told(member)).decode()


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    return _short(value if isinstance(value, str) else canonical(_told(value)).decode())


def _told(value: Any) -> Any:
    """Return a value without the evidence in it."""
    if isinstance(value, dict):
        return {name: _told(member) for name, member in value.items() if name != UNTOLD}
    return [_told(member) for member in value] if isinstance(value, list) else value


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
