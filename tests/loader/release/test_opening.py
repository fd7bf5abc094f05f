import io
import json
import os
from pathlib import Path

import pytest

from schemas.release import MODES, RECORD_KINDS
from service.errors import Refused
from service.loader.release import open_release, releases_in
from service.model import KINDS
from tests.loader.release.reading import (
    DATASET,
    a_record,
    first,
    lines,
    piped,
    read,
    records,
    write,
)

DOCUMENT = {"dataset": DATASET, "sources": {"s1": {"id": "s1"}}}


@pytest.mark.parametrize(
    "data",
    [
        lines(first(), a_record("s1")),
        json.dumps(DOCUMENT).encode(),
        json.dumps(DOCUMENT, indent=2).encode(),
        b"\xef\xbb\xbf\n" + json.dumps(DOCUMENT).encode(),
        b"\xef\xbb\xbf" + lines(first(), a_record("s1")),
    ],
)
def test_a_stream_is_taken_for_what_it_holds(data: bytes) -> None:
    assert records(read(piped(data))) == [("sources", "s1")]


def test_a_stream_has_the_name_that_it_is_given() -> None:
    with pytest.raises(Refused, match="request body is empty") as caught:
        open_release("-", stdin=io.BytesIO(), name="request body")
    assert caught.value.flaws[0].place.file == "request body"


def test_a_missing_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = f"{tmp_path}/no.yaml"
    with pytest.raises(Refused) as caught:
        open_release(path)
    assert caught.value.message == f"{path} cannot be read: no such file or directory."
    assert [str(flaw) for flaw in caught.value.flaws] == [
        caught.value.message.replace(" cannot", ": cannot")[:-1]
    ]
    with pytest.raises(Refused, match="no such file"):
        open_release(f"{tmp_path}/no-folder")


def test_what_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    folder = write(tmp_path, {"closed.yaml": "a: 1", "closed/release.yaml": "mode: delta"})
    monkeypatch.setattr(os, "open", denied)
    monkeypatch.setattr(os, "scandir", denied)
    for path in ("closed.yaml", "closed"):
        with pytest.raises(Refused, match=f"{path} cannot be read: permission denied"):
            open_release(f"{folder}/{path}")


def test_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").symlink_to("r.yaml")
    with pytest.raises(Refused, match="symbolic links"):
        open_release(f"{tmp_path}/r.yaml")


@pytest.mark.parametrize("name", ["r.txt", "r", "r.csv", "r.JSON"])
def test_a_file_of_another_form_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="is not a release"):
        open_release(f"{write(tmp_path, {name: 'x'})}/{name}")


@pytest.mark.parametrize("name", ["r.ndjson", "r.json", "r.yaml"])
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(Refused, match="not a regular file"):
        open_release(f"{tmp_path}/{name}")


@pytest.mark.parametrize("name", ["r.ndjson", "r.json", "r.yaml"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused):
        open_release(f"{write(tmp_path, {name: ''})}/{name}")


@pytest.mark.parametrize(
    "issued", ["2022-02-29", "yesterday", "2022-01-06T25:00:00Z", "", "2022-1-6"]
)
def test_an_option_that_is_no_instant_is_refused(issued: str) -> None:
    with pytest.raises(Refused) as caught:
        piped(lines(first("delta")), issued=issued)
    assert caught.value.flaws[0].place.pointer == "/issued"


def test_a_release_is_read_once_and_can_be_let_go(tmp_path: Path) -> None:
    file = f"{write(tmp_path, {'r.ndjson': lines(first('delta'))})}/r.ndjson"
    with open_release(file):
        pass
    release = open_release(file)
    read(release)
    with pytest.raises(RuntimeError):
        read(release)


def test_a_folder_of_release_folders_is_those_by_name(tmp_path: Path) -> None:
    files = {
        f"{day}/release.yaml": "mode: delta" for day in ("2022-01-07", "2022-01-06", "2022-01-15")
    }
    folder = write(tmp_path, {**files, "README.md": "x", ".hidden/x": "x"})
    assert releases_in(folder) == [f"{folder}/2022-01-{day}" for day in ("06", "07", "15")]
    one = f"{folder}/2022-01-06"
    assert releases_in(one) == [one]
    assert releases_in("-") == ["-"]
    assert releases_in("r.ndjson") == ["r.ndjson"]


def test_a_folder_that_is_no_release_is_named_as_it_is(tmp_path: Path) -> None:
    folder = write(tmp_path, {"a/b.txt": "x"})
    assert releases_in(folder) == [folder]


def test_a_release_file_beside_release_folders_is_not_passed_over(tmp_path: Path) -> None:
    folder = write(tmp_path, {"a/release.yaml": "mode: delta", "b.ndjson": "{}"})
    with pytest.raises(Refused) as caught:
        releases_in(folder)
    assert caught.value.flaws[0].place.file == f"{folder}/b.ndjson"


def test_the_words_of_the_schema_are_those_of_the_domain() -> None:
    assert RECORD_KINDS == KINDS
    assert MODES == ("snapshot", "delta")
