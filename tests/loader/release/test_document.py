import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from service.canonical import canonical
from service.errors import Refused
from service.loader.release import Item, Removal, limits, open_release, place_of
from service.model import Place, Reason
from tests.loader.release.reading import DATASET, a_source, flaws, piped, read, records, write

YAML = """\
release:
  dataset: bread-2022
  mode: delta
  issued: 2022-01-06
  remove:
    - {kind: figures, id: killed-a, reason: merged}
  reasons:
    - {kind: sources, id: s2, reason: source_added}
sources:
  - id: s1
    title: One
  - id: s2
actors:
  a1:
    id: a1
"""


def test_a_yaml_document_is_a_release(tmp_path: Path) -> None:
    folder = write(tmp_path, {"r.yaml": YAML})
    release = open_release(f"{folder}/r.yaml")
    removal, actor, first, second = read(release)
    assert (release.dataset_name, release.mode, release.issued) == (
        "bread-2022",
        "delta",
        "2022-01-06",
    )
    place = Place(f"{folder}/r.yaml", 6, "/release/remove/0")
    assert removal == Removal("figures", "killed-a", Reason("merged"), place)
    assert records([actor, first, second]) == [
        ("actors", "a1"),
        ("sources", "s1"),
        ("sources", "s2"),
    ]
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert second.reason == Reason("source_added")
    assert place_of(first, "/title") == Place(f"{folder}/r.yaml", 11, "/sources/0/title")


def test_the_json_export_is_a_snapshot(tmp_path: Path) -> None:
    export = {"dataset": DATASET, "actors": {}, "events": {}, "figures": {}}
    export["sources"] = {"s1": a_source("s1"), "s2": a_source("s2")}
    folder = write(tmp_path, {"export.json": canonical(export)})
    release = open_release(f"{folder}/export.json")
    assert records(read(release)) == [("sources", "s1"), ("sources", "s2")]
    assert (release.mode, release.issued, release.base) == ("snapshot", None, None)
    assert release.document is not None
    assert release.document.record == DATASET
    place = Place(f"{folder}/export.json", None, "/dataset/places/0")
    assert place_of(release.document, "/places/0") == place


def test_the_digest_of_a_document_is_that_of_its_bytes() -> None:
    data = json.dumps({"dataset": DATASET}).encode()
    for issued, line in (("2022-01-06", b"snapshot 2022-01-06\n"), (None, b"snapshot -\n")):
        release = piped(data, issued=issued)
        read(release)
        assert release.digest == sha256(line + data).hexdigest()


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"source": []}, "/source"),
        ({"sources": "s1"}, "/sources"),
        ({"sources": [1]}, "/sources/0"),
        ({"sources": {"s1": a_source("s2")}}, "/sources/s1/id"),
        ({"sources": {"s1": None}}, "/sources/s1"),
        ({"dataset": []}, "/dataset"),
        ({"release": []}, "/release"),
        ({"release": {}}, "/release"),
        ({"release": {"mode": "both"}}, "/release/mode"),
        ({"release": {"complete": True}}, "/release/complete"),
        ({"release": {"issued": "2022-13-01"}}, "/release/issued"),
        ({"release": {"remove": [{"kind": "sources", "id": "s1"}]}}, "/release/remove/0"),
    ],
)
def test_each_member_of_a_document_is_judged(members: dict[str, Any], pointer: str) -> None:
    release = piped(json.dumps({"dataset": DATASET, "figures": {}, **members}).encode())
    found = flaws(read(release))
    assert [flaw.split(": ")[0] for flaw in found] == [f"standard input {pointer}"]


def test_a_snapshot_without_its_dataset_is_refused() -> None:
    (flaw,) = flaws(read(piped(b'{"sources":{}}')))
    assert "a snapshot needs `dataset`" in flaw


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.yaml", "a: [\n"),
        ("r.yaml", "- a\n"),
        ("r.yaml", ""),
        ("r.yml", "café".encode("latin-1")),
        ("r.json", '{"dataset": {}, "dataset": {}}'),
        ("r.json", "[]"),
        ("r.json", ""),
        ("r.json", '{"dataset": {}}\n{}'),
    ],
)
def test_a_document_that_cannot_be_read_is_refused(
    tmp_path: Path, name: str, content: str | bytes
) -> None:
    folder = write(tmp_path, {name: content})
    with pytest.raises(Refused) as caught:
        open_release(f"{folder}/{name}")
    assert name in caught.value.message
    assert caught.value.flaws[0].place.file == f"{folder}/{name}"


@pytest.mark.parametrize(("suffix", "limit"), [("yaml", "YAML_FILE"), ("json", "JSON_FILE")])
def test_a_document_over_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, limit: str
) -> None:
    data = json.dumps({"dataset": DATASET, "sources": []})
    folder = write(tmp_path, {f"r.{suffix}": data})
    monkeypatch.setattr(limits, limit, len(data))
    read(open_release(f"{folder}/r.{suffix}"))
    monkeypatch.setattr(limits, limit, len(data) - 1)
    with pytest.raises(Refused, match="split it"):
        open_release(f"{folder}/r.{suffix}")
