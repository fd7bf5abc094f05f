"""The words of the domain as values. No input or output here.

Instants are text, whole seconds in UTC: ``2022-01-06T23:59:59Z``; so they sort as they are.
Digests and chains are 64 lower-case hex digits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

KINDS = ("actors", "events", "figures", "sources")
"""The four kinds of record, in the order of manifests, exports and the feed."""

DATASET = "dataset"
"""Stands where a kind stands for `dataset.json`; its id is the dataset's name."""

State = tuple[int, ...]
"""What each answer about a dataset follows from, beside its question: the number of redactions and
of the head. It is empty before the first revision.
"""

ChangeWord = Literal["added", "modified", "removed"]
Mode = Literal["snapshot", "delta"]
Outcome = Literal["published", "unchanged", "refused", "held", "dry_run"]


class Place(NamedTuple):
    """Where something stands in a release: a file, a line (from 1) and an RFC 6901 pointer."""

    file: str
    line: int | None = None
    pointer: str = ""

    def __str__(self) -> str:
        line = f":{self.line}" if self.line else ""
        return f"{self.file}{line}{' ' + self.pointer if self.pointer else ''}"


class Flaw(NamedTuple):
    """One thing that is wrong with a release: where, and what would be right."""

    place: Place
    detail: str

    def __str__(self) -> str:
        return f"{self.place}: {self.detail}"


class Reason(NamedTuple):
    """Why a record changed: a code of the record model, and the editor's words."""

    code: str = "unstated"
    why: str | None = None


UNSTATED = Reason()
"""The reason of a change whose release gives none; never guessed."""

Counts = Mapping[str, int]
"""Kind to number of records."""

ChangeCounts = Mapping[str, Mapping[ChangeWord, int]]
"""Kind (or `dataset`) to number of changes by change word."""


@dataclass(frozen=True)
class Revision:
    """An immutable state of a whole dataset."""

    dataset: str
    number: int
    digest: str
    chain: str
    issued: str
    published_at: str
    message: str | None
    records: Counts
    changes: ChangeCounts


@dataclass(frozen=True)
class Dataset:
    """A named series of revisions; `head` is the newest, `redactions` counts erased records."""

    key: int
    name: str
    head: Revision
    redactions: int = 0


@dataclass(frozen=True)
class Reading:
    """A dataset read at one revision. `pinned` says whether the address named the revision."""

    dataset: Dataset
    revision: Revision
    pinned: bool


class Version(NamedTuple):
    """One state of one record: valid from revision `since` until before revision `until`."""

    kind: str
    id: str
    digest: str
    body: str
    since: int
    until: int | None
    reason: Reason


class Step(NamedTuple):
    """What one revision made of a record, and why."""

    revision: int
    change: ChangeWord
    reason: Reason


# Not frozen: that takes thrice the time to make one, and a diff makes many.
@dataclass(slots=True)
class Change:
    """What became of one record between two revisions. `old` and `new` are canonical bodies.

    `reason` is that of the last of its `steps`, which are told where more than one revision had a
    part in it. `redacted` says that a body was erased, so that its fields cannot be told. The
    digests are those of the manifests, where the store knows them; one of an erased body is not of
    its stub. `fields` is the JSON of what differs, where that was kept: then `old` was not read,
    and is empty.
    """

    kind: str
    id: str
    old: str | None
    new: str | None
    reason: Reason = UNSTATED
    redacted: bool = False
    old_digest: str | None = field(default=None, compare=False)
    new_digest: str | None = field(default=None, compare=False)
    steps: tuple[Step, ...] = field(default=(), compare=False)
    fields: str | None = field(default=None, compare=False)

    @property
    def change(self) -> ChangeWord:
        """The word for it: added, modified or removed."""
        if self.old is None:
            return "added"
        return "removed" if self.new is None else "modified"


@dataclass(frozen=True)
class Ingestion:
    """One run of the loader and what came of it."""

    id: str
    dataset: str
    outcome: Outcome
    started_at: str
    finished_at: str
    release: str
    revision: int | None
    report: Mapping[str, Any] = field(default_factory=dict)
