"""The commands, on a store of their own, as their exit status and output."""

import hashlib
import json
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.store import open_database
from tests.builders import DATASET, write_release
from tests.postgres import BINARIES, create_database
from tests.schemas import samples

Recension = Callable[..., Result]


@pytest.fixture
def recension(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Recension:
    """Runs a command on an empty, migrated store of each engine."""
    monkeypatch.setenv("RECENSION_DATABASE_URL", database_url)

    def invoke(*words: object, **options: object) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], **options)

    return invoke


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return write_release(
        tmp_path / "first.ndjson", samples.records(), samples.dataset(), issued="1931-05-05"
    )


@pytest.fixture
def second(tmp_path: Path) -> Path:
    records = samples.records()
    records["sources"][0]["title"] = "Bridge gives way"
    return write_release(
        tmp_path / "second.ndjson", records, samples.dataset(), issued="1931-05-06"
    )


@pytest.fixture
def loaded(recension: Recension, first: Path, second: Path) -> Recension:
    """The same with two revisions."""
    assert recension("load", first, second, "--dataset", DATASET).exit_code == 0
    return recension


def test_load_says_what_it_published(recension: Recension, first: Path) -> None:
    done = recension("load", first, "--dataset", DATASET)

    assert done.exit_code == 0
    assert "published revision 1 of example" in done.stdout
    assert "sources: 2 added" in done.stdout


def test_loading_the_same_again_says_unchanged_and_succeeds(
    loaded: Recension, second: Path
) -> None:
    done = loaded("load", second, "--dataset", DATASET, "--json")

    assert done.exit_code == 0
    assert json.loads(done.stdout)["outcome"] == "unchanged"


def test_a_refused_release_names_each_place_and_stops_what_follows(
    recension: Recension, first: Path, second: Path, tmp_path: Path
) -> None:
    records = samples.records()
    records["figures"][0]["value"] = 200.5
    records["sources"][0]["title"] = ""
    bad = write_release(tmp_path / "bad.ndjson", records, samples.dataset())

    done = recension("load", first, bad, second, "--dataset", DATASET)

    assert done.exit_code == 1
    assert f"{bad}:" in done.stderr
    assert "/value" in done.stderr
    assert "/title" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(json.loads(recension("revisions", DATASET, "--json").stdout)) == 1


def test_a_dry_run_tells_the_digest_and_the_diff_and_publishes_nothing(
    recension: Recension, first: Path, second: Path
) -> None:
    recension("load", first, "--dataset", DATASET)

    dry = json.loads(recension("load", second, "--dataset", DATASET, "--dry-run", "--json").stdout)
    wet = json.loads(recension("load", second, "--dataset", DATASET, "--json").stdout)

    assert dry["outcome"] == "dry_run"
    assert dry["digest"] == wet["digest"]
    assert [change["id"] for change in dry["diff"]] == ["herald-001"]


def test_the_shrink_guard_waits_for_approval(loaded: Recension, tmp_path: Path) -> None:
    nothing = write_release(tmp_path / "nothing.ndjson", {}, samples.minimal_dataset())

    held = loaded("load", nothing, "--dataset", DATASET)
    digest = held.stderr.rstrip().rpartition(" ")[2]
    other = loaded("load", nothing, "--dataset", DATASET, "--approve", "0" * 64)
    approved = loaded("load", nothing, "--dataset", DATASET, "--approve", digest)

    assert held.exit_code == 3, held.stderr
    assert (held.exit_code, other.exit_code, approved.exit_code) == (3, 3, 0)


def test_standard_input_is_a_release_too(recension: Recension, first: Path) -> None:
    done = recension("load", "-", "--dataset", DATASET, input=first.read_bytes())

    assert done.exit_code == 0
    assert "published revision 1" in done.stdout


def test_an_unknown_option_is_a_usage_error(recension: Recension) -> None:
    assert recension("load", "--colour").exit_code == 2


def test_revisions_are_listed_newest_first(loaded: Recension) -> None:
    listed = json.loads(loaded("revisions", DATASET, "--json").stdout)

    assert [revision["number"] for revision in listed] == [2, 1]
    assert loaded("revisions", DATASET).stdout.startswith("2  1931-05-06T23:59:59Z")


def test_an_unknown_dataset_is_named_with_those_that_exist(loaded: Recension) -> None:
    done = loaded("revisions", "other")

    assert done.exit_code == 1
    assert "'other'" in done.stderr
    assert DATASET in done.stderr


def test_diff_tells_each_field_with_old_and_new(loaded: Recension) -> None:
    told = json.loads(loaded("diff", DATASET, 1, 2, "--json").stdout)
    back = json.loads(loaded("diff", DATASET, 2, 1, "--json").stdout)

    change = {"path": "/title", "old": "Bridge falls at Port Ember", "new": "Bridge gives way"}
    assert told["fields"] == [change]
    assert back["fields"] == [{**change, "old": change["new"], "new": change["old"]}]


def test_an_export_loads_into_an_empty_store_with_the_same_digest(
    loaded: Recension, tmp_path: Path
) -> None:
    out = tmp_path / "out.ndjson"

    assert loaded("export", DATASET, "--revision", 1, "--output", out).exit_code == 0
    again = json.loads(loaded("load", out, "--dataset", "copy", "--json").stdout)

    listed = json.loads(loaded("revisions", DATASET, "--json").stdout)
    assert again["digest"] == listed[1]["digest"]
    assert again["issued"] == listed[1]["issued"]


def test_an_exported_folder_passes_sha256sum_and_loads(loaded: Recension, tmp_path: Path) -> None:
    folder = tmp_path / "folder"

    done = loaded("export", DATASET, "--format", "folder", "--output", folder)
    again = json.loads(loaded("load", folder, "--dataset", "copy", "--json").stdout)

    assert done.exit_code == 0
    for sums in (folder / "SHA256SUMS", *folder.glob("manifest/**/*.sums")):
        subprocess.run(["sha256sum", "--check", "--quiet", sums], cwd=folder, check=True)
    root = hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()
    assert again["digest"] == root


def test_a_changed_file_of_an_exported_folder_fails_sha256sum(
    loaded: Recension, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    loaded("export", DATASET, "--format", "folder", "--output", folder)
    record = folder / "sources" / "herald-001.json"
    record.write_text(record.read_text().replace("gives", "gave"))

    check = ["sha256sum", "--check", "--quiet", "manifest/sources.sums"]
    assert subprocess.run(check, cwd=folder, check=False, capture_output=True).returncode == 1


def test_an_export_into_a_folder_that_has_files_is_refused(
    loaded: Recension, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    done = loaded("export", DATASET, "--format", "folder", "--output", tmp_path)

    assert done.exit_code == 1
    assert "not empty" in done.stderr


def test_verify_finds_all_as_published(loaded: Recension) -> None:
    done = loaded("verify", DATASET)

    assert done.exit_code == 0
    assert "as published, chain" in done.stdout


@pytest.fixture
def tampered(loaded: Recension, database_url: str) -> Recension:
    """A store in which somebody altered one body."""
    database = open_database(database_url)
    changed = database.run("UPDATE sources SET body = replace(body, 'gives', 'gave')")
    database.close()
    assert changed
    return loaded


def test_verify_names_a_body_that_was_altered(tampered: Recension) -> None:
    done = tampered("verify", DATASET)

    assert done.exit_code == 1
    assert "sources/herald-001.json" in done.stderr


def test_migrate_says_when_there_is_nothing_to_do(recension: Recension) -> None:
    assert recension("migrate").stdout == "nothing to migrate\n"


def test_openapi_prints_the_document(recension: Recension) -> None:
    assert json.loads(recension("openapi").stdout)["openapi"].startswith("3.1")


def test_doctor_tells_the_versions_and_what_keeps_promises(
    recension: Recension, engine: str
) -> None:
    told = json.loads(recension("doctor", "--json").stdout)

    assert told["server"].lower().startswith(engine)
    assert told["synchronous" if engine == "sqlite" else "synchronous_commit"] in ("2", "on", "off")


def run_alone(monkeypatch: pytest.MonkeyPatch, *words: str, **settings: str) -> Result:
    for name, value in settings.items():
        monkeypatch.setenv(f"RECENSION_{name.upper()}", value)
    return CliRunner().invoke(main, words)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"database_url": "sqlite:////proc/none/x.db"}, "/proc/none"),
        ({"database_url": "postgresql://nobody@127.0.0.1:9/none"}, "127.0.0.1:9"),
        ({"database_url": "mysql://host/name"}, "mysql"),
        ({"port": "http"}, "RECENSION_PORT"),
        ({"port": "70000"}, "65535"),
        ({"public_url": "data.example"}, "RECENSION_PUBLIC_URL"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "run"])
def test_a_setting_that_cannot_work_gives_one_clear_line(
    command: str,
    settings: dict[str, str],
    named: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    defaults = {"database_url": f"sqlite:///{tmp_path}/x.db", "port": "8999"}

    done = run_alone(monkeypatch, command, **{**defaults, **settings})

    assert done.exit_code == 1
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_taken_port_gives_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        url = f"sqlite:///{tmp_path}/x.db"
        done = run_alone(monkeypatch, "run", database_url=url, port=port)

    assert done.exit_code == 1
    assert port in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_store_that_is_not_migrated_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run_alone(monkeypatch, "revisions", "x", database_url=f"sqlite:///{tmp_path}/x.db")

    assert done.exit_code == 1
    assert "recension migrate" in done.stderr


def test_a_refused_load_prints_its_report_as_json_too(recension: Recension, tmp_path: Path) -> None:
    records = samples.records()
    records["figures"][0]["value"] = 200.5
    bad = write_release(tmp_path / "bad.ndjson", records, samples.dataset())

    done = recension("load", bad, "--dataset", DATASET, "--json")

    told = json.loads(done.stdout)
    assert (done.exit_code, told["outcome"]) == (1, "refused")
    assert "/record/value" in {problem["pointer"] for problem in told["problems"]}


def test_a_dry_run_takes_one_release(recension: Recension, first: Path, second: Path) -> None:
    done = recension("load", first, second, "--dataset", DATASET, "--dry-run")

    assert done.exit_code == 2
    assert "one release" in done.stderr


def test_a_backup_restores_with_equal_digests(
    loaded: Recension, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(BINARIES), prepend=":")
    copy = tmp_path / "copy.backup"

    assert loaded("backup", copy).exit_code == 0
    restored = restore(copy, database_url)

    assert loaded("verify", DATASET).exit_code == 0
    before = loaded("revisions", DATASET, "--json").stdout
    monkeypatch.setenv("RECENSION_DATABASE_URL", restored)
    assert loaded("verify", DATASET).exit_code == 0
    assert loaded("revisions", DATASET, "--json").stdout == before


def test_a_backup_never_overwrites(loaded: Recension, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")

    done = loaded("backup", tmp_path / "mine")

    assert done.exit_code == 1
    assert (tmp_path / "mine").read_text() == "mine"


def restore(copy: Path, url: str) -> str:
    """Restore a backup as docs/operating.md says, and return the URL of the store."""
    if url.startswith("sqlite"):
        shutil.copy(copy, copy.with_suffix(".db"))
        return f"sqlite:///{copy.with_suffix('.db')}"
    server, _, name = url.rpartition("/")
    restored = create_database(f"{server}/postgres", f"{name}restored", "template0")
    subprocess.run(["pg_restore", f"--dbname={restored}", copy], check=True)
    return restored
