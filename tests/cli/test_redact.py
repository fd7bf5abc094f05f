"""Redaction by the command, and what is left of the body afterwards."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.store import open_database
from tests.builders import DATASET, write_release
from tests.postgres import BINARIES
from tests.schemas import samples

Recension = Callable[..., Result]

WITNESS = "Quillfeather-of-the-north-quay"
FOLDED = b"uilfeather"
"""What the search index has of the witness, but for the letters that a neighbour may share."""

RECORD = "sources/herald-001"
WHY = "A witness must be protected."


@pytest.fixture
def loaded(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recension:
    """A store whose two revisions, reports and indexes hold a secret."""
    monkeypatch.setenv("RECENSION_DATABASE_URL", database_url)

    def invoke(*words: object) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words])

    for number in (1, 2):
        records = samples.records()
        records["sources"][0]["title"] = f"{WITNESS} {number}"
        path = write_release(tmp_path / f"{number}.ndjson", records, samples.dataset())
        assert invoke("load", path, "--dataset", DATASET).exit_code == 0
    records["sources"][0]["language"] = WITNESS
    refused = write_release(tmp_path / "refused.ndjson", records, samples.dataset())
    assert invoke("load", refused, "--dataset", DATASET).exit_code == 1
    return invoke


def kept(database_url: str) -> bytes:
    """Everything that the store keeps: the files of SQLite, the dump of PostgreSQL."""
    if database_url.startswith("sqlite"):
        path = Path(database_url.removeprefix("sqlite:///"))
        return b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*"))
    dump = [BINARIES / "pg_dump", f"--dbname={database_url}"]
    return subprocess.run(dump, check=True, capture_output=True).stdout


def test_a_store_that_was_not_redacted_holds_the_secret(
    loaded: Recension, database_url: str
) -> None:
    assert WITNESS.encode() in kept(database_url)
    assert FOLDED in kept(database_url)


def test_after_a_redaction_the_body_is_nowhere(loaded: Recension, database_url: str) -> None:
    done = loaded("redact", DATASET, RECORD, "--reason", WHY)

    assert done.exit_code == 0, done.stderr
    assert "can confirm the guess" in done.stdout
    assert WITNESS.encode() not in kept(database_url)
    assert FOLDED not in kept(database_url)


def comparisons(database_url: str) -> list[str | None]:
    """Return what is kept of each change of the record: what it was and what it became."""
    db = open_database(database_url)
    rows = db.rows("SELECT fields FROM sources WHERE id = ? ORDER BY since", RECORD.split("/")[1:])
    db.close()
    return [fields for (fields,) in rows]


def test_no_change_says_what_an_erased_body_said(
    loaded: Recension, database_url: str, tmp_path: Path
) -> None:
    before = comparisons(database_url)
    assert [WITNESS in (fields or "") for fields in before] == [False, True]

    loaded("redact", DATASET, RECORD, "--reason", WHY)
    erased = comparisons(database_url)
    loaded("redact", DATASET, RECORD, "--lift")
    path = write_release(tmp_path / "again.ndjson", samples.records(), samples.dataset())
    assert loaded("load", path, "--dataset", DATASET).exit_code == 0
    *lifted, last = comparisons(database_url)

    assert erased == lifted == [None, None, None]
    assert last is not None
    assert WHY in last
    assert WITNESS not in last


def test_manifests_keep_their_digests_and_all_verifies(loaded: Recension) -> None:
    before = json.loads(loaded("revisions", DATASET, "--json").stdout)

    loaded("redact", DATASET, RECORD, "--reason", WHY)

    after = json.loads(loaded("revisions", DATASET, "--json").stdout)
    assert after[1:] == before
    assert loaded("verify", DATASET).exit_code == 0


def test_an_export_of_an_earlier_revision_leaves_the_record_out_and_says_so(
    loaded: Recension, tmp_path: Path
) -> None:
    loaded("redact", DATASET, RECORD, "--reason", WHY)

    folder = tmp_path / "folder"
    loaded("export", DATASET, "--revision", 1, "--format", "folder", "--output", folder)
    loaded("export", DATASET, "--revision", 1, "--output", tmp_path / "one.ndjson")

    assert (folder / "REDACTED").read_text() == f"{RECORD}.json\n"
    for sums in ("SHA256SUMS", "manifest/sources.sums"):
        check = ["sha256sum", "--check", "--quiet", "--ignore-missing", sums]
        subprocess.run(check, cwd=folder, check=True)
    again = loaded("load", tmp_path / "one.ndjson", "--dataset", "copy")
    assert again.exit_code == 1
    assert "redacted" in again.stderr


def test_no_release_brings_the_record_back_before_it_is_lifted(
    loaded: Recension, tmp_path: Path
) -> None:
    loaded("redact", DATASET, RECORD, "--reason", WHY)
    path = write_release(tmp_path / "again.ndjson", samples.records(), samples.dataset())

    refused = loaded("load", path, "--dataset", DATASET)
    lifted = loaded("redact", DATASET, RECORD, "--lift")
    taken = loaded("load", path, "--dataset", DATASET)

    assert (refused.exit_code, lifted.exit_code, taken.exit_code) == (1, 0, 0)
    assert "--lift" in refused.stderr
    assert loaded("verify", DATASET).exit_code == 0


def test_the_absence_of_a_stub_from_a_snapshot_is_no_removal(
    loaded: Recension, tmp_path: Path
) -> None:
    loaded("redact", DATASET, RECORD, "--reason", WHY)
    records = samples.records()
    del records["sources"][0]
    path = write_release(tmp_path / "without.ndjson", records, samples.dataset())

    done = loaded("load", path, "--dataset", DATASET, "--json")

    assert json.loads(done.stdout)["outcome"] == "unchanged"


@pytest.mark.parametrize(
    "words",
    [
        ("sources/nobody", "--reason", WHY),
        ("dataset/example", "--reason", WHY),
        ("sources/herald-001", "--reason", ""),
        ("sources/herald-001", "--lift"),
    ],
)
def test_what_cannot_be_redacted_is_refused_in_a_sentence(
    loaded: Recension, words: tuple[str, ...]
) -> None:
    done = loaded("redact", DATASET, *words)

    assert done.exit_code == 1
    assert done.stderr.startswith(("recension: ", "sources/"))


def test_a_redaction_needs_a_reason_or_a_lift(loaded: Recension) -> None:
    assert loaded("redact", DATASET, RECORD).exit_code == 2
    assert loaded("redact", DATASET, RECORD, "--reason", WHY, "--lift").exit_code == 2
