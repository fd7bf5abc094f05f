"""The tree of sums: a revision's manifest as small files in `sha256sum` format.

The root lists `dataset.json` and one node for each kind that has records. A node stands for the
ids whose sha256 (hex, of the id's bytes) begins with its prefix: up to `LEAF` ids it lists the
records, above that its sixteen children. The tree depends on the records alone, not on their
history; `revise` makes the nodes that a change touches and no others.
"""

from bisect import bisect_left
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import starmap
from typing import NamedTuple

from service.canonical import digest
from service.model import DATASET, KINDS

LEAF = 128
"""A node of up to this many ids lists records; a larger one lists nodes."""

ROOT = "SHA256SUMS"


class Node(NamedTuple):
    """One file of the tree: how many ids it stands for, and its text."""

    ids: int
    text: str


class Revised(NamedTuple):
    """A node after a change; `node` is None where it is no longer there."""

    path: str
    node: Node | None


Read = Callable[[str], Node | None]
"""Returns the node at a path as it was before the change."""

Revising = Generator[Revised, None, Node | None]


def path(kind: str, prefix: str = "") -> str:
    """Return the path of a node below the export's root, such as `manifest/figures/0/a.sums`."""
    return "/".join(["manifest", kind, *prefix]) + ".sums"


def line(hexdigest: str, name: str) -> str:
    """Return one line as `sha256sum` writes it."""
    return f"{hexdigest}  {name}\n"


def lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield (digest, path) for each line of a sums file."""
    for row in text.splitlines():
        hexdigest, _, name = row.partition("  ")
        yield hexdigest, name


def position(record_id: str) -> str:
    """Return the hex digits that place an id in the tree of its kind."""
    return digest(record_id.encode())


def revise(kind: str, changed: Iterable[tuple[str, str | None]], read: Read) -> Iterator[Revised]:
    """Yield the nodes of a kind that change with the (id, digest or None) given.

    Where a path is yielded twice the later one holds. Nothing else of the tree is made, and nothing
    else read but what is folded together, so the cost follows the change.
    """
    rows = sorted(starmap(_row, changed))
    if rows:
        yield from _revise(kind, "", read(path(kind)), rows, read)


def root(dataset_digest: str, tops: Mapping[str, Node | None]) -> Node:
    """Return the root file: `dataset.json`, then the top node of each kind that has records."""
    rows = [line(dataset_digest, f"{DATASET}.json")]
    present = [(kind, node) for kind in KINDS if (node := tops.get(kind)) is not None]
    rows += [line(digest(node.text.encode()), path(kind)) for kind, node in present]
    return Node(sum(node.ids for _, node in present), "".join(rows))


def _row(record_id: str, hexdigest: str | None) -> bytes:
    """Return a record by its place in the tree, in little room: there can be a million."""
    name = record_id.encode()
    return sha256(name).digest() + (bytes.fromhex(hexdigest) if hexdigest else _GONE) + name


_GONE = bytes(32)
"""Stands for the digest of a record that is taken out."""


def _revise(kind: str, prefix: str, old: Node | None, rows: list[bytes], read: Read) -> Revising:
    """Yield the changed nodes at and below a prefix, and return the prefix's own."""
    if old is None:
        return (yield from _grow(kind, prefix, [row for row in rows if row[32:64] != _GONE]))
    if old.ids <= LEAF:
        records = _records(kind, old)
        for row in rows:
            name = row[64:].decode()
            if row[32:64] == _GONE:
                records.pop(name, None)
            else:
                records[name] = _line(kind, row)
        return (yield from _set(kind, prefix, records))
    ids, made = old.ids, dict[str, Node | None]()
    for digit, part in _split(rows, prefix):
        name = path(kind, prefix + digit)
        before = read(name)
        made[name] = after = yield from _revise(kind, prefix + digit, before, part, read)
        ids += (after.ids if after else 0) - (before.ids if before else 0)
    kept = {name: hexdigest for hexdigest, name in lines(old.text) if name not in made}
    if ids <= LEAF:
        return (yield from _merge(kind, prefix, made | {name: read(name) for name in kept}))
    return (yield from _hold(kind, prefix, ids, kept | _digests(made)))


def _set(kind: str, prefix: str, records: Mapping[str, str]) -> Revising:
    """Make the node of a prefix from all its records, given as id to line."""
    if len(records) > LEAF:
        rows = sorted([_row(name, record[:64]) for name, record in records.items()])
        return (yield from _grow(kind, prefix, rows))
    text = "".join([records[name] for name in sorted(records)])
    node = Node(len(records), text) if records else None
    yield Revised(path(kind, prefix), node)
    return node


def _grow(kind: str, prefix: str, rows: list[bytes]) -> Revising:
    """Make the node of a prefix from all its records, with what it needs below it."""
    if len(rows) <= LEAF:
        records = {row[64:].decode(): _line(kind, row) for row in rows}
        return (yield from _set(kind, prefix, records))
    children = {}
    for digit, part in _split(rows, prefix):
        children[path(kind, prefix + digit)] = yield from _grow(kind, prefix + digit, part)
    return (yield from _hold(kind, prefix, len(rows), _digests(children)))


def _hold(kind: str, prefix: str, ids: int, children: Mapping[str, str]) -> Revising:
    """Make a node that lists nodes, given as path to digest."""
    text = "".join(line(hexdigest, name) for name, hexdigest in sorted(children.items()))
    node = Node(ids, text)
    yield Revised(path(kind, prefix), node)
    return node


def _merge(kind: str, prefix: str, children: Mapping[str, Node | None]) -> Revising:
    """Fold children that have become few enough into one node that lists records.

    Children below such a node list records themselves: each has no more ids than all together.
    """
    records: dict[str, str] = {}
    for name, child in children.items():
        if child:
            records |= _records(kind, child)
            yield Revised(name, None)
    return (yield from _set(kind, prefix, records))


def _digests(children: Mapping[str, Node | None]) -> dict[str, str]:
    """Return path to digest of the nodes that are there."""
    return {name: digest(node.text.encode()) for name, node in children.items() if node}


def _records(kind: str, node: Node) -> dict[str, str]:
    """Return id to line for a node that lists records."""
    start, end = len(line("0" * 64, f"{kind}/")) - 1, -len(".json\n")
    return {row[start:end]: row for row in node.text.splitlines(keepends=True)}


def _line(kind: str, row: bytes) -> str:
    return line(row[32:64].hex(), f"{kind}/{row[64:].decode()}.json")


def _split(rows: list[bytes], prefix: str) -> Iterator[tuple[str, list[bytes]]]:
    """Yield (digit, rows) by the digit after a prefix that the rows have; they are sorted."""
    low = 0
    for digit in "0123456789abcdef":
        # All that begin with these digits come before what follows the last of them.
        last = bytes.fromhex((prefix + digit).ljust(64, "f")) + b"\xff"
        high = bisect_left(rows, last, low)
        if high > low:
            yield digit, rows[low:high]
        low = high
