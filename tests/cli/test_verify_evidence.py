"""`verify-evidence`: every fault with its place, and a control in which all resolves."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import main
from tests.cli.evidence import SENTENCE, Bench, records, run, selecting
from tests.schemas import samples
from tests.schemas.cases import GONE


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_where_all_resolves_the_command_counts_and_succeeds(bench) -> None:
    done = bench.verify(bench.snapshot())

    assert done.exit_code == 0, done.output
    assert done.output == (
        "8 evidence items in 5 records of 1 releases resolve;"
        " median length 17 code points, longest 28\n"
    )


def test_the_same_as_json(bench) -> None:
    told = json.loads(bench.verify(bench.snapshot(), "--json").output)

    assert told == {
        "releases": 1,
        "records": 5,
        "evidence": 8,
        "resolved": 8,
        "median": 17,
        "longest": 28,
        "faults": [],
    }


LENGTH = len(samples.HERALD_TEXT)
FIGURE = "/figures/0/evidence/0"
FAULTS = {
    "a position past the end": (
        {FIGURE: selecting(0, 10) | {"start": LENGTH - 2, "end": LENGTH + 3}},
        FIGURE,
        f"it ends at {LENGTH + 3}, and the document has {LENGTH} characters",
    ),
    "an end before the start": (
        {FIGURE: selecting(28, 56) | {"start": 56, "end": 28}},
        f"{FIGURE}/end",
        "the end is exclusive",
    ),
    "a negative start": ({f"{FIGURE}/start": -1}, f"{FIGURE}/start", "-1"),
    "too long a range": ({f"{FIGURE}/end": 331}, f"{FIGURE}/end", "select 300"),
    "other text": (
        {f"{FIGURE}/sha256": "0" * 64},
        FIGURE,
        "the text from 28 to 56 has another sha256 than the one stated",
    ),
    "a split word at the start": ({FIGURE: selecting(29, 56)}, FIGURE, "start, 29, splits a word"),
    "a split word at the end": ({FIGURE: selecting(28, 55)}, FIGURE, "end, 55, splits a word"),
    "no such source": (
        {f"{FIGURE}/source": "herald-009", "/figures/0/evidence/1": GONE},
        FIGURE,
        "there is no source 'herald-009' in this state",
    ),
    "evidence of a name": (
        {"/actors/0/names/0/evidence/0/sha256": "0" * 64},
        "/actors/0/names/0/evidence/0",
        "another sha256",
    ),
    "evidence of a role": (
        {"/actors/0/roles/0/evidence/0/sha256": "0" * 64},
        "/actors/0/roles/0/evidence/0",
        "another sha256",
    ),
    "evidence of an account": (
        {"/events/0/accounts/1/evidence/0/sha256": "0" * 64},
        "/events/0/accounts/1/evidence/0",
        "another sha256",
    ),
    "another number": (
        {"/figures/0/value": 2},
        "/figures/0/value",
        "no selected words have the number 2 in digits",
    ),
    "a bound that is not printed": (
        {"/figures/0/high": 14},
        "/figures/0/high",
        "the number 14 in digits",
    ),
    "a number in other evidence than that of the value": (
        {"/figures/0/evidence": [run("Ada Quill"), run("12") | {"supports": ["counted"]}]},
        "/figures/0/value",
        "the number 12 in digits",
    ),
    "a number in another form": (
        {"/figures/0/form": "words"},
        "/figures/0/value",
        "the number 12 in words",
    ),
    "words of another size": (
        {
            "/figures/0/value": GONE,
            "/figures/0/suspected": GONE,
            "/figures/0/form": "words",
            "/figures/0/quantifier": "in_words",
            "/figures/0/magnitude": "tens",
        },
        "/figures/0/magnitude",
        "no selected words say tens",
    ),
    "members that are not so many": (
        {
            "/figures/0/form": "enumerated",
            "/figures/0/enumerated": {"actors": ["ada-quill", "council"]},
        },
        "/figures/0/enumerated/actors",
        "the value is 12, and 2 are listed",
    ),
    "members that nobody lists": (
        {"/figures/0/form": "enumerated"},
        "/figures/0/form",
        "`enumerated` lists nobody",
    ),
    "a document of another name": (
        {"/sources/0/document/name": "herald.txt"},
        "/sources/0/document/name",
        "no document is named herald.txt; the one with the stated sha256 is named herald-001.txt",
    ),
    "a document that nobody has": (
        {"/sources/0/document/name": "lost.txt", "/sources/0/document/sha256": "0" * 64},
        "/sources/0/document/name",
        "no document is named lost.txt, and none has the stated sha256",
    ),
    "a name with another digest": (
        {"/sources/1/document/name": "herald-001.txt"},
        "/sources/1/document/sha256",
        "; the one with the stated sha256 is named wire-002.txt",
    ),
    "other bytes": (
        {"/sources/0/document/bytes": 7},
        "/sources/0/document/bytes",
        f"7 bytes are stated, and the document has {LENGTH}",
    ),
    "other characters": (
        {"/sources/0/document/characters": 7},
        "/sources/0/document/characters",
        f"7 characters are stated, and the document has {LENGTH}",
    ),
    "nine words in a row of theirs": (
        {"/events/0/summary": f"It tells how {SENTENCE}, or so."},
        "/events/0/summary",
        "9 words in a row stand in herald-001.txt too, from: "
        "the old harbour bridge gave way on monday evening",
    ),
}


def place_in(path: Path, pointer: str) -> str:
    """Where a record's member stands in an interchange file."""
    _, kind, index, *rest = pointer.split("/")
    before = sum(len(found) for name, found in records().items() if name < kind)
    return f"{path}:{2 + before + int(index)} {'/'.join(['/record', *rest])}: "


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_once_with_its_place_in_a_plain_sentence(bench, fault) -> None:
    changes, pointer, sentence = FAULTS[fault]
    path = bench.snapshot(changes)

    done = bench.verify(path)

    told, verdict = done.output.splitlines()
    assert done.exit_code == 1
    assert told.startswith(place_in(path, pointer))
    assert sentence in told
    assert verdict.startswith("1 fault; ")


def test_a_fault_in_json_has_the_same_place(bench) -> None:
    path = bench.snapshot({"/figures/0/value": 2})

    done = bench.verify(path, "--json")

    assert done.exit_code == 1
    assert json.loads(done.output)["faults"] == [
        {
            "file": str(path),
            "line": 7,
            "pointer": "/record/value",
            "detail": "no selected words have the number 2 in digits",
        }
    ]


def test_a_number_that_is_implied_need_not_be_found(bench) -> None:
    assert (
        bench.verify(
            bench.snapshot({"/figures/0/value": 7, "/figures/0/form": "implied"})
        ).exit_code
        == 0
    )


def test_members_that_are_so_many_are_no_fault(bench) -> None:
    listed = {"actors": ["ada-quill", "council"]}
    release = bench.snapshot(
        {
            "/figures/0/value": 2,
            "/figures/0/form": "enumerated",
            "/figures/0/enumerated": listed,
        }
    )

    assert bench.verify(release).exit_code == 0


def test_a_record_that_is_not_valid_is_told_and_the_rest_is_checked(bench) -> None:
    done = bench.verify(bench.snapshot({"/figures/0/unit": "things", "/figures/1/value": 16}))

    assert "/record/unit: " in done.output
    assert "the number 16 in digits" in done.output
    assert done.output.splitlines()[-1].startswith("2 faults; 6 of 6 evidence items")


def test_what_rests_on_a_source_that_is_not_valid_is_not_told_again(bench) -> None:
    done = bench.verify(bench.snapshot({"/sources/1/standing": "good"}))

    assert "/record/standing: " in done.output
    assert done.output.splitlines()[-1].startswith("1 fault; 5 of 8 evidence items")


def test_a_line_that_cannot_be_read_is_told(bench) -> None:
    path = bench.snapshot()
    path.write_bytes(path.read_bytes() + b"{\n")

    done = bench.verify(path)

    assert done.exit_code == 1
    assert f"{path}:11: not JSON" in done.output


def test_what_is_no_release_is_refused(bench, tmp_path) -> None:
    done = bench.verify(tmp_path / "missing.ndjson")

    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert isinstance(done.exception, SystemExit)


@pytest.mark.parametrize("words", [[], ["x.ndjson"], ["x.ndjson", "--documents", "nowhere"]])
def test_a_wrong_usage_ends_in_two(words) -> None:
    assert CliRunner().invoke(main, ["verify-evidence", *words]).exit_code == 2
