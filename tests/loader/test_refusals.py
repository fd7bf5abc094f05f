"""Bad input is refused with its file, line, pointer and reason; and nothing else happens."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from service.errors import Refused
from service.loader import open_release
from service.model import Flaw
from service.store import ingestions
from tests.builders import DATASET, load_release
from tests.loader.releases import Releases, actor, actors
from tests.schemas import samples
from tests.store.states import census


def told(flaws: list[Flaw], folder: Path) -> list[str]:
    """Return the flaws with file names that begin in a folder."""
    return [str(flaw).removeprefix(f"{folder}/") for flaw in flaws]


def test_everything_wrong_in_one_release_is_reported_at_once(releases: Releases) -> None:
    releases.load(samples.records(), issued="2022-01-06")
    bad_event = samples.event() | {"event_type": "Party", "place": {"id": "nowhere"}}

    path = releases.write(
        {
            "actors": [
                {"id": "half"},
                actor("twice"),
                actor("twice"),
                actor("wire-002"),
                actor("x", speaks_for={"actor": "x", "source": "nothing"}),
            ],
            "events": [bad_event],
        },
        mode="delta",
        issued="2022-01-05",
        removals=[("figures", "unknown"), ("actors", "council")],
    )
    flaws = releases.refused(path)

    lines = {flaw.place.line for flaw in flaws if flaw.place.file == str(path)}
    assert lines == {None, 2, 4, 5, 6, 7, 8}
    details = " | ".join(told(flaws, releases.folder))
    for part in (
        ":2 /record/name: ",
        ":4 /record: the id 'twice' was already given",
        ":5 /record: the id 'wire-002' is taken by one of the sources",
        ":6 /record: actors/x: `speaks_for.source` names 'nothing'",
        "`speaks_for.actor` goes in a circle: x → x",
        ":7 /record/event_type: ",
        ":8: there is no figures/unknown",
        "actors/ada-quill of the head: actors/ada-quill: `member_of.actor` names 'council'",
        "issued: 2022-01-05T23:59:59Z lies before the head",
    ):
        assert part in details
    runs = ingestions.every(releases.db, DATASET)
    (refused,) = [run for run in runs if run.outcome == "refused"]
    assert len(refused.report["problems"]) == len(flaws)


def test_a_refused_record_is_not_called_missing_by_those_that_name_it(releases: Releases) -> None:
    records = samples.records()
    del records["events"][1]["title"]

    flaws = releases.flaws(records)

    assert len(flaws) == 1
    assert flaws[0].startswith("6/record/title ")


def test_after_a_refusal_the_mended_release_is_published(releases: Releases) -> None:
    releases.flaws({"actors": [{"id": "half"}]})

    assert releases.load(actors("a")).revision == 1


def test_more_flaws_than_a_report_spells_out_are_counted(releases: Releases) -> None:
    path = releases.write({"actors": [{"id": f"a{number}"} for number in range(60)]})

    flaws = releases.refused(path)

    (run,) = ingestions.every(releases.db, DATASET)
    assert len(flaws) == 240
    assert len(run.report["problems"]) == 100
    assert run.report["more_problems"] == 140


@pytest.fixture
def folder(releases: Releases) -> Path:
    """A release folder on the head, to be spoiled: a document, sources and actors in YAML."""
    releases.load(actors("a"))
    path = releases.folder / "folder"
    path.mkdir()
    (path / "release.yaml").write_text('message: "A second look."\n')
    (path / "dataset.json").write_text(json.dumps(samples.dataset()))
    (path / "actors.yaml").write_text(ACTORS)
    return path


ACTORS = """\
- id: a
  actor_type: person
  name: Ada Quill
  name_basis: only_form
  anonymity: named
- id: b
  actor_type: person
  name: Ben Hale
  name_basis: only_form
  anonymity: named
"""


def test_the_folder_is_published_before_it_is_spoiled(releases: Releases, folder: Path) -> None:
    # The control of all that follow.
    assert load_release(releases.db, folder).outcome == "published"


def spoil(folder: Path, old: str, new: str) -> None:
    assert old in ACTORS
    (folder / "actors.yaml").write_text(ACTORS.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("name: Ada Quill", "name: NO", "actors.yaml:3 /0/name: "),
        ("name: Ada Quill", "name: 012", "actors.yaml:3 /0/name: "),
        ("name: Ada Quill", "name: .nan", "actors.yaml:3 /0/name: "),
        ("name: Ada Quill", "name:", "actors.yaml:3 /0/name: "),
        ("- id: b", "- id: a", "actors.yaml:6 /1: the id 'a' was already given at "),
        ("name: Ben Hale", "name: Ben\n  name: Hale", "actors.yaml:9 /1/name: "),
        ("name: Ben Hale", "nome: Ben Hale", "actors.yaml:6 /1/name: "),
        ("name: Ben Hale", "name: Ben\u00a0", "actors.yaml:8 /1/name: "),
    ],
)
def test_a_line_of_yaml_that_is_wrong_is_named(
    releases: Releases, folder: Path, old: str, new: str, expected: str
) -> None:
    spoil(folder, old, new)

    flaws = told(releases.refused(folder), folder)

    assert any(flaw.startswith(expected) for flaw in flaws), flaws


@pytest.mark.parametrize("word", ["NO", "012", ".nan", "1e3", "12:30", "~", "True"])
def test_a_word_that_some_yaml_takes_for_something_else_is_to_be_quoted(
    releases: Releases, folder: Path, word: str
) -> None:
    spoil(folder, "name: Ada Quill", f"name: {word}")
    assert "quote it" in told(releases.refused(folder), folder)[0]

    spoil(folder, "name: Ada Quill", f'name: "{word}"')
    assert load_release(releases.db, folder).outcome == "published"


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor(releases: Releases, folder: Path) -> None:
    levels = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    levels += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in ("ab", "bc", "cd", "de")]
    (folder / "actors.yaml").write_text("\n".join(levels) + "\n")

    flaws = told(releases.refused(folder), folder)

    assert flaws[0].startswith("actors.yaml:1")


def test_a_file_that_is_not_utf_8_is_named_with_its_line(releases: Releases, folder: Path) -> None:
    (folder / "actors.yaml").write_bytes(ACTORS.replace("Ben Hale", "Ben Hälé").encode("latin-1"))

    flaws = told(releases.refused(folder), folder)

    assert len(flaws) == 1
    assert flaws[0].startswith("actors.yaml:8: not UTF-8: byte ")


def test_an_unreadable_document_is_the_only_fault(releases: Releases, folder: Path) -> None:
    # What the document would declare is not known, so that no reference to it is judged.
    (folder / "dataset.json").write_text("{")
    records = samples.records()
    for kind, found in records.items():
        (folder / f"{kind}.json").write_text(json.dumps(found))
    (folder / "actors.yaml").unlink()

    flaws = told(releases.refused(folder), folder)

    assert len(flaws) == 1
    assert flaws[0].startswith("dataset.json:1")


def spoiled_line(releases: Releases, record: dict[str, Any], old: str, new: str) -> Path:
    """Write a release with one record, whose line is spoiled as text."""
    kind = "figures" if "measure" in record else "sources"
    path = releases.write({kind: [record]})
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ('"value": 15', '"value": NaN', "/record/value"),
        ('"value": 15', '"value": 200.5', "/record/value"),
        ('"value": 15', '"value": "15"', "/record/value"),
        ('"value": 15', '"value": 1e999', "/record/value"),
        ('"value": 15', '"value": 15.0', "/record/value"),
        ('"value": 15', '"value": true', "/record/value"),
        ('"value": 15', '"value": 99999999999999999999', "/record/value"),
        ('"value": 15', '"value": 15, "value": 16', "/record/value"),
        ('"unit": "persons"', '"unit": "\\ud800"', "/record/unit"),
        ('"unit": "persons"', '"unit": "a\\u0000b"', "/record/unit"),
        ('"unit": "persons"', '"unit": null', "/record/unit"),
        ('"unit": "persons"', '"unit": "persons", "colour": "red"', "/record/colour"),
        ('"group": "people"', '"group": "People"', "/record/counted/group"),
    ],
)
def test_a_value_that_the_model_lacks_is_named_by_its_pointer(
    releases: Releases, old: str, new: str, pointer: str
) -> None:
    path = spoiled_line(releases, samples.minimal_figure(), old, new)

    flaws = releases.refused(path)

    assert str(path) in {flaw.place.file for flaw in flaws}
    assert any(flaw.place.line == 2 and flaw.place.pointer in (pointer, "") for flaw in flaws)


@pytest.mark.parametrize(
    "line",
    [
        b'{"kind": "sources", "record": {"id": "caf\xe9"}}',
        b'{"kind": "sources", "record": {"id": "a"}',
        b'{"kind": "sauces", "record": {"id": "a"}}',
        b'{"kind": "sources"}',
        b'{"kind": "sources", "record": {"id": "a"}, "remove": "b"}',
        b"[" * 100_000,
        b"",
        b"null",
    ],
)
def test_a_line_that_is_none_is_named(releases: Releases, line: bytes) -> None:
    releases.load(actors("a"))
    path = releases.write(actors("b"))
    path.write_bytes(path.read_bytes() + line + b"\n")

    flaws = releases.refused(path)

    assert {flaw.place.line for flaw in flaws} == {3}


def test_a_line_of_100_mb_is_refused_without_being_kept(releases: Releases) -> None:
    releases.load(actors("a"))
    path = releases.write(actors("b"))
    with path.open("ab") as file:
        file.write(b'{"kind": "actors", "record": {"id": "')
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b'"}}\n')

    tracemalloc.start()
    flaws = releases.refused(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [(flaw.place.line, flaw.detail) for flaw in flaws] == [
        (3, "longer than 16 MiB: no record is")
    ]
    assert most < 64_000_000


def test_a_file_that_cannot_be_opened_is_refused_before_anything_is_asked(
    releases: Releases,
) -> None:
    before = census(releases.db)

    with pytest.raises(Refused):
        open_release(str(releases.folder / "missing.ndjson"))

    assert census(releases.db) == before
