"""One row of the standings: what a series or an event comes to in a span of revisions."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from service.contested import Assessment, EventDispute, Parts, Prominence, Step, prominence, step
from service.model import Dataset
from service.store.database import Database
from service.store.series import listed

NAMES = (
    "measure", "counted_group", "subject", "of_id", "place",
    "status", "step", "difference", "breadth", "size",
)  # fmt: skip
"""The columns of `Content`."""

UNRANKED = Prominence(0, 0, 0)


class Content(NamedTuple):
    """What it comes to. An event stands here only where its accounts clash, without parts.

    `step` is JSON of what a step tells beside its revision. What is contested has its prominence.
    """

    measure: str | None
    group: str | None
    subject: str | None
    of: str | None
    place: str | None
    status: str
    step: str
    difference: float
    breadth: int
    size: int

    @property
    def parts(self) -> Parts:
        """The parts of a series' key."""
        subject: Any = self.subject
        return Parts(str(self.measure), self.group, subject, str(self.of), self.place)

    @property
    def rank(self) -> Prominence:
        """Where it stands among what is contested."""
        return Prominence(self.difference, self.breadth, self.size)


@dataclass(frozen=True)
class Row:
    """A content, and from which revision to before which it holds.

    `contested` is the revision from which on it has been contested without a break, if it is.
    """

    id: str
    since: int
    until: int
    content: Content
    contested: int | None

    @property
    def step(self) -> Step:
        """The step to it."""
        told = json.loads(self.content.step)
        return Step(self.since, **told | {"live": tuple(told["live"])})


def of_series(assessment: Assessment) -> Content:
    """Return what is kept of a series."""
    parts, status = assessment.parts, assessment.status
    told = step(0, assessment)._asdict()
    del told["revision"]
    rank = prominence(assessment) if status == "contested" else UNRANKED
    key = (parts.measure, parts.group, parts.subject, parts.of, parts.place)
    return Content(*key, status, json.dumps(told), *rank)


def of_dispute(dispute: EventDispute) -> Content:
    """Return what is kept of an event whose accounts clash."""
    return Content(None, None, None, None, None, "contested", "", *prominence(dispute))


def read(row: Any) -> Row:
    """Return a row of `SELECT id, since, until, contested` and the names of a content."""
    name, since, until, contested, *content = row
    return Row(name, since, until, Content(*content), contested)


SELECTED = ", ".join(f"s.{name}" for name in ("id", "since", "until", "contested", *NAMES))


def insert(db: Database, dataset: int, about: str, rows: Collection[Row]) -> None:
    """Insert rows."""
    marks = ", ".join("?" * (6 + len(NAMES)))
    db.many(
        "INSERT INTO standings (dataset, about, id, since, until, contested,"
        f" {', '.join(NAMES)}) VALUES ({marks})",
        [(dataset, about, r.id, r.since, r.until, r.contested, *r.content) for r in rows],
    )


def standing(
    db: Database, of: Dataset, about: str, ids: Collection[str], number: int
) -> Iterator[Row]:
    """Yield what holds of some in a revision."""
    for marks, some in listed(ids):
        rows = db.rows(
            f"SELECT {SELECTED} FROM standings s WHERE s.dataset = ? AND s.about = ?"
            f" AND s.id IN ({marks}) AND s.since <= ? AND s.until > ?",
            (of.key, about, *some, number, number),
        )
        yield from map(read, rows)


def until(
    db: Database, of: Dataset, about: str, ids: Collection[str], number: int
) -> Iterator[Row]:
    """Yield all that held of some up to a revision, in order."""
    for marks, some in listed(ids):
        rows = db.rows(
            f"SELECT {SELECTED} FROM standings s WHERE s.dataset = ? AND s.about = ?"
            f" AND s.id IN ({marks}) AND s.since <= ? ORDER BY s.id, s.since",
            (of.key, about, *some, number),
        )
        yield from map(read, rows)
