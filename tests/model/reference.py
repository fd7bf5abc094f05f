"""What the service must answer, as a list of dictionaries: written from its promises, not its code.

Nothing here comes from the service. A revision is a dictionary of whole records; digests, chains,
differences and the feed are computed from those dictionaries each time, in the plainest way.
"""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

KINDS = ("actors", "events", "figures", "sources")
DATASET = "dataset"
ORDER = (DATASET, *KINDS)

Key = tuple[str, str]
"""Kind and id; `dataset.json` is the dataset of the dataset's name."""

Record = dict[str, Any]
Counts = dict[str, dict[str, int]]


def canonical(value: Any) -> bytes:
    """Return the one way to write a value: RFC 8785, for what these tests hold."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def sha(data: bytes) -> str:
    return sha256(data).hexdigest()


class Kept(NamedTuple):
    """A record as it is shown, and the digest that it was published with."""

    record: Record
    digest: str

    @property
    def is_stub(self) -> bool:
        return "redacted" in self.record

    @property
    def is_erased(self) -> bool:
        return self.is_stub and sha(canonical(self.record)) != self.digest


State = dict[Key, Kept]


def kept(record: Record) -> Kept:
    return Kept(record, sha(canonical(record)))


class Revision(NamedTuple):
    number: int
    issued: str
    digest: str
    chain: str
    state: State
    changes: Counts


class Model:
    """A dataset: its revisions, and what may become the next."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.revisions: list[Revision] = []
        self.standing: set[Key] = set()

    @property
    def document(self) -> Key:
        return DATASET, self.name

    @property
    def head(self) -> Revision:
        return self.revisions[-1]

    @property
    def state(self) -> State:
        return dict(self.head.state) if self.revisions else {}

    def publish(self, state: State, issued: str) -> None:
        number, digest = len(self.revisions) + 1, self.digest(state)
        parent = self.head.chain if self.revisions else "0" * 64
        chain = sha(f"{self.name} {number} {issued} {digest} {parent}\n".encode())
        changes = counted(changed(self.state, state))
        self.revisions.append(Revision(number, issued, digest, chain, dict(state), changes))

    def redact(self, key: Key, at: str, why: str) -> None:
        """Publish a stub, and show it wherever the record was; what was signed stays signed."""
        stub = {"id": key[1], "redacted": {"at": at, "why": why}}
        self.publish({**self.state, key: kept(stub)}, at)
        for revision in self.revisions:
            if key in revision.state:
                revision.state[key] = Kept(stub, revision.state[key].digest)
        self.standing.add(key)

    def is_new(self, state: State) -> bool:
        return not self.revisions or digests(state) != digests(self.state)

    def is_held(self, state: State) -> bool:
        """Say whether a snapshot shrinks so much that somebody has to approve it."""
        before = [key for key in self.state if key[0] != DATASET]
        removed = sum(key not in state for key in before)
        much = removed > 50 and removed > 0.2 * len(before)
        return much or removed == len(before) > 0

    def tree(self, state: State) -> dict[str, str]:
        """Return path to text of each file of sums."""
        files: dict[str, str] = {}
        root = [f"{state[self.document].digest}  dataset.json\n"]
        for kind in KINDS:
            if ids := {name: each.digest for (of, name), each in state.items() if of == kind}:
                root.append(_node(kind, "", ids, files))
        return {"SHA256SUMS": "".join(root), **files}

    def digest(self, state: State) -> str:
        return sha(self.tree(state)["SHA256SUMS"].encode())

    def records(self, number: int, kind: str) -> list[Record]:
        """Return what a list of a kind tells at a revision, by id."""
        state = self.revisions[number - 1].state
        return [each.record for (of, _), each in sorted(state.items()) if of == kind]

    def feed(self) -> Iterator[dict[str, Any]]:
        """Yield every change of every revision."""
        before: State = {}
        for revision in self.revisions:
            for kind, name in changed(before, revision.state):
                old, new = (side.get((kind, name)) for side in (before, revision.state))
                item = {"revision": revision.number, "kind": kind, "id": name}
                item["change"] = word(old, new)
                yield item if new is None else item | {"digest": new.digest, "record": new.record}
            before = revision.state

    def lines(self, number: int) -> bytes:
        """Return the NDJSON export of a revision."""
        revision = self.revisions[number - 1]
        release = {"complete": True, "issued": revision.issued, "mode": "snapshot"}
        told: list[Any] = [{"dataset": revision.state[self.document].record, "release": release}]
        for kind in KINDS:
            told += [{"kind": kind, "record": each} for each in self.records(number, kind)]
        end = {"digest": revision.digest, "records": len(told) - 1}
        if erased := sum(each.is_erased for each in revision.state.values()):
            end["redacted"] = erased
        return b"".join(_plain(line) + b"\n" for line in told) + _plain({"end": end}) + b"\n"

    def whole(self, number: int) -> Record:
        """Return the JSON export of a revision."""
        state = self.revisions[number - 1].state
        told: Record = {kind: {} for kind in KINDS}
        for (kind, name), each in state.items():
            if kind == DATASET:
                told[DATASET] = each.record
            else:
                told[kind][name] = each.record
        return told


def _plain(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode()


def _node(kind: str, prefix: str, ids: Mapping[str, str], files: dict[str, str]) -> str:
    path = "/".join(("manifest", kind, *prefix)) + ".sums"
    if len(ids) <= 128:
        text = "".join(f"{ids[name]}  {kind}/{name}.json\n" for name in sorted(ids))
    else:
        children: dict[str, dict[str, str]] = {}
        for name, digest in ids.items():
            children.setdefault(sha(name.encode())[len(prefix)], {})[name] = digest
        text = "".join(
            _node(kind, prefix + digit, below, files) for digit, below in sorted(children.items())
        )
    files[path] = text
    return f"{sha(text.encode())}  {path}\n"


def digests(state: State) -> dict[Key, str]:
    return {key: each.digest for key, each in state.items()}


def counts(state: State) -> dict[str, int]:
    """Return the number of records of each kind."""
    return {kind: sum(key[0] == kind for key in state) for kind in KINDS}


def changed(old: State, new: State) -> dict[Key, str]:
    """Return key to change word of what differs, in the order in which it is told."""
    keys = sorted({*old, *new}, key=lambda key: (ORDER.index(key[0]), key[1]))
    before, after = digests(old), digests(new)
    return {
        key: word(old.get(key), new.get(key)) for key in keys if before.get(key) != after.get(key)
    }


def word(old: object, new: object) -> str:
    return "added" if old is None else "removed" if new is None else "modified"


def counted(changes: Mapping[Key, str]) -> Counts:
    told: Counts = {}
    for (kind, _), each in changes.items():
        words = told.setdefault(kind, {})
        words[each] = words.get(each, 0) + 1
    return told


def applied(change: Mapping[str, Any], record: Record | None) -> Record | None:
    """Return what a told change makes of a record."""
    if "record" in change:
        return None if change["change"] == "removed" else dict(change["record"])
    assert record is not None
    stated = dict(_flat(record))
    for field in change["fields"]:
        assert stated.pop(field["path"], None) == field.get("old")
        if "new" in field:
            stated[field["path"]] = field["new"]
    made: Record = {}
    for path, value in stated.items():
        *parents, name = (p.replace("~1", "/").replace("~0", "~") for p in path.split("/")[1:])
        target = made
        for parent in parents:
            target = target.setdefault(parent, {})
        target[name] = value
    return made


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict):
        yield path, value
        return
    for name, member in value.items():
        yield from _flat(member, f"{path}/{name.replace('~', '~0').replace('/', '~1')}")
