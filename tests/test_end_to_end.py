"""The real server, started by the README's command and called as a client would."""

import hashlib
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import requests

from tests import servers
from tests.servers import get, serving

DATASET = "/v1/datasets/kazakhstan-2022"
REVISIONS = 3


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The base URL of a service that `make run` started."""
    folder = tmp_path_factory.mktemp("make-run")
    with serving(f"sqlite:///{folder}/recension.db", ("make", "run"), folder / "log") as url:
        yield url


def walked(url: str) -> list[dict[str, object]]:
    items: list[dict[str, object]] = []
    while url:
        page = get(url).json()
        items += page["data"]
        url = page["links"].get("next")
    return items


def test_make_run_serves_the_five_reports_in_three_revisions(base: str) -> None:
    sources = walked(f"{base}{DATASET}/sources")
    revisions = walked(f"{base}{DATASET}/revisions")

    assert {source["id"] for source in sources} == {f"report-00{n}" for n in range(5)}
    assert [revision["number"] for revision in revisions] == [3, 2, 1]


def test_a_manifest_has_the_digest_that_its_revision_declares(base: str) -> None:
    for number in range(1, REVISIONS + 1):
        revision = get(f"{base}{DATASET}/revisions/{number}").json()["data"]
        manifest = get(f"{base}{DATASET}/revisions/{number}/manifest").content

        assert hashlib.sha256(manifest).hexdigest() == revision["digest"]


def test_the_chain_can_be_recomputed_by_a_client(base: str) -> None:
    parent = "0" * 64
    for revision in reversed(walked(f"{base}{DATASET}/revisions")):
        number, issued, digest = revision["number"], revision["issued"], revision["digest"]
        line = f"kazakhstan-2022 {number} {issued} {digest} {parent}\n"
        parent = hashlib.sha256(line.encode()).hexdigest()

        assert revision["chain"] == parent


def test_the_diff_of_the_first_two_revisions_tells_old_and_new_values(base: str) -> None:
    changes = walked(f"{base}{DATASET}/diff?from=1&to=2")

    modified = [change for change in changes if change["change"] == "modified"]
    assert modified
    for change in modified:
        assert change["fields"]
        for field in change["fields"]:
            assert "old" in field or "new" in field


def test_replaying_a_diff_over_http_turns_one_revision_into_the_other(base: str) -> None:
    kinds = ("actors", "events", "figures", "sources")
    states = [
        {
            (kind, record["id"]): record
            for kind in kinds
            for record in walked(f"{base}{DATASET}/revisions/{number}/{kind}")
        }
        for number in (1, 3)
    ]
    before, after = states
    for change in walked(f"{base}{DATASET}/diff?from=1&to=3&limit=7"):
        key = change["kind"], change["id"]
        if change["kind"] == "dataset":
            continue
        if change["change"] == "removed":
            del before[key]
        elif change["change"] == "added":
            before[key] = change["record"]
        else:
            _patch(before[key], change["fields"])

    assert before == after


def _patch(record: dict[str, object], fields: list[dict[str, object]]) -> None:
    for field in fields:
        *parents, name = str(field["path"])[1:].split("/")
        target = record
        for parent in parents:
            target = target.setdefault(parent, {})
        if "new" in field:
            target[name] = field["new"]
        else:
            del target[name]


def test_an_export_passes_sha256sum(base: str, tmp_path: Path) -> None:
    kinds = ("actors", "events", "figures", "sources")
    for kind in kinds:
        (tmp_path / kind).mkdir()
        for record in walked(f"{base}{DATASET}/revisions/2/{kind}"):
            body = get(f"{base}{DATASET}/revisions/2/{kind}/{record['id']}").content
            (tmp_path / kind / f"{record['id']}.json").write_bytes(body)
    (tmp_path / "manifest").mkdir()
    for name in ("SHA256SUMS", *(f"manifest/{kind}.sums" for kind in kinds)):
        path = "" if name == "SHA256SUMS" else f"/{name.removeprefix('manifest/')}"
        (tmp_path / name).write_bytes(get(f"{base}{DATASET}/revisions/2/manifest{path}").content)

    for name in ("SHA256SUMS", *(f"manifest/{kind}.sums" for kind in kinds)):
        check = ["sha256sum", "--check", "--quiet", "--ignore-missing", name]
        done = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_explorer_and_its_files_come_from_here(base: str) -> None:
    page = get(f"{base}/docs")

    assert page.ok
    assert "http" not in page.text.replace(base, "")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy or "default-src 'self'" in policy


def test_a_run_that_was_killed_while_seeding_completes_at_the_next_start(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/recension.db"
    for delay in (0.8, 1.1, 1.4, 1.8):
        process = servers.start(url, port=str(servers.free_port()))
        time.sleep(delay)
        servers.stop(process, signal.SIGKILL)

    with serving(url) as base:
        assert get(f"{base}{DATASET}").json()["data"]["head"]["number"] == REVISIONS


@pytest.mark.parametrize("signals", [1, 5])
def test_the_service_stops_cleanly_on_termination_signals(tmp_path: Path, signals: int) -> None:
    """A process group and its parent each signal: the server may get several at once."""
    port = servers.free_port()
    process = servers.start(f"sqlite:///{tmp_path}/recension.db", port=str(port))
    for _ in range(400):
        try:
            requests.get(f"http://127.0.0.1:{port}/healthz", timeout=1)
            break
        except requests.ConnectionError:
            time.sleep(0.05)

    for _ in range(signals):
        os.kill(process.pid, signal.SIGTERM)

    assert process.wait(timeout=20) == 0


def test_several_workers_answer_alike(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path}/recension.db", workers="2") as base:
        digests = {get(f"{base}{DATASET}").json()["data"]["head"]["digest"] for _ in range(20)}

    assert len(digests) == 1


def test_the_same_dataset_is_served_from_postgresql(
    postgres_url: str, tmp_path: Path, base: str
) -> None:
    from tests.postgres import create_database

    with serving(create_database(postgres_url, "served")) as other:
        here, there = (
            [get(f"{url}{DATASET}/revisions/{n}").json()["data"]["chain"] for n in (1, 2, 3)]
            for url in (base, other)
        )

    assert here == there
