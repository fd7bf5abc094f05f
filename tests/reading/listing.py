"""The same questions put to a list in memory, in plain Python: what the store is held against."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from schemas import KINDS, edtf, series_key
from schemas.folding import words

Records = Iterable[Mapping[str, Any]]


def stated(record: Mapping[str, Any], name: str, kind: str) -> list[Any]:
    """Return what a record says at a path, or under a name that stands for several."""
    if "redacted" in record and name != "id":
        return []
    if name == "series":
        return [series_key(record)]
    if name == "asserter":
        return [_asserter(claim) for claim in record.get("accounts", (record,))]
    if name == "through":
        links = [a for claim in record.get("accounts", (record,)) for a in claim["attribution"][1:]]
        return _at(links, ["actor"])
    if name == "source":
        paths = KINDS[kind].filters["source"].terms
        return [value for path in paths for value in _at(record, path.split("."))]
    return _at(record, name.split("."))


def _asserter(claim: Mapping[str, Any]) -> str | tuple[str]:
    """Return the first of the chain; where nobody stands in it the source, in brackets."""
    chain = claim["attribution"]
    return chain[0].get("actor", "") if chain else (claim["evidence"][0]["source"],)


def _at(value: Any, path: list[str]) -> list[Any]:
    if isinstance(value, list):
        return [found for member in value for found in _at(member, path)]
    if not path:
        return [value]
    return _at(value[path[0]], path[1:]) if path[0] in value else []


def admitted(
    records: Records, kind: str, filters: Iterable[tuple[str, str]], sources: Mapping[str, Any]
) -> list[Any]:
    """Return the records that all filters admit, given as names and texts of parameters."""
    kept = list(records)
    for name, text in filters:
        field, _, operator = name.partition("__")
        if field == "asserter":
            asked = text.split(",") if operator else [text]
            kept = [each for each in kept if _asserted(each, kind, set(asked), sources)]
            continue
        kept = [
            record
            for record in kept
            if _admits(record, stated(record, field, kind), operator, text, _read(kind, field))
        ]
    return kept


def _asserted(
    record: Mapping[str, Any], kind: str, asked: set[str], sources: Mapping[str, Any]
) -> bool:
    said = stated(record, "asserter", kind)
    own = [each[0] for each in said if isinstance(each, tuple)]
    publishers = {sources[name].get("publisher") for name in own if name in sources}
    return bool(asked & ({each for each in said if isinstance(each, str)} | publishers))


def _read(kind: str, field: str) -> Callable[[str], Any]:
    return {"text": str, "number": float, "date": edtf.bounds}[KINDS[kind].filters[field].type]


def _admits(
    record: Mapping[str, Any], values: list[Any], operator: str, text: str, read: Any
) -> bool:
    if operator == "contains":
        forms = {form for value in values for word in words(value) for form in word.forms}
        return all(forms & set(word.forms) for word in words(text))
    if operator == "exists":
        return "redacted" not in record and bool(values) == (text == "true")
    if read is edtf.bounds:
        return any(_DATES[operator](*edtf.bounds(value), *edtf.bounds(text)) for value in values)
    if operator == "ne":
        return bool(values) and read(text) not in values
    asked = [read(each) for each in text.split(",")] if operator == "in" else [read(text)]
    return any(_ORDERS[operator](value, asked) for value in values)


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "": lambda value, asked: value == asked[0],
    "in": lambda value, asked: value in asked,
    "gt": lambda value, asked: value > asked[0],
    "gte": lambda value, asked: value >= asked[0],
    "lt": lambda value, asked: value < asked[0],
    "lte": lambda value, asked: value <= asked[0],
}

_DATES: dict[str, Callable[[str, str, str, str], bool]] = {
    "": lambda first, last, begin, end: first <= end and begin <= last,
    "within": lambda first, last, begin, end: begin <= first and last <= end,
    "before": lambda first, last, begin, end: last < begin,
    "after": lambda first, last, begin, end: end < first,
}


def ordered(records: Records, kind: str, keys: Iterable[str]) -> list[Any]:
    """Return the records in the order of `sort`: nulls last, ties by id as the last key runs."""
    names = list(keys)
    down = bool(names) and names[-1].startswith("-")
    found = list(records)
    for key in reversed([*names, "-id" if down else "id"]):
        name = key.removeprefix("-")
        having = [record for record in found if stated(record, name, kind)]
        lacking = [record for record in found if not stated(record, name, kind)]
        having.sort(key=lambda record: _rank(kind, record, name), reverse=key.startswith("-"))
        found = having + lacking
    return found


def _rank(kind: str, record: Mapping[str, Any], name: str) -> Any:
    (value,) = stated(record, name, kind)
    return edtf.bounds(value) if KINDS[kind].sorts[name].type == "date" else value
