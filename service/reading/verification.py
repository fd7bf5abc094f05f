"""Recompute what a dataset claims of itself: bodies, trees of sums, digests and the chain."""

from collections.abc import Iterator, Mapping

from service import canonical, sums
from service.diff import compared
from service.model import DATASET, KINDS, Dataset, Reading, Revision
from service.reading.records import document
from service.store import Database, nodes, records, redactions, revisions


def faults(db: Database, dataset: Dataset, since: str | None = None) -> Iterator[str]:
    """Yield a sentence for everything that is not as it was published; nothing is good news.

    `since` is a chain that was kept earlier: the history must still hold it.
    """
    parent, chains = canonical.NO_CHAIN, set()
    for number in range(1, dataset.head.number + 1):
        revision = revisions.revision(db, dataset, number)
        yield from _revision_faults(db, Reading(dataset, revision, pinned=True))
        if revision.chain != _chain(revision, parent):
            yield f"revision {number}: its chain does not follow from revision {number - 1}"
        parent = revision.chain
        chains.add(parent)
    if since is not None and since not in chains:
        yield f"no revision has the chain {since}: the history that led to it was rewritten"


def _revision_faults(db: Database, at: Reading) -> Iterator[str]:
    place = f"revision {at.revision.number}"
    expected: dict[str, sums.Node | None] = {}
    tops: dict[str, sums.Node | None] = {}
    for kind in KINDS:
        found = dict(_digests(db, at, kind))
        if len(found) != at.revision.records.get(kind, 0):
            yield f"{place}: {len(found)} {kind}, but it declares {at.revision.records.get(kind)}"
        yield from _digest_faults(db, at, kind, found)
        for revised in sums.revise(kind, found.items(), lambda _path: None):
            expected[revised.path] = revised.node
        tops[kind] = expected.get(sums.path(kind))
    body = document(db, at).body
    expected[sums.ROOT] = root = sums.root(canonical.digest(body.encode()), tops)
    yield from _node_faults(db, at, expected)
    yield from _change_faults(db, at)
    if canonical.digest(root.text.encode()) != at.revision.digest:
        yield f"{place}: its content does not have the digest {at.revision.digest}"


def _digest_faults(db: Database, at: Reading, kind: str, found: Mapping[str, str]) -> Iterator[str]:
    """The digest beside a body is what loads and diffs go by."""
    names = list(found)
    for start in range(0, len(names), records.STEP):
        for name, kept in records.digests(
            db, at, kind, names[start : start + records.STEP]
        ).items():
            if kept != found[name]:
                yield f"revision {at.revision.number}: {kind}/{name} is kept with another digest"


def _digests(db: Database, at: Reading, kind: str) -> Iterator[tuple[str, str]]:
    """Yield (id, digest) of each body; of one that was erased, the digest that is kept."""
    for record_id, body in records.stream(db, at, kind):
        hexdigest = canonical.digest(body.encode())
        if redactions.stub_of(body):
            hexdigest = records.digests(db, at, kind, [record_id])[record_id]
        yield record_id, hexdigest


def _node_faults(db: Database, at: Reading, expected: dict[str, sums.Node | None]) -> Iterator[str]:
    place = f"revision {at.revision.number}"
    for path in sorted({*nodes.paths(db, at), *expected}):
        stored, wanted = nodes.find(db, at, path), expected.get(path)
        if stored == wanted:
            continue
        if stored is None or wanted is None:
            yield f"{place}: {path} is {'missing' if stored is None else 'of no use'}"
            continue
        for line in sorted(set(stored.text.splitlines()) ^ set(wanted.text.splitlines())):
            yield f"{place}: {path} and the content differ at {line.partition('  ')[2]}"


def _change_faults(db: Database, at: Reading) -> Iterator[str]:
    """What is kept of a change is what diffs tell."""
    for kind in (DATASET, *KINDS):
        for record_id, kept, old, new in records.compared(db, at, kind):
            if old is None or kept != compared(old, new):
                place = f"revision {at.revision.number}: {kind}/{record_id}"
                yield f"{place} is kept with a change that is not between its bodies"


def _chain(revision: Revision, parent: str) -> str:
    return canonical.chain(
        revision.dataset, revision.number, revision.issued, revision.digest, parent
    )
