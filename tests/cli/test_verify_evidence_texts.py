"""`verify-evidence`: the documents, releases that follow each other, and texts that are theirs."""

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.builders import write_release
from tests.cli.evidence import SENTENCE, Bench, records, run
from tests.schemas import samples


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def wire(phrase: str, text: str = samples.WIRE_TEXT) -> dict[str, Any]:
    return run(phrase, text, "wire-002")


def test_a_document_is_counted_in_code_points_with_its_mark_and_its_line_ends(bench) -> None:
    text = f"\ufeffÉté\r\n\U0001f309 {samples.WIRE_TEXT}\r\n"
    (bench.documents / "wire-002.txt").write_bytes(text.encode())
    stated = {
        "name": "wire-002.txt",
        "sha256": sha256(text.encode()).hexdigest(),
        "bytes": len(text.encode()),
        "characters": len(text),
    }

    done = bench.verify(
        bench.snapshot(
            {
                "/sources/1/document": stated,
                "/figures/1/evidence": [wire("Some 15 people", text)],
                "/events/0/accounts/1/evidence": [wire("officials said", text)],
                "/events/1/accounts/0/evidence": [wire("\U0001f309 Some", text)],
            }
        )
    )

    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("data", [b"caf\xe9", b"\xed\xa0\x80"])
def test_a_document_that_is_not_utf8_is_named_at_its_source(bench, data) -> None:
    (bench.documents / "wire-002.txt").write_bytes(data)

    done = bench.verify(bench.snapshot({"/sources/1/document/sha256": sha256(data).hexdigest()}))

    assert "/record/document/name: the document wire-002.txt: not UTF-8: byte" in done.output
    assert "1 fault; 5 of 8 evidence items" in done.output


def test_a_pipe_among_the_documents_is_not_waited_for(bench) -> None:
    (bench.documents / "wire-002.txt").unlink()
    os.mkfifo(bench.documents / "wire-002.txt")

    assert "not a regular file" in bench.verify(bench.snapshot()).output


def test_the_title_of_a_source_may_be_theirs_wherever_it_stands(bench) -> None:
    title = {"/sources/0/title": SENTENCE}

    assert bench.fails({"/events/0/summary": f"Under “{SENTENCE}”."})
    assert not bench.fails({**title, "/events/0/summary": f"Under “{SENTENCE}”."})
    assert bench.fails({**title, "/events/0/summary": f"It fell when {SENTENCE}."})


def test_of_a_longer_copy_only_nine_words_are_printed(bench) -> None:
    done = bench.verify(bench.snapshot({"/figures/0/note": samples.HERALD_TEXT}))

    told = done.output.splitlines()[0]
    assert told.endswith("from: bridge falls at port ember at least 12 people")
    assert "36 words in a row" in told


def test_what_a_release_says_of_itself_is_a_text_too(bench) -> None:
    path = bench.snapshot(message=f"Tells that {SENTENCE}.")

    assert bench.verify(path).output.startswith(f"{path}: 9 words in a row stand in herald-001.txt")


def test_a_release_after_another_is_read_as_the_next_state(bench) -> None:
    first = bench.snapshot()
    figure = records()["figures"][1] | {"id": "wire-002-again", "value": 16}
    second = bench.delta({"figures": [figure]})

    done = bench.verify(first, second)

    assert done.output.splitlines() == [
        f"{second}:2 /record/value: no selected words have the number 16 in digits",
        "1 fault; 9 of 9 evidence items in 6 records of 2 releases resolve;"
        " median length 14 code points, longest 28",
    ]
    assert "there is no source 'wire-002'" in bench.verify(second).output


def test_evidence_is_checked_again_where_a_delta_removes_its_source(bench) -> None:
    actor = records()["actors"][0]
    actor["names"] += [{"printed": "officials", "evidence": [wire("officials")]}]
    first = bench.snapshot({"/actors/0": actor})
    second = bench.delta({}, removals=[("sources", "wire-002")])

    *told, _ = bench.verify(first, second).output.splitlines()

    assert [line.partition(": ")[0] for line in told] == [
        f"{first}:2 /record/names/1/evidence/0",
        f"{first}:5 /record/accounts/1/evidence/0",
        f"{first}:6 /record/accounts/0/evidence/0",
        f"{first}:8 /record/evidence/0",
    ]
    assert all("there is no source 'wire-002'" in line for line in told)


def test_a_snapshot_forgets_what_was_before_it(bench) -> None:
    first = bench.snapshot()
    objects = {**records(), "sources": records()["sources"][:1]}
    second = write_release(first.parent / "b.ndjson", objects, samples.dataset())

    *told, _ = bench.verify(first, second).output.splitlines()

    assert len(told) == 3
    assert all(line.startswith(f"{second}:") for line in told)
    assert all("there is no source 'wire-002'" in line for line in told)


def test_evidence_is_checked_again_where_the_document_of_its_source_changes(bench) -> None:
    first = bench.snapshot()
    (bench.documents / "wire-003.txt").write_text("Nothing fell.", encoding="utf-8")
    source = records()["sources"][1]
    source["document"] = {
        "name": "wire-003.txt",
        "sha256": sha256(b"Nothing fell.").hexdigest(),
    }
    second = bench.delta({"sources": [source]})

    done = bench.verify(first, second)

    assert done.output.count("and the document has 13 characters") == 3
    assert done.output.count(f"{first}:") == 3


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """A folder of one release folder, of YAML files."""
    release = tmp_path / "releases" / "1931-05-05"
    release.mkdir(parents=True)
    (release / "release.yaml").write_text("dataset: bridge\nissued: '1931-05-05'\n")
    for name, found in {**records(), "dataset": samples.dataset()}.items():
        (release / f"{name}.yaml").write_text(
            yaml.safe_dump(json.loads(json.dumps(found)), sort_keys=False, allow_unicode=True)
        )
    return release.parent


def test_a_folder_of_release_folders_is_taken_by_name(bench, folders) -> None:
    done = bench.verify(folders)

    assert done.exit_code == 0, done.output
    assert "8 evidence items in 5 records of 1 releases" in done.output


def test_a_fault_in_a_folder_is_placed_in_its_file_by_line(bench, folders) -> None:
    path = folders / "1931-05-05" / "figures.yaml"
    text = path.read_text().replace("value: 12", "value: 21")
    path.write_text(text)
    line = text[: text.index("value: 21")].count("\n") + 1

    assert bench.verify(folders).output.startswith(f"{path}:{line} /0/value: ")


def test_comments_of_a_folder_are_read_and_a_text_is_told_only_once(bench, folders) -> None:
    release = folders / "1931-05-05"
    with (release / "events.yaml").open("a") as stream:
        stream.write("# They print: the old harbour\n# bridge gave way on Monday evening.\n")
    with (release / "release.yaml").open("a") as stream:
        stream.write(f'message: "{SENTENCE}"\n')
    with (release / "actors.yaml").open("a") as stream:
        stream.write(f"- {{id: x, note: '{SENTENCE}'}}\n")
    lines = {
        name: (release / f"{name}.yaml").read_text().count("\n") for name in ("actors", "events")
    }

    done = bench.verify(folders)

    told = [line for line in done.output.splitlines() if "9 words in a row" in line]
    assert [line.partition(": ")[0] for line in told] == [
        f"{release}/actors.yaml:{lines['actors']} /3/note",
        f"{release}/events.yaml:{lines['events'] - 1}",
        f"{release}/release.yaml:3",
    ]
