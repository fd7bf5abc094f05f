"""The shrink guard: a snapshot that suddenly lacks much is more often a broken export than news."""

from service.errors import ApprovalNeeded
from service.model import ChangeCounts, Counts

SHARE = 0.20
RECORDS = 50
"""Held back above both, or where nothing would be left. A policy, not a finding."""


def check(head: Counts, changes: ChangeCounts, digest: str, approved: str | None) -> None:
    """Raise `ApprovalNeeded` for a snapshot that shrinks too much, unless its digest is given."""
    before = sum(head.values())
    removed = sum(words.get("removed", 0) for words in changes.values())
    emptied = removed == before > 0
    if approved == digest or not (emptied or (removed > RECORDS and removed > SHARE * before)):
        return
    raise ApprovalNeeded(
        f"the snapshot would remove {removed} of {before} records and was not published",
        digest,
    )
