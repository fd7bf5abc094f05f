"""Loading a release from a URL: what did not change there is neither got nor read again."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from service.canonical import canonical, digest
from service.loader import issued
from service.loader.download import UNKNOWN, Policy, Validators, download, name_of
from service.loader.loading import Request, load
from service.loader.release import Options, open_stream
from service.loader.report import Report
from service.model import Ingestion
from service.store import Database, downloads, ingestions
from service.store.downloads import Download


def load_url(db: Database, url: str, request: Request, policy: Policy, options: Options) -> Report:
    """Publish the release that a URL leads to, as `load` does for one that is at hand."""
    # What the caller decides makes it another release, so it has its own validators.
    asked = [url, request.dataset or "", options.mode or "", options.issued or ""]
    key = digest(canonical(asked))
    known = downloads.find(db, key)
    validators = Validators(known.etag, known.last_modified) if known else UNKNOWN
    got = download(url, policy, validators)
    if got is None:
        earlier = ingestions.find(db, known.ingestion) if known else None
        assert earlier is not None  # noqa: S101 - a server is only asked so after a run
        return _unchanged(db, name_of(url), earlier)
    release = open_stream(got.content.file, name_of(url), got.suffix, **options._asdict())
    report = load(db, release, request)
    published = ingestions.published(db, report.dataset, report.release_digest)
    # Equal to the head by chance is not enough: after the next revision it would be news.
    if published and got.validators.headers:
        downloads.remember(db, key, Download(published.id, *got.validators))
    return report


def _unchanged(db: Database, name: str, earlier: Ingestion) -> Report:
    """Keep and return the account of a run that had nothing to read."""
    message = f"the server says that it did not change since revision {earlier.revision}"
    mode = str(earlier.report.get("mode", ""))
    report = Report(uuid4().hex, earlier.dataset, name, "unchanged", message, mode)
    report = replace(report, release_digest=earlier.release)
    now = issued.instant(datetime.now(UTC))
    run = Ingestion(
        report.ingestion, report.dataset, "unchanged", now, now, earlier.release, None,
        report.as_json(),
    )  # fmt: skip
    with db.writing():
        ingestions.record(db, run)
    return report
