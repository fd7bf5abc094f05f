"""Loading from a URL: the same revision as from a file, and nothing got twice."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.errors import Refused
from service.loader import Report, Request
from service.loader.download import Policy
from service.loader.fetching import load_url
from service.loader.release import Options
from service.store import Database, ingestions
from tests.api.sending import lines, whole
from tests.builders import DATASET, load_release
from tests.loader.origin import Origin, head, serving
from tests.loader.releases import actors

POLICY = Policy(1 << 20, allow_private=True)
FIRST = lines(actors("ab"), issued="2022-01-06")
SECOND = lines(actors("abc"), issued="2022-01-07")
UNCHANGED = head(304, Content_Length="0")


@pytest.fixture
def origin() -> Iterator[Origin]:
    with serving() as server:
        yield server


def fetched(db: Database, url: str, *, dry_run: bool = False, **options: str) -> Report:
    """Load a URL into the dataset."""
    request = Request(DATASET, dry_run)
    return load_url(db, url, request, POLICY, Options(**options))  # type: ignore[arg-type]


def conditions(origin: Origin) -> list[str | None]:
    """Return the ETag that each request named."""
    return [headers.get("If-None-Match") for _, headers in origin.asked]


def test_a_release_from_a_url_makes_the_same_revision_as_from_a_file(
    db: Database, origin: Origin, tmp_path: Path
) -> None:
    (tmp_path / "a.ndjson").write_bytes(FIRST)
    from_file = load_release(db, tmp_path / "a.ndjson", "other")

    report = fetched(db, origin.gives_file("/a.ndjson?key=secret", FIRST))

    assert (report.outcome, report.digest) == ("published", from_file.digest)
    assert report.release == origin.url("/a.ndjson")
    assert "secret" not in str(ingestions.every(db, DATASET))
    assert "secret" not in str(db.rows("SELECT * FROM downloads"))


def test_every_form_is_taken(db: Database, origin: Origin) -> None:
    yaml = b"release: {mode: snapshot}\ndataset: {title: One, licence: CC0-1.0, schema: 1}\n"

    assert fetched(db, origin.gives_file("/a.json", whole(actors("ab")))).revision == 1
    assert fetched(db, origin.gives_file("/a.yaml", yaml), dry_run=True).outcome == "dry_run"


def test_what_did_not_change_is_answered_unchanged(db: Database, origin: Origin) -> None:
    url = origin.gives_file("/a.ndjson", FIRST, ETag='"1"')
    fetched(db, url)
    origin.gives("/a.ndjson", UNCHANGED)

    again = fetched(db, url)

    assert again.outcome == "unchanged"
    assert "since revision 1" in again.message
    assert conditions(origin) == [None, '"1"']
    assert [run.outcome for run in ingestions.every(db, DATASET)].count("unchanged") == 1


def test_what_changed_is_got_and_asked_for_anew(db: Database, origin: Origin) -> None:
    url = origin.gives_file("/a.ndjson", FIRST, ETag='"1"')
    fetched(db, url)
    origin.gives_file("/a.ndjson", SECOND, ETag='"2"')

    assert fetched(db, url).revision == 2
    origin.gives("/a.ndjson", UNCHANGED)
    assert "since revision 2" in fetched(db, url).message
    assert conditions(origin) == [None, '"1"', '"2"']


def test_other_options_make_another_release(db: Database, origin: Origin) -> None:
    url = origin.gives_file("/a.ndjson", lines(actors("ab")), ETag='"1"')
    fetched(db, url, issued="2022-01-06")

    fetched(db, url, issued="2022-01-07")
    fetched(db, url)

    assert conditions(origin) == [None, None, None]


def test_only_what_was_published_is_taken_for_known(
    db: Database, origin: Origin, tmp_path: Path
) -> None:
    url = origin.gives_file("/a.ndjson", FIRST, ETag='"1"')
    assert fetched(db, url, dry_run=True).outcome == "dry_run"
    (tmp_path / "same.ndjson").write_bytes(lines(actors("ab"), issued="2022-01-05"))
    load_release(db, tmp_path / "same.ndjson")

    assert fetched(db, url).outcome == "unchanged"
    (tmp_path / "next.ndjson").write_bytes(lines(actors("abc"), issued="2022-01-06"))
    load_release(db, tmp_path / "next.ndjson")

    assert fetched(db, url).revision == 3
    assert conditions(origin) == [None, None, None]


def test_a_promised_end_that_does_not_come_is_missed(db: Database, origin: Origin) -> None:
    url = origin.gives_file("/a.ndjson", lines(actors("ab"), complete=True))

    with pytest.raises(Refused) as caught:
        fetched(db, url)

    assert "truncated" in str(caught.value.flaws[0])


# On the command line


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch, origin: Origin) -> "Run":
    monkeypatch.setenv("RECENSION_DATABASE_URL", database_url)
    return Run(monkeypatch, origin)


class Run:
    """Runs `load` on a URL."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, origin: Origin) -> None:
        self._monkeypatch, self._origin = monkeypatch, origin

    def __call__(self, *words: str, **settings: str) -> Result:
        for name, value in settings.items():
            self._monkeypatch.setenv(f"RECENSION_{name}", value)
        url = self._origin.url("/a.ndjson")
        return CliRunner().invoke(main, ["load", url, "--dataset", DATASET, *words])


def test_load_takes_a_url_where_private_addresses_are_allowed(run: Run, origin: Origin) -> None:
    origin.gives_file("/a.ndjson", FIRST)

    refused = run()
    done = run("--json", ALLOW_PRIVATE_ADDRESSES="true")

    assert refused.exit_code == 1
    assert "no public address" in refused.stderr
    assert len(origin.asked) == 1
    assert done.exit_code == 0
    assert json.loads(done.stdout)["outcome"] == "published"


def test_load_takes_no_more_than_is_configured(run: Run, origin: Origin) -> None:
    origin.gives_file("/a.ndjson", FIRST)

    done = run(ALLOW_PRIVATE_ADDRESSES="true", MAX_DOWNLOAD_BYTES="99")

    assert done.exit_code == 1
    assert "99 bytes" in done.stderr
