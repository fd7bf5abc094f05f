"""Records at a revision: pages, one, and what became of one over time."""

from collections.abc import Mapping
from typing import NamedTuple

from service.diff import FieldChange, fields
from service.errors import Gone, NotFound
from service.model import DATASET, ChangeWord, Reading, Reason, State, Version
from service.store import Database, redactions, revisions
from service.store import records as stored


class Page(NamedTuple):
    """Canonical bodies by id, the last id of them, and whether more follow."""

    bodies: list[str]
    last: str | None
    more: bool


class Found(NamedTuple):
    """A record as it is in a revision, the last revision that had it as it was before, or None, and
    the state that its dataset is in now.
    """

    version: Version
    earlier: int | None
    state: State


class Step(NamedTuple):
    """One change of one record. `digest` is of the new state, None where it was removed.

    `fields` tell a modification; an addition or a removal has none. `redacted` says that the body
    of the new state was erased: its digest is kept, its fields cannot be told.
    """

    revision: int
    issued: str
    change: ChangeWord
    reason: Reason
    digest: str | None
    fields: list[FieldChange]
    redacted: bool = False


def page(db: Database, at: Reading, kind: str, after: str | None, limit: int) -> Page:
    """Return the records of a kind that follow an id, by id."""
    # One row more than the page: its presence means that there is a next page, without a count.
    rows = stored.page(db, at, kind, after, limit + 1)
    shown = rows[:limit]
    return Page([body for _, body in shown], shown[-1][0] if shown else None, len(rows) > limit)


def one(db: Database, at: Reading, kind: str, record_id: str) -> Version:
    """Return a record as it is in the revision. Raises `NotFound`, and `Gone` for a stub."""
    return _there(stored.one(db, at, kind, record_id), at, kind, record_id)


def one_and_before(db: Database, at: Reading, kind: str, record_id: str) -> Found:
    """Return the same, with what was before and the state, in one question."""
    found, follows, state = stored.one_and_before(db, at, kind, record_id) or (None, False, ())
    version = _there(found, at, kind, record_id)
    return Found(version, version.since - 1 if follows else None, state)


def document(db: Database, at: Reading) -> Version:
    """Return `dataset.json` as it is in the revision."""
    return one(db, at, DATASET, at.dataset.name)


def history(db: Database, at: Reading, kind: str, record_id: str) -> list[Step]:
    """Return every change of a record up to the revision, oldest first. Raises `NotFound`."""
    versions = stored.versions(db, at, kind, record_id)
    if not versions:
        raise _missing(at, kind, record_id)
    ends = {version.until for version, _ in versions if version.until}
    starts = {version.since for version, _ in versions}
    issued = revisions.issued(db, at.dataset, starts | ends)
    steps: list[Step] = []
    before: Version | None = None
    for version, ended in versions:
        steps.append(_step(before, version, issued))
        before = version
        if version.until in issued and version.until not in starts:
            end = version.until
            steps.append(Step(end, issued[end], "removed", ended, None, []))
            before = None
    return [step for step in steps if step.revision <= at.revision.number]


def _step(before: Version | None, version: Version, issued: Mapping[int, str]) -> Step:
    return Step(
        version.since,
        issued[version.since],
        "modified" if before else "added",
        version.reason,
        version.digest,
        _fields(before, version),
        _is_erased(version),
    )


def _fields(before: Version | None, version: Version) -> list[FieldChange]:
    if before is None or _is_erased(before) or _is_erased(version):
        return []
    return fields(before.body, version.body)


def _is_erased(version: Version) -> bool:
    return redactions.erased(version.body, version.digest)


def _there(found: Version | None, at: Reading, kind: str, record_id: str) -> Version:
    if found is None:
        raise _missing(at, kind, record_id)
    if stub := redactions.stub_of(found.body):
        raise Gone(f"{kind}/{record_id} was redacted at {stub.at}: {stub.why}")
    return found


def _missing(at: Reading, kind: str, record_id: str) -> NotFound:
    place = f"revision {at.revision.number} of {at.dataset.name}"
    return NotFound(f"there is no record {record_id!r} among the {kind} of {place}")
