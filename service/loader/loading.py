"""Load a release: all of it becomes the next revision, or nothing does."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

from schemas.release import DatasetName
from service.errors import ApprovalNeeded, HeadMoved, RecensionError, Refused, Unavailable
from service.loader import guard, issued, notices, references
from service.loader.preparation import Preparation
from service.loader.release import Release
from service.loader.report import Report
from service.loader.succession import following
from service.model import Dataset, Flaw, Ingestion, Outcome, Place, Revision
from service.store import Database, ingestions, revisions, writing_back
from service.store.publishing import Publication, publish
from service.store.staging import Staging, staging
from service.store.standings import judging

DRY_RUN_CHANGES = 1000
"""Changes that a dry run spells out; the counts tell them all."""


@dataclass(frozen=True)
class Request:
    """What the caller of a load decides. `approve` is the digest that the shrink guard named.

    `needs_base` refuses a delta that names no base; `ingestion` is the id of the run, if chosen;
    `processes` may read a large release beside this one, and judge what is much, 0 for one for each
    processor.
    """

    dataset: str | None = None
    dry_run: bool = False
    approve: str | None = None
    needs_base: bool = False
    ingestion: str | None = None
    processes: int = 1


def _now() -> datetime:
    return datetime.now(UTC)


def load(
    db: Database,
    release: Release,
    request: Request = Request(),
    clock: Callable[[], datetime] = _now,
) -> Report:
    """Publish a release as the next revision of its dataset, and return the account of it.

    Raises `Refused` with every flaw, `ApprovalNeeded` where the shrink guard holds it back, and
    `HeadMoved` where another load came first; of each the store keeps the account as well.
    """
    with release:
        name = _dataset_name(release, request)
        run = _Run(db, release, request, name, revisions.find_dataset(db, name), clock)
        try:
            if known := run.known():
                return known
            with staging(db, run.dataset) as stage:
                return run.load(stage)
        except RecensionError as error:
            error.ingestion = run.note(error).ingestion
            raise


class _Run:
    """One run of the loader against the head that it found."""

    def __init__(
        self,
        db: Database,
        release: Release,
        request: Request,
        name: str,
        dataset: Dataset | None,
        clock: Callable[[], datetime],
    ) -> None:
        self.db = db
        self.release = release
        self.request = request
        self.dataset = dataset
        self._clock = clock
        self._started = issued.instant(clock())
        run = request.ingestion or uuid4().hex
        self._report = Report(run, name, release.name, "refused", "", release.mode)

    def known(self) -> Report | None:
        """Return the account of a release that was published before, known by its bytes alone."""
        digest = self.release.digest_ahead() if self._may_be_known() else None
        return self._known(digest) if digest else None

    def _may_be_known(self) -> bool:
        """A release of a later day than the head made neither it nor what it follows."""
        day = (self.release.issued or "")[:10]
        return self.dataset is not None and day <= self.dataset.head.issued[:10]

    def _known(self, digest: str) -> Report | None:
        self._know(release_digest=digest)
        earlier = ingestions.published(self.db, self._report.dataset, digest)
        return self._end("unchanged", self._known_as(earlier.revision)) if earlier else None

    def load(self, stage: Staging) -> Report:
        """Take the release through every check, and publish it or say what it would be."""
        preparation = Preparation(stage, self._report.dataset, self.dataset, self.request.processes)
        preparation.read(self.release)
        self._know(recognised=preparation.recognised)
        if known := self._known(self.release.digest):
            return known
        self._check_base()
        draft = self._draft()
        self._refuse(
            [
                *preparation.flaws,
                *references.flaws(stage, preparation.unknown),
                *self._misdated(draft),
                *self._unbased(preparation.flaws),
            ]
        )
        if self.dataset and not stage.counts():
            self._refuse(self._misdeclared(self.dataset.head))
            return self._end("unchanged", "nothing differs from the head")
        revision = following(stage, self.dataset, draft, preparation.digest)
        self._know(digest=revision.digest, records=revision.records, changes=revision.changes)
        self._refuse(self._misdeclared(revision))
        return self._conclude(stage, revision)

    def _known_as(self, revision: int | None) -> str:
        """Say which revision the release made before, and how to go back to it."""
        said = f"this release was published before, as revision {revision}"
        if self.dataset is None or revision == self.dataset.head.number:
            return said
        head = self.dataset.head.number
        return f"{said}; the head is revision {head}: to go back, load it with another --issued"

    def note(self, error: RecensionError) -> Report:
        """Keep the account of a run that published nothing, and return it."""
        outcome: Outcome = "held" if isinstance(error, ApprovalNeeded) else "refused"
        flaws = error.flaws if isinstance(error, Refused) else ()
        self._know(flaws=flaws, revision=None, chain=None)
        # Where the store lies is not for all who may read the account.
        lost = isinstance(error, Unavailable)
        return self._end(outcome, "the store could not answer" if lost else error.message)

    def _conclude(self, stage: Staging, revision: Revision) -> Report:
        number = revision.number
        if self.request.dry_run:
            self._know(diff=stage.changes(DRY_RUN_CHANGES))
            return self._end("dry_run", f"this would be revision {number}; nothing was published")
        if self.release.mode == "snapshot" and self.dataset:
            guard.check(
                self.dataset.head.records, revision.changes, revision.digest, self.request.approve
            )
        self._know(revision=number, chain=revision.chain, outcome="published")
        self._know(message=f"published revision {number} of {revision.dataset}")
        try:
            with writing_back.put_off(self.db):
                locked = publish(self.db, Publication(self.dataset, revision, self._ingestion()))
            self._know(locked_seconds=locked)
        except Unavailable:
            # A store that is lost while it commits may have done so: only reading again tells.
            if not self._is_published():
                raise
        with writing_back.beside(self.db):
            judging.keep_if_possible(self.db, revision.dataset, self.request.processes)
            self._know(notices=notices.noted(self.db, revision, self._report.ingestion))
        return self._report

    def _is_published(self) -> bool:
        report = self._report
        found = ingestions.published(self.db, report.dataset, report.release_digest)
        return found is not None and found.id == report.ingestion

    def _draft(self) -> Revision:
        """What of the next revision is known before its records are."""
        now = issued.instant(self._clock())
        instant = issued.resolve(self.release.issued, now)
        self._know(issued=instant)
        return Revision(self._report.dataset, 0, "", "", instant, now, self.release.message, {}, {})

    def _misdated(self, draft: Revision) -> list[Flaw]:
        head = self.dataset.head.issued if self.dataset else None
        fault = issued.fault(draft.issued, draft.published_at, head)
        return [Flaw(Place(self.release.name), f"issued: {fault}")] if fault else []

    def _misdeclared(self, revision: Revision) -> list[Flaw]:
        """The end of an interchange file declares the digest of the revision it makes."""
        declared = self.release.declared
        if declared is None or declared.digest in (None, revision.digest):
            return []
        return [
            Flaw(
                Place(self.release.name, pointer="/end/digest"),
                f"the file declares the digest {declared.digest}, but its content makes"
                f" {revision.digest}: it was altered, or is a delta for another head",
            )
        ]

    def _unbased(self, known: list[Flaw]) -> list[Flaw]:
        """Say that a delta has to name its base, unless the one that it names cannot be read."""
        release = self.release
        if not self.request.needs_base or release.mode != "delta" or release.base:
            return []
        if any(flaw.place.pointer.startswith("/release/base") for flaw in known):
            return []
        detail = "a delta over HTTP names its base: the number and digest of the head"
        return [Flaw(Place(release.name, pointer="/release/base"), detail)]

    def _check_base(self) -> None:
        if self.release.base is None:
            return
        head = (self.dataset.head.number, self.dataset.head.digest) if self.dataset else (0, "")
        if self.release.base != head:
            number, digest = self.release.base
            raise HeadMoved(
                f"the release was made for revision {number} ({digest[:12]}…),"
                f" but the head is revision {head[0]} ({head[1][:12]}…)"
            )

    def _refuse(self, flaws: list[Flaw]) -> None:
        if flaws:
            problems = "1 problem" if len(flaws) == 1 else f"{len(flaws)} problems"
            raise Refused(f"{self.release.name} was refused: {problems}", flaws)

    def _know(self, **members: object) -> None:
        self._report = replace(self._report, **members)  # type: ignore[arg-type]

    def _end(self, outcome: Outcome, message: str) -> Report:
        """Keep the account of a run that published nothing, in a transaction of its own."""
        self._know(outcome=outcome, message=message)
        with self.db.writing():
            ingestions.record(self.db, self._ingestion())
        return self._report

    def _ingestion(self) -> Ingestion:
        report = self._report
        return Ingestion(
            report.ingestion,
            report.dataset,
            report.outcome,
            self._started,
            issued.instant(self._clock()),
            report.release_digest,
            report.revision,
            report.as_json(),
        )


def _dataset_name(release: Release, request: Request) -> str:
    name = request.dataset or release.dataset_name
    if name is None:
        raise Refused(
            f"{release.name} does not say which dataset it belongs to; name it with --dataset",
            [Flaw(Place(release.name), "no dataset is named")],
        )
    if fault := DatasetName().fault(name):
        raise Refused(
            f"{release.name} cannot be loaded into {name!r}", [Flaw(Place("options"), fault)]
        )
    return name
