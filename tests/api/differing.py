"""What revisions differ in, computed from whole exports by dictionaries: the plainest way."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from service.canonical import canonical, digest
from service.model import KINDS
from service.reading import exports
from service.store import Database
from tests.store.states import State, at, publish

NAME = "history"
SOURCES = ("s-1", "s-2")
PATHS = ("/title", "/place", "/place/id", "/place/printed", "/accounts", "/accounts/0", "/id",
         "/note", "/none", "/place/id/x", "/reference", "/external_ids/a~1b")  # fmt: skip
WORDS = {(False, True): "added", (True, False): "removed", (True, True): "modified"}

Export = dict[str, Any]
Change = dict[str, Any]


def history(seed: int, revisions: int) -> list[State]:
    """Return states of a dataset that were drawn at random, the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311 - the data of a test
    return [_state(draw) for _ in range(revisions)]


def published(db: Database, states: list[State]) -> list[Export]:
    """Publish each state, and return the JSON export of each revision."""
    for state in states:
        publish(db, state, NAME)
    return [export(db, number) for number in range(1, len(states) + 1)]


def export(db: Database, number: int, name: str = NAME) -> Export:
    """Return the JSON export of a revision."""
    return dict(orjson.loads(b"".join(exports.json(db, at(db, number, name)))))


def changes(old: Export, new: Export, name: str = NAME) -> list[Change]:
    """Return the net changes, as the diff tells them, from two exports."""
    before, after = dict(_records(old, name)), dict(_records(new, name))
    keys = sorted({*before, *after}, key=lambda key: (key[0] != "dataset", key))
    return [
        _change(key, before.get(key), after.get(key))
        for key in keys
        if before.get(key) != after.get(key)
    ]


def narrowed(
    found: list[Change], old: Export, new: Export, asked: Mapping[str, str]
) -> Iterator[Change]:
    """Yield the changes that a question with filters admits, and of them what it tells."""
    before, after = dict(_records(old)), dict(_records(new))
    for change in found:
        if any(name in asked and asked[name] != change[name] for name in ("kind", "change", "id")):
            continue
        sides = [side.get((change["kind"], change["id"]), {}) for side in (before, after)]
        if "source" in asked and not _rests_on(change, sides, asked["source"]):
            continue
        if "path" not in asked:
            yield change
        elif told := _within(change, sides, asked["path"]):
            yield told


def counted(found: list[Change]) -> dict[str, dict[str, int]]:
    """Return the numbers of changes by kind and word."""
    counts: dict[str, dict[str, int]] = {}
    for change in found:
        words = counts.setdefault(change["kind"], {})
        words[change["change"]] = words.get(change["change"], 0) + 1
    return counts


def fields(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield pointer and value of each scalar or list."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from fields(member, f"{path}/{name.replace('~', '~0').replace('/', '~1')}")
    else:
        yield path, value


def _records(whole: Export, dataset: str = NAME) -> Iterator[tuple[tuple[str, str], Any]]:
    yield ("dataset", dataset), whole["dataset"]
    for kind in KINDS:
        yield from (((kind, name), record) for name, record in whole[kind].items())


def net(told: Mapping[str, Any]) -> Change:
    """Return a change without the steps to it, of which two exports say nothing."""
    return {name: member for name, member in told.items() if name != "steps"}


def _change(key: tuple[str, str], old: Any, new: Any) -> Change:
    told = {"kind": key[0], "id": key[1], "change": WORDS[old is not None, new is not None]}
    told["reason"] = "unstated"
    if new is not None:
        told["digest"] = digest(canonical(new))
    if old is None or new is None:
        return {**told, "record": old or new}
    before, after = dict(fields(old)), dict(fields(new))
    paths = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    return {**told, "fields": [_field(path, before.get(path), after.get(path)) for path in paths]}


def _field(path: str, old: Any, new: Any) -> dict[str, Any]:
    told = {"path": path, "old": old, "new": new}
    if isinstance(old, list) and isinstance(new, list):
        told["added"] = [member for member in new if member not in old]
        told["removed"] = [member for member in old if member not in new]
    return {name: value for name, value in told.items() if value is not None}


def _rests_on(change: Change, sides: list[Any], source: str) -> bool:
    is_it = (change["kind"], change["id"]) == ("sources", source)
    cited = f'"source":"{source}"'.encode()
    return is_it or any(cited in canonical(side) for side in sides)


def _within(change: Change, sides: list[Any], path: str) -> Change | None:
    def is_below(pointer: str) -> bool:
        return f"{pointer}/".startswith(f"{path}/")

    if "record" in change:
        return change if any(is_below(p) for side in sides for p, _ in fields(side)) else None
    told = [field for field in change["fields"] if is_below(field["path"])]
    return {**change, "fields": told} if told else None


def _state(draw: random.Random) -> State:
    kinds = {"actors": _actor, "events": _event, "sources": _source}
    keys = [(kind, name) for kind in kinds for name in ("a", "b", "c", "d", *SOURCES)]
    chosen = [key for key in keys if draw.random() < 0.7]
    document = {"title": draw.choice("XY"), "extent": {"start": draw.choice(("1931", "1932"))}}
    return {
        ("dataset", NAME): document,
        **{(kind, name): {"id": name, **kinds[kind](draw)} for kind, name in chosen},
    }


def _event(draw: random.Random) -> dict[str, Any]:
    place = {"id": draw.choice("pq"), "printed": sorted(draw.sample("PQR", draw.randint(1, 2)))}
    sources = sorted(draw.sample(SOURCES, draw.randint(1, 2)))
    accounts = [{"status": "happened", "evidence": [{"source": source}]} for source in sources]
    return _some(draw, title=draw.choice("xy"), place=_some(draw, **place), accounts=accounts)


def _actor(draw: random.Random) -> dict[str, Any]:
    names = [{"printed": "A", "evidence": [{"source": draw.choice(SOURCES)}]}]
    reference = {"from": "an atlas", "country": draw.choice(("KZ", "AQ"))}
    return _some(draw, names=names, reference=reference, external_ids={"a/b": draw.choice("12")})


def _source(draw: random.Random) -> dict[str, Any]:
    return _some(draw, note=draw.choice(("n", '"0"', "1e3")), title=draw.choice("xyé"))


def _some(draw: random.Random, **members: Any) -> dict[str, Any]:
    """Return some of the members; the model admits no empty object."""
    return {name: value for name, value in members.items() if value and draw.random() < 0.7}
