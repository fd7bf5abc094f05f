"""`verify-citation` against a service that is really served."""

import json
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.store import open_database
from tests.builders import DATASET, load_release, write_release
from tests.schemas import samples
from tests.servers import get, serving

WRONG = "0" * 64
SERVE = (sys.executable, "-m", "service", "serve")


@pytest.fixture(scope="module")
def here(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a revision of a served dataset."""
    folder = tmp_path_factory.mktemp("cited")
    shutil.copy(migrated_sqlite, folder / "recension.db")
    url = f"sqlite:///{folder / 'recension.db'}"
    store = open_database(url)
    release = write_release(
        folder / "first.ndjson", samples.records(), samples.dataset(), issued="1931-05-05"
    )
    load_release(store, release)
    store.close()
    with serving(url, SERVE, folder / "log") as base:
        yield f"{base}/v1/datasets/{DATASET}/revisions/1"


def verified(*words: str) -> Result:
    return CliRunner().invoke(main, ["verify-citation", *words])


@pytest.mark.parametrize("read", ["figures?limit=2", "series", "disagreements", "export"])
@pytest.mark.parametrize("form", ["citation", "bibtex", "csl-json"])
def test_what_a_citation_says_is_verified(here: str, read: str, form: str) -> None:
    text = get(f"{here}/{read}{'&' if '?' in read else '?'}format={form}").text
    (url,) = re.findall(r"http[^ \"}]*/v1[^ \"}]*", text)
    (digest,) = re.findall("sha256 ([0-9a-f]{64})", text)

    done = verified(url, digest)

    assert url == f"{here}/{read}"
    assert (done.exit_code, done.output) == (0, "as cited\n")
    assert verified(url, digest.upper()).exit_code == 0


def test_another_digest_fails_and_says_what_differs(here: str) -> None:
    done = verified(f"{here}/figures", WRONG)

    assert done.exit_code == 1
    assert re.fullmatch(
        f"not as cited: the sha256 of the answer is [0-9a-f]{{64}}, the cited is {WRONG}\n",
        done.output,
    )


def test_the_outcome_as_json(here: str) -> None:
    done = verified(f"{here}/figures", WRONG, "--json")
    told = json.loads(done.output)

    assert done.exit_code == 1
    assert (told["url"], told["cited"]) == (f"{here}/figures", WRONG)
    assert verified(f"{here}/figures", told["answered"], "--json").exit_code == 0


def test_an_address_that_does_not_answer_is_an_error(here: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        silent = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        for url in (f"{here}/nowhere", silent):
            done = verified(url, WRONG)

            assert done.exit_code == 1
            assert "cannot read" in done.output
            assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("url", "digest"),
    [("http://127.0.0.1/x", "abc"), ("file:///etc/hosts", WRONG), ("figures", WRONG)],
)
def test_what_is_no_citation_is_a_mistake_of_use(url: str, digest: str) -> None:
    assert verified(url, digest).exit_code == 2
