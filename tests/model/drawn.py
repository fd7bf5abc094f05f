"""Contents that are drawn at random: small valid records of every kind, and what spoils a release.

The ids are few, so that the same record comes, changes and goes; and they are such as are sorted
in another order where a collation of some language is used.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.model.reference import KINDS, Key, Record
from tests.schemas import samples

MAKERS = {
    "actors": samples.minimal_actor,
    "events": samples.minimal_event,
    "figures": samples.minimal_figure,
    "sources": samples.minimal_source,
}
NAMES = ("a", "a-b", "ab", "9")
VARIED: dict[int, Record] = {
    1: {},
    2: {"note": "Said “no” ☕ 😀\nand again."},
    3: {"note": "One.", "external_ids": {"roll": "7/1", "archive": "~"}},
    4: {"external_ids": {"roll": "8"}},
}
BASE = {
    ("events", "bridge-fall"): samples.minimal_event(),
    ("sources", "wire-002"): samples.minimal_source(),
}
"""What the others refer to; it is in every revision."""


class Content(NamedTuple):
    """What a release is about: key to a number by which it varies, or None where it goes.

    The crowd are so many more actors: enough for the guard, or for the sums to branch.
    """

    chosen: Mapping[Key, int | None]
    crowd: int
    title: int


keys = st.tuples(st.sampled_from(KINDS), st.sampled_from(NAMES)).map(
    lambda key: (key[0], f"{key[0]}-{key[1]}")
)
contents = st.builds(
    Content,
    st.dictionaries(keys, st.none() | st.sampled_from(sorted(VARIED)), min_size=1, max_size=7),
    st.sampled_from((0, 0, 0, 0, 60, 135)),
    st.integers(1, 2),
)


def record(key: Key, value: int) -> Record:
    return MAKERS[key[0]]() | deepcopy(VARIED[value]) | {"id": key[1]}


def records(content: Content) -> dict[Key, Record]:
    """Return the records that a content has, beside those of `BASE`."""
    found = {key: record(key, value) for key, value in content.chosen.items() if value}
    crowd = (("actors", f"crowd-{number}") for number in range(content.crowd))
    return found | {key: record(key, 1) for key in crowd}


def document(title: int) -> Record:
    people = [{"id": "people", "name": "People"}]
    return samples.minimal_dataset() | {"title": f"Title {title}", "groups": people}


def release(
    records: Mapping[Key, Record],
    document: Record | None,
    removals: Iterable[Key] = (),
    **said: Any,
) -> bytes:
    """Return a release as lines."""
    first: Record = {"release": said}
    if document is not None:
        first["dataset"] = document
    lines: list[Record] = [first]
    lines += [{"kind": kind, "record": each} for (kind, _), each in records.items()]
    lines += [{"kind": kind, "remove": name} for kind, name in removals]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def _line(told: Any) -> Callable[[bytes], bytes]:
    return lambda good: good + json.dumps(told).encode() + b"\n"


def _actor(**members: Any) -> Record:
    return {"kind": "actors", "record": samples.minimal_actor() | {"id": "new", **members}}


SPOILED: dict[str, Callable[[bytes], bytes]] = {
    "a record that comes twice": lambda good: good + good.splitlines(keepends=True)[-1],
    "a reference to what is not there": _line(
        {"kind": "figures", "record": samples.minimal_figure() | {"of": {"event": "never"}}}
    ),
    "an unknown member": _line(_actor(colour="red")),
    "a wrong type": _line(_actor(name=12)),
    "a bad id": _line(_actor(id="Not An Id")),
    "an unknown kind": _line(_actor() | {"kind": "people"}),
    "a removal in a snapshot": _line({"kind": "actors", "remove": "a"}),
    "a stub of its own making": _line(
        {"kind": "actors", "record": samples.stub("never-redacted") | {"name": "x"}}
    ),
    "no number": lambda good: good + b'{"kind": "actors", "record": {"id": NaN}}\n',
    "a cut line": lambda good: good[:-9],
    "a promised end that is missing": lambda good: good.replace(
        b'"mode": "snapshot"', b'"mode": "snapshot", "complete": true'
    ),
    "a wrong digest at the end": lambda good: (
        good
        + json.dumps({"end": {"records": good.count(b"\n") - 1, "digest": "0" * 64}}).encode()
        + b"\n"
    ),
}
"""What is wrong, to how it gets into the bytes of a snapshot."""
