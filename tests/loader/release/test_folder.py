import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from service.canonical import canonical
from service.errors import Refused
from service.loader.release import Item, Removal, open_release, place_of
from service.model import Place, Reason
from tests.loader.release.reading import (
    DATASET,
    DIGEST,
    a_source,
    flaws,
    lines,
    read,
    records,
    write,
)

DATASET_YAML = "title: Prices of bread\nlicence: CC-BY-4.0\nschema: 0\n"
SOURCES_YAML = "- id: report-001\n  source_type: news_report\n- id: report-002\n"


def test_a_folder_of_yaml_is_read_with_its_lines(tmp_path: Path) -> None:
    release_yaml = "dataset: bread-2022\nissued: 2022-01-06\nmessage: First.\n"
    folder = write(
        tmp_path,
        {"release.yaml": release_yaml, "dataset.yaml": DATASET_YAML, "sources.yaml": SOURCES_YAML},
    )

    release = open_release(folder)
    first, second = read(release)

    assert (release.dataset_name, release.mode, release.issued, release.message, release.base) == (
        "bread-2022",
        "snapshot",
        "2022-01-06",
        "First.",
        None,
    )
    assert release.document is not None
    assert release.document.record == DATASET
    assert place_of(release.document, "/licence") == Place(f"{folder}/dataset.yaml", 2, "/licence")
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert place_of(first, "/source_type") == Place(f"{folder}/sources.yaml", 2, "/0/source_type")
    assert place_of(second, "/title/x") == Place(f"{folder}/sources.yaml", 3, "/1/title/x")


def test_records_may_stand_in_many_files_and_formats(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "dataset.json": DATASET,
            "actors.json": [a_source("a1"), a_source("a2")],
            "events/2022-01.yaml": "- id: e1\n- id: e2\n",
            "events/2022-02.yml": "- id: e3\n",
            "figures/f1.json": a_source("f1"),
            "figures/more.json": [a_source("f2")],
            "figures/rest.ndjson": lines(a_source("f3"), a_source("f4")),
            "sources.ndjson": b"\xef\xbb\xbf" + lines(a_source("s1")).replace(b"\n", b"\r\n"),
        },
    )
    assert records(read(open_release(folder))) == [
        ("actors", "a1"),
        ("actors", "a2"),
        *(("events", f"e{n}") for n in (1, 2, 3)),
        *(("figures", f"f{n}") for n in (1, 2, 3, 4)),
        ("sources", "s1"),
    ]


def test_an_exported_folder_is_a_snapshot(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "dataset.json": canonical(DATASET),
            "sources/report-001.json": canonical(a_source("report-001")),
            "figures/killed-a.json": canonical({"id": "killed-a"}),
            "SHA256SUMS": "",
            "manifest/sources.sums": "",
            "manifest/figures/0/a.sums": "",
        },
    )
    release = open_release(folder, issued="2022-01-07")
    assert records(read(release)) == [("figures", "killed-a"), ("sources", "report-001")]
    assert (release.mode, release.issued) == ("snapshot", "2022-01-07")


def test_an_export_that_lost_erased_records_is_refused_as_incomplete(tmp_path: Path) -> None:
    folder = write(tmp_path, {"dataset.json": DATASET, "REDACTED": "sources/report-001.json\n"})
    (flaw,) = flaws(read(open_release(folder)))
    assert flaw.startswith(f"{folder}/REDACTED: incomplete")


def test_bare_records_of_ndjson_keep_their_lines(tmp_path: Path) -> None:
    files = {
        "dataset.json": DATASET,
        "sources.ndjson": lines(a_source("s1"), "", "[1]", "{", "1.0"),
    }
    folder = write(tmp_path, files)
    item, *rest = read(open_release(folder))
    assert isinstance(item, Item)
    assert place_of(item, "/id") == Place(f"{folder}/sources.ndjson", 1, "/id")
    assert item.raw == lines(a_source("s1")).rstrip()
    assert [flaw.split(": ")[0] for flaw in flaws(rest)] == [
        f"{folder}/sources.ndjson:{line}" for line in (2, 3, 4, 5)
    ]


def test_a_delta_removes_and_gives_reasons(tmp_path: Path) -> None:
    release_yaml = f"""\
dataset: bread-2022
mode: delta
issued: 2022-01-07T12:00:00Z
base: {{number: 1, digest: "{DIGEST}"}}
remove:
  - {{kind: sources, id: report-002, reason: source_retracted, why: The agency took it back.}}
  - {{kind: figures, id: killed-a}}
reasons:
  - {{kind: sources, id: report-001, reason: source_corrected}}
  - {{kind: dataset, id: bread-2022, reason: vocabulary_migrated, why: New words.}}
"""
    folder = write(tmp_path, {"release.yaml": release_yaml, "sources.yaml": SOURCES_YAML[:18]})
    release = open_release(folder)
    first, second, item = read(release)
    assert (release.mode, release.base, release.document) == ("delta", (1, DIGEST), None)
    retracted = Reason("source_retracted", "The agency took it back.")
    place = Place(f"{folder}/release.yaml", 6, "/remove/0")
    assert first == Removal("sources", "report-002", retracted, place)
    assert isinstance(second, Removal)
    assert second.reason is None
    assert isinstance(item, Item)
    assert item.reason == Reason("source_corrected")
    assert release.reasons["dataset", "bread-2022"] == Reason("vocabulary_migrated", "New words.")


def test_what_the_caller_decides_wins(tmp_path: Path) -> None:
    release_yaml = "mode: snapshot\nissued: 2022-01-06\nmessage: Theirs.\n"
    folder = write(tmp_path, {"release.yaml": release_yaml, "sources.yaml": "[]"})
    release = open_release(folder, mode="delta", issued="2022-01-08", message="Ours.")
    assert read(release) == []
    assert (release.mode, release.issued, release.message) == ("delta", "2022-01-08", "Ours.")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("mode: full\n", ":1 /mode"),
        ("a: 1\n", ":1 /a"),
        ("mode: delta\nissued: 2022-02-30\n", ":2 /issued"),
        ("mode: delta\nissued: 2022-01-06T12:00:00.5Z\n", ":2 /issued"),
        ("mode: delta\nissued: 2022-01-06T12:00:00+00:00\n", ":2 /issued"),
        ("mode: delta\nissued: 2022-01-06T24:00:00Z\n", ":2 /issued"),
        ("mode: delta\nissued: 2022\n", ":2 /issued"),
        ("mode: delta\nissued: '0000-01-01'\n", ":2 /issued"),
        ("mode: delta\nmessage: 12\n", ":2 /message"),
        ("mode: delta\nmessage: ''\n", ":2 /message"),
        ("mode: delta\ndataset: Bread 2022\n", ":2 /dataset"),
        (f"mode: delta\ndataset: {'a' * 61}\n", ":2 /dataset"),
        ("mode: delta\nbase: 1\n", ":2 /base"),
        ("mode: delta\nbase:\n  number: 0\n  digest: " + DIGEST + "\n", ":3 /base/number"),
        ("mode: delta\nbase:\n  number: 1\n", ":2 /base/digest"),
        ("mode: delta\nbase: {number: true, digest: " + DIGEST + "}\n", ":2 /base/number"),
        ("mode: delta\nremove: sources/a\n", ":2 /remove"),
        ("mode: delta\nremove:\n  - {kind: source, id: a}\n", ":3 /remove/0/kind"),
        ("mode: delta\nremove:\n  - {kind: dataset, id: a}\n", ":3 /remove/0/kind"),
        ("mode: delta\nremove:\n  - kind: sources\n    ID: a\n    id: a\n", ":4 /remove/0/ID"),
        (
            "mode: delta\nremove:\n  - {kind: sources, id: a, reason: because}\n",
            ":3 /remove/0/reason",
        ),
        ("mode: delta\nremove:\n" + "  - {kind: sources, id: a}\n" * 2, ":4 /remove/1"),
        ("mode: delta\nreasons:\n  - {kind: sources, id: a}\n", ":3 /reasons/0/reason"),
        ("mode: delta\nreasons: []\n", ":2 /reasons"),
        ("mode: delta\ncomplete: true\n", ":2 /complete"),
        ("remove:\n  - {kind: sources, id: a}\n", ":2 /remove/0"),
        ("mode: delta\nmessage: ~\n", ":2 /message"),
        ("[]\n", ":1"),
    ],
)
def test_each_member_of_release_yaml_is_judged(tmp_path: Path, text: str, place: str) -> None:
    files = {"release.yaml": text, "dataset.yaml": DATASET_YAML, "sources.yaml": "[]"}
    folder = write(tmp_path, files)
    (flaw,) = flaws(read(open_release(folder)))
    assert flaw.startswith(f"{folder}/release.yaml{place}: ")


def test_a_misspelled_number_is_named_once(tmp_path: Path) -> None:
    head = f'{{"mode":"delta","base":{{"number":1.0,"digest":"{DIGEST}"}}}}'
    folder = write(tmp_path, {"release.json": head})
    (flaw,) = flaws(read(open_release(folder)))
    assert flaw.startswith(f"{folder}/release.json /base/number: ")
    assert "write 1" in flaw


def test_a_snapshot_without_dataset_yaml_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, {"sources.yaml": "[]"})
    (flaw,) = flaws(read(open_release(folder)))
    assert "dataset.yaml" in flaw


def test_an_unreadable_release_yaml_is_the_only_flaw_that_it_makes(tmp_path: Path) -> None:
    folder = write(tmp_path, {"release.yaml": "mode: *x\n", "sources.yaml": "- id: a\n"})
    *rest, item = read(open_release(folder))
    assert isinstance(item, Item)
    (flaw,) = flaws(rest)
    assert flaw.startswith(f"{folder}/release.yaml:1 /mode: ")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("figure.yaml", "[]"),
        ("Figures.yaml", "[]"),
        ("notes.txt", "x"),
        ("release.ndjson", "{}"),
        ("figures", "a file, not a folder"),
        ("figures/a.txt", "x"),
        ("figures/deep/a.json", "{}"),
        ("documents/a.txt", "x"),
        ("dataset", "x"),
    ],
)
def test_a_file_that_would_not_be_loaded_is_refused(
    tmp_path: Path, path: str, content: str
) -> None:
    folder = write(tmp_path, {"dataset.yaml": DATASET_YAML, path: content})
    (flaw,) = flaws(read(open_release(folder)))
    assert flaw.startswith(
        f"{folder}/{'/'.join(path.split('/')[:2])}".replace("documents/a.txt", "documents")
    )
    assert ".yaml" in flaw


def test_files_beside_the_release_are_left_alone(tmp_path: Path) -> None:
    beside: dict[str, Any] = dict.fromkeys(("README.md", ".DS_Store", "SHA256SUMS", ".git/x"), "x")
    beside |= {"figures/README.md": "x", "figures/.gitkeep": "", "manifest/figures.sums": ""}
    folder = write(tmp_path, {"dataset.yaml": DATASET_YAML, **beside})
    assert read(open_release(folder)) == []


@pytest.mark.parametrize(
    "names", [("release.yaml", "release.json"), ("dataset.json", "dataset.yml")]
)
def test_two_files_for_one_thing_are_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    files: dict[str, Any] = {"dataset.yaml": DATASET_YAML, "sources.yaml": "[]"}
    files |= {name: {"mode": "snapshot"} if "release" in name else DATASET for name in names}
    found = flaws(read(open_release(write(tmp_path, files))))
    assert found
    assert all("keep one of them" in flaw for flaw in found)


@pytest.mark.parametrize(
    ("path", "content", "where"),
    [
        ("sources.yaml", "id: a\n", "sources.yaml:1"),
        ("sources.yaml", "- a\n- id: b\n", "sources.yaml:1 /0"),
        ("sources.json", {"a": {"id": "a"}}, "sources.json"),
        ("sources.json", b'[{"id":"a","id":"a"}]', "sources.json /0/id"),
        ("sources/a.json", "12", "sources/a.json"),
        ("sources/a.json", "café".encode("latin-1"), "sources/a.json:1"),
        ("sources/a.yaml", "- id: a\n- id: *b\n", "sources/a.yaml:2 /1/id"),
        ("sources.ndjson", b'{"id":"a"}\n{"id":NaN}\n', "sources.ndjson:2 /id"),
    ],
)
def test_a_file_of_records_is_refused_where_it_is_wrong(
    tmp_path: Path, path: str, content: Any, where: str
) -> None:
    folder = write(tmp_path, {"dataset.yaml": DATASET_YAML, path: content})
    (flaw,) = flaws(read(open_release(folder)))
    assert flaw.startswith(f"{folder}/{where}: ")


def test_every_unreadable_file_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    files = {
        "actors.yaml": "- *x\n",
        "events.yaml": "- id: e\n",
        "figures.yaml": "[",
        "dataset.yaml": "~",
    }
    parts = read(open_release(write(tmp_path, files)))
    assert [Path(flaw.split(":")[0]).name for flaw in flaws(parts)] == [
        "dataset.yaml",
        "actors.yaml",
        "figures.yaml",
    ]
    assert records([part for part in parts if isinstance(part, Item)]) == [("events", "e")]


@pytest.mark.parametrize("name", ["release.yaml", "dataset.yaml", "sources.yaml", "sources.ndjson"])
def test_a_pipe_in_a_folder_is_refused_and_not_waited_for(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path, {"actors.yaml": "[]"})
    os.mkfifo(tmp_path / name)
    found = flaws(read(open_release(folder, mode="delta")))
    assert found == [f"{folder}/{name}: not a regular file: pipes and devices are not read"]


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, {"dataset.yaml": DATASET_YAML})
    (tmp_path / "sources.yaml").symlink_to("nowhere.yaml")
    (flaw,) = flaws(read(open_release(folder)))
    assert flaw == f"{folder}/sources.yaml: cannot be read: no such file or directory"


def test_the_digest_of_a_folder_is_that_of_its_files_by_path(tmp_path: Path) -> None:
    files = {
        "dataset.yaml": DATASET_YAML,
        "figures.yaml": "- id: f\n",
        "figures/b.json": "{}",
        "figures/a.ndjson": "{}\n{}",
        "release.yaml": "issued: 2022-01-06\n",
        "sources/a.json": "[]",
    }
    folder = write(tmp_path, {**files, "README.md": "not counted"})
    release = open_release(folder)
    with pytest.raises(RuntimeError):
        release.digest  # noqa: B018
    read(release)
    sums = [f"{sha256(files[path].encode()).hexdigest()}  {path}\n" for path in sorted(files)]
    text = "snapshot 2022-01-06\n" + "".join(sums)
    assert release.digest == sha256(text.encode()).hexdigest()


def test_a_folder_without_any_file_of_a_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is not a release folder"):
        open_release(write(tmp_path, {"README.md": "x", "a/b.txt": "x"}))


def test_a_name_that_is_not_utf_8_can_still_be_named(tmp_path: Path) -> None:
    folder = write(tmp_path, {"dataset.yaml": DATASET_YAML})
    (tmp_path / os.fsdecode(b"caf\xe9.yaml")).write_text("")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / os.fsdecode(b"\xe9.yaml")).write_text("- ~\n")
    release = open_release(folder)
    found = flaws(read(release))
    assert len(found) == 2
    "".join(found).encode()
    assert release.digest
