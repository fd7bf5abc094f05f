"""Erase a record, visibly: a revision whose only change is that a stub stands in its place."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from service.canonical import canonical, digest
from service.errors import NotFound, Refused
from service.loader import issued
from service.loader.report import Report
from service.loader.succession import following
from service.model import DATASET, Dataset, Flaw, Ingestion, Place, Reading, Reason, Revision
from service.store import Database, records, redactions, revisions
from service.store.publishing import Publication, publish
from service.store.staging import Draft, staging
from service.store.standings import judging
from service.store.tables import DESCRIBED


def _now() -> datetime:
    return datetime.now(UTC)


def redact(
    db: Database,
    name: str,
    kind: str,
    record_id: str,
    why: str,
    clock: Callable[[], datetime] = _now,
) -> Report:
    """Publish a revision in which the record is a stub, and erase every earlier body of it.

    Raises `NotFound` for what the head lacks, `Refused` for what is redacted already or a reason
    that is no text, and `HeadMoved` where a load came first.
    """
    dataset = revisions.dataset(db, name)
    now = issued.instant(clock())
    draft = _draft(db, dataset, kind, record_id, why, now)
    with staging(db, dataset) as stage:
        stage.put(kind, [draft])
        document = records.one(db, Reading(dataset, dataset.head, pinned=True), DATASET, name)
        message = f"{kind}/{record_id} was redacted"
        begun = Revision(name, 0, "", "", now, now, message, {}, {})
        revision = following(stage, dataset, begun, document.digest if document else "")
        report = Report(
            uuid4().hex,
            name,
            "redaction",
            "published",
            f"published revision {revision.number} of {name}: {message}",
            "delta",
            issued=revision.issued,
            revision=revision.number,
            digest=revision.digest,
            chain=revision.chain,
            records=revision.records,
            changes=revision.changes,
        )
        run = Ingestion(
            report.ingestion, name, "published", now, now, "", revision.number, report.as_json()
        )
        publish(db, Publication(dataset, revision, run, redacted=(kind, record_id)))
    judging.keep_if_possible(db, name)
    redactions.scrub(db, kind)
    return report


def lift(db: Database, name: str, kind: str, record_id: str) -> None:
    """Let releases replace or remove the stub again. Raises `NotFound` where none stands."""
    dataset = revisions.dataset(db, name)
    with db.writing():
        stood = redactions.lift(db, dataset.key, kind, record_id)
    if not stood:
        raise NotFound(f"no redaction of {kind}/{record_id} stands in {name}")


def _draft(db: Database, dataset: Dataset, kind: str, record_id: str, why: str, at: str) -> Draft:
    head = Reading(dataset, dataset.head, pinned=True)
    version = records.one(db, head, kind, record_id) if kind in DESCRIBED else None
    place = Place(f"{kind}/{record_id}")
    if version is None or kind == DATASET:
        raise NotFound(f"there is no record {kind}/{record_id} in the head of {dataset.name}")
    if redactions.stub_of(version.body):
        raise Refused(f"{place} is redacted already", [Flaw(place, "it is a stub already")])
    stub = {"id": record_id, "redacted": {"at": at, "why": why}}
    if problems := DESCRIBED[kind].problems(stub):
        flaws = [Flaw(place, detail) for _, detail in problems]
        raise Refused(f"{place} was not redacted: {flaws[0].detail}", flaws)
    body = canonical(stub)
    return Draft(record_id, digest(body), body, Reason("redacted"), known=True)
