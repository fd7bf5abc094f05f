"""States of a dataset, published as they stand: the store does not judge records."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from service.canonical import canonical, digest
from service.loader.succession import following
from service.model import (
    DATASET,
    KINDS,
    UNSTATED,
    Dataset,
    Ingestion,
    Place,
    Reading,
    Reason,
    Revision,
)
from service.store import Database, publishing, records, revisions
from service.store.publishing import Publication
from service.store.staging import Draft, Staging, staging

NAME = "example"
ISSUED = "2022-01-06T23:59:59Z"
RELEASE = "0" * 64

State = Mapping[tuple[str, str], Mapping[str, Any]]
"""(kind, id) to record; `("dataset", NAME)` is `dataset.json` and may be left out."""


def publish(
    db: Database,
    state: State,
    name: str = NAME,
    reasons: Mapping[tuple[str, str], Reason] | None = None,
) -> Revision:
    """Make a state the next revision, and return that."""
    with prepared(db, state, name, reasons or {}) as publication:
        publishing.publish(db, publication)
    return publication.revision


@contextmanager
def prepared(
    db: Database,
    state: State,
    name: str = NAME,
    reasons: Mapping[tuple[str, str], Reason] | None = None,
) -> Iterator[Publication]:
    """Stage a state against the head as it is now, ready to be published."""
    parent = revisions.find_dataset(db, name)
    whole = {(DATASET, name): {"title": "Example"}, **state}
    with staging(db, parent) as stage:
        for kind in (DATASET, *KINDS):
            _stage(stage, parent, kind, whole, reasons or {})
        draft = Revision(name, 0, "", "", ISSUED, ISSUED, None, {}, {})
        revision = following(stage, parent, draft, digest(canonical(whole[DATASET, name])))
        yield Publication(parent, revision, ingestion(revision))


def ingestion(revision: Revision) -> Ingestion:
    """Return the account of a run that published a revision."""
    return Ingestion(
        uuid4().hex, revision.dataset, "published", ISSUED, ISSUED, RELEASE, revision.number
    )


def _stage(
    stage: Staging,
    parent: Dataset | None,
    kind: str,
    state: State,
    reasons: Mapping[tuple[str, str], Reason],
) -> None:
    before = dict(_before(stage.db, parent, kind))
    after = {name: canonical(record) for (of, name), record in state.items() if of == kind}
    changed = [name for name, body in after.items() if before.get(name) != body.decode()]
    stage.put(
        kind,
        [
            Draft(
                name,
                digest(after[name]),
                after[name],
                reasons.get((kind, name), UNSTATED),
                name in before,
            )
            for name in changed
        ],
    )
    for name in before.keys() - after.keys():
        stage.remove(kind, name, reasons.get((kind, name), UNSTATED), Place("test"))


def _before(db: Database, parent: Dataset | None, kind: str) -> Iterable[tuple[str, str]]:
    return records.stream(db, Reading(parent, parent.head, True), kind) if parent else ()


def at(db: Database, number: int | None = None, name: str = NAME) -> Reading:
    """Return a reading of a revision, or of the head."""
    dataset = revisions.dataset(db, name)
    number = dataset.head.number if number is None else number
    return Reading(dataset, revisions.revision(db, dataset, number), pinned=True)


def actors(*names: str, **members: Any) -> State:
    """Return actors that have an id and perhaps a name."""
    return {("actors", name): {"id": name, **members} for name in names}


def bodies(state: State) -> dict[tuple[str, str], str]:
    """Return the canonical body of each record."""
    return {key: canonical(record).decode() for key, record in state.items()}


def census(db: Database) -> dict[str, int]:
    """Return how many rows each table has that a reader could see."""
    tables = ("datasets", "revisions", "ingestions", "nodes", "links", "terms", "texts",
              "documents", *KINDS)  # fmt: skip
    return {table: len(db.rows(f"SELECT 1 FROM {table}")) for table in tables}  # noqa: S608
