"""The revision that what is staged would make: its tree of sums, digest, chain and counts."""

from collections.abc import Iterator
from itertools import islice

from service import canonical, sums
from service.model import KINDS, ChangeCounts, Counts, Dataset, Reading, Revision
from service.store import nodes
from service.store.staging import Staging

BATCH = 200
"""Nodes that are staged at once; one can have some 10 KiB."""


def following(
    stage: Staging, parent: Dataset | None, draft: Revision, document_digest: str
) -> Revision:
    """Return the draft with its number, digest, chain and counts, its nodes staged.

    `draft` brings name, instants and message; `document_digest` is that of `dataset.json`.
    """
    changes = stage.counts()
    number = parent.head.number + 1 if parent else 1
    digest = _stage_tree(stage, parent, document_digest)
    chain = canonical.chain(
        draft.dataset,
        number,
        draft.issued,
        digest,
        parent.head.chain if parent else canonical.NO_CHAIN,
    )
    return Revision(
        dataset=draft.dataset,
        number=number,
        digest=digest,
        chain=chain,
        issued=draft.issued,
        published_at=draft.published_at,
        message=draft.message,
        records=_records(parent.head.records if parent else {}, changes),
        changes=changes,
    )


def _batches(revised: Iterator[sums.Revised]) -> Iterator[list[sums.Revised]]:
    while batch := list(islice(revised, BATCH)):
        yield batch


def _records(before: Counts, changes: ChangeCounts) -> Counts:
    counts = {}
    for kind in KINDS:
        words = changes.get(kind, {})
        counts[kind] = before.get(kind, 0) + words.get("added", 0) - words.get("removed", 0)
    return counts


def _stage_tree(stage: Staging, parent: Dataset | None, document_digest: str) -> str:
    """Stage the nodes that change, and return the digest of the root."""
    head = Reading(parent, parent.head, pinned=True) if parent else None

    def read(path: str) -> sums.Node | None:
        return nodes.find(stage.db, head, path) if head else None

    tops: dict[str, sums.Node | None] = {}
    for kind in KINDS:
        top = sums.path(kind)
        tops[kind] = read(top)
        for batch in _batches(sums.revise(kind, stage.digests(kind), read)):
            stage.nodes(batch)
            for revised in batch:
                if revised.path == top:
                    tops[kind] = revised.node
    root = sums.root(document_digest, tops)
    stage.nodes([sums.Revised(sums.ROOT, root)])
    return canonical.digest(root.text.encode())
