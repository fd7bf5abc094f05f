"""What a run of the loader tells: on a terminal, as JSON, and in the store."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from service.model import Change, ChangeCounts, Counts, Flaw, Outcome

SHOWN = 100
"""Flaws that a report spells out; the rest are counted."""


@dataclass(frozen=True)
class Report:
    """The account of one run. `revision`, `digest` and `chain` are None where none was made.

    `changes` counts by kind and change word; `diff` holds the changes themselves in a dry run.
    `notices` are worth an editor's look and hold nothing back. `recognised` counts the lines that
    the head has, byte for byte, so that they were not parsed. `locked_seconds` is how long other
    writers waited at once, but for the commit itself.
    """

    ingestion: str
    dataset: str
    release: str
    outcome: Outcome
    message: str
    mode: str
    release_digest: str = ""
    issued: str | None = None
    revision: int | None = None
    digest: str | None = None
    chain: str | None = None
    records: Counts = field(default_factory=dict)
    changes: ChangeCounts = field(default_factory=dict)
    flaws: Sequence[Flaw] = ()
    notices: Sequence[str] = ()
    recognised: int = 0
    locked_seconds: float = 0
    diff: Sequence[Change] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON members; what is not known is left out."""
        told = {
            "ingestion": self.ingestion,
            "dataset": self.dataset,
            "release": self.release,
            "outcome": self.outcome,
            "message": self.message,
            "mode": self.mode,
            "release_digest": self.release_digest,
            "issued": self.issued,
            "revision": self.revision,
            "digest": self.digest,
            "chain": self.chain,
            "records": dict(self.records),
            "changes": {kind: dict(words) for kind, words in self.changes.items()},
            "problems": [_flaw(flaw) for flaw in self.flaws[:SHOWN]],
            "more_problems": max(0, len(self.flaws) - SHOWN),
            "notices": list(self.notices),
            "recognised": self.recognised,
            "locked_seconds": self.locked_seconds,
        }
        return {name: value for name, value in told.items() if value not in (None, "", [], {}, 0)}


def _flaw(flaw: Flaw) -> dict[str, Any]:
    told = {**flaw.place._asdict(), "detail": flaw.detail}
    return {name: value for name, value in told.items() if value not in (None, "")}
