"""A line that is known by its bytes or plainly valid is what a reading with care makes of it."""

import os
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service import canonical
from service.errors import Refused
from service.lines.plain import Known
from service.loader import Report, Request, load, open_release, recognition
from service.loader.recognition import Recognition
from service.loader.release import Malformed, files, strict_json
from service.model import KINDS, Place
from service.store import Database, ingestions, revisions
from service.store.staging import Staging
from service.store.tables import DESCRIBED
from tests.builders import DATASET
from tests.loader.releases import NOW, actor, numbered
from tests.schemas import samples
from tests.steady import steady, steady_store

_names = count(1)


def looking(db: Database) -> Callable[[bytes], Known | None]:
    """Return the look at lines of a first release."""
    return Recognition(db, None, (), {}).look


def line(kind: str, record: dict[str, Any]) -> bytes:
    """Return a record as an export writes it."""
    arranged = DESCRIBED[kind].arranged(record)
    return canonical.canonical({"kind": kind, "record": arranged})


LINES = [
    line(kind, record)
    for kind, records in samples.records().items()
    for record in [*records, getattr(samples, f"minimal_{DESCRIBED[kind].singular}")()]
]
ODD = [
    b"12.0", b"1e3", b"-0", b"0.5", b"0.50", b"1" * 16, b"1" * 30, b"NaN", b"null", b"true", b'"',
    b"\\ud800", b"\\u0061", b"\\n", b" ", b"\t", b"\r", b"\xef\xbb\xbf", b"\xff", b"\x00", b",",
    "e\u0301".encode(), "\u00e9".encode(), b"{", b"}", b"[" * 70 + b"]" * 70, b'"id":"other",',
    b'"note":"x",', b'"reason":"withdrawn",', b'"value":12,', b'"kind":"sources",',
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Draw a line with up to two changes of its bytes, some of which do no harm."""
    data = draw(st.sampled_from(LINES))
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(data)))
        end = start + draw(st.sampled_from([0, 0, 1, 2, 30]))
        piece = draw(st.sampled_from([b"", data[start:end] * 2, *ODD]) | st.binary(max_size=2))
        data = data[:start] + piece + data[end:]
    return data


def with_care(data: bytes) -> Known | None:
    """Return what strict reading and both validators make of a line that holds a record alone."""
    try:
        value = strict_json.decode(data, starts_file=False)
    except Malformed:
        return None
    if not isinstance(value, dict) or value.keys() != {"kind", "record"}:
        return None
    kind, record = value["kind"], value["record"]
    if kind not in KINDS or DESCRIBED[kind].problems(record):
        return None
    body = canonical.canonical(DESCRIBED[kind].arranged(record))
    return Known(kind, record["id"], canonical.digest(body), body, record)


@settings(steady, max_examples=max(600, steady.max_examples))
@given(mutated())
def test_what_is_seen_at_a_look_is_what_is_read_with_care(data: bytes) -> None:
    seen = Recognition(None, None, (), {}).look(data)  # type: ignore[arg-type]

    assert seen is None or seen == with_care(data)


def test_every_line_of_an_export_is_seen_at_a_look(db: Database) -> None:
    for data in LINES:
        assert looking(db)(data) == with_care(data) is not None


@pytest.mark.parametrize("spelled", [
    line("sources", samples.minimal_source()).replace(b'{"kind"', b'{ "kind"'),
    line("sources", samples.minimal_source()).replace(b'"id":', b'"id":"a","id":'),
    line("sources", samples.source()).replace(b'"bytes":', b'"bytes":1,"bytes":'),
    line("figures", samples.figure()).replace(b'"value":12', b'"value":12.0'),
    line("figures", samples.figure()).replace(b'"value":12', b'"value":-0'),
    line("actors", samples.actor()).replace(b"a", b"\\u0061"),
    line("sources", samples.stub()),
    line("sources", samples.minimal_source())[:-1],
    line("sources", samples.minimal_source()) + b"}",
    b"",
])  # fmt: skip
def test_a_line_in_another_spelling_is_read_with_care(db: Database, spelled: bytes) -> None:
    assert looking(db)(spelled) is None


def test_the_comparison_notices_a_look_that_overlooks_the_spelling(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice = line("sources", samples.minimal_source()).replace(b'"id":', b'"id":"a","id":')
    record = orjson.loads(twice)["record"]
    monkeypatch.setattr(type(DESCRIBED["sources"]), "accepted", lambda kind, value: twice[27:-1])
    assert record == samples.minimal_source()

    assert looking(db)(twice) != with_care(twice)


# Whole loads: with recognition, and with every line read with care.


class Careful(Recognition):
    """Recognises nothing."""

    def look(self, line: bytes) -> None:
        return None

    def follow(self, block: bytes, start: int) -> None:
        return None


numbers = st.integers(0, 3)
faults = st.sampled_from([
    "", "", "", "", "twice", "at once twice", "of two kinds", "unknown member", "dangling",
    "not json",
])  # fmt: skip
releases = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from("abcdefgh"), numbers, max_size=8),
        st.sampled_from(["a place more", "a place moved", "", ""]),
        faults,
        st.sampled_from(["", "", "backwards", "turned", "returned", "leaning"]),
    ),
    min_size=1,
    max_size=4,
)


def written(path: Path, number: int, release: tuple[Any, ...]) -> Path:
    """Write a snapshot as an export writes it, with a fault if one is drawn."""
    chosen, place, fault, manner = release
    document = samples.dataset()
    if place:
        more: dict[str, Any] = {"id": "far", "name": "Far"}
        document["places"] = [*document["places"], more | (
            {"within": ["north-quay"]} if place == "a place moved" else {})]  # fmt: skip
    names = sorted(chosen, reverse=manner == "backwards")
    names = names[4:] + names[:4] if manner == "turned" else names
    lines = [line("sources", samples.minimal_source()), line("events", samples.minimal_event())]
    lines += [line("actors", actor(name, note=f"value {chosen[name]}")) for name in names]
    if manner == "leaning":
        # What these refer to may be gone where they are as they were.
        source = samples.minimal_source()["id"]
        spoken_for = [("b-voice", "a"), ("z-voice", "h")]
        lines += [
            line("actors", actor(name, speaks_for={"actor": other, "source": source}))
            for name, other in spoken_for
        ]
    lines += [line("sources", samples.minimal_source() | {"id": f"s-{name}"}) for name in names]
    _add_fault(lines, names, fault)
    first = {"dataset": document, "release": {"mode": "snapshot", "message": str(number)}}
    ends = [
        b"\r\n" if manner == "returned" and odd % 3 == 0 else b"\n" for odd in range(len(lines))
    ]
    written = [each + end for each, end in zip(lines, ends, strict=True)]
    path.write_bytes(b"".join([canonical.canonical(first) + b"\n", *written]))
    return path


def _add_fault(lines: list[bytes], names: list[str], fault: str) -> None:
    if names and fault == "twice":
        lines.append(lines[2])
    if names and fault == "at once twice":
        lines.insert(3, lines[2])
    if names and fault == "of two kinds":
        lines.append(line("sources", samples.minimal_source() | {"id": names[-1]}))
    if names and fault == "unknown member":
        lines.append(line("actors", actor("bad", stray=1)))
    if fault == "dangling":
        lines.append(line("actors", actor("lost", speaks_for={"actor": "no", "source": "no"})))
    if fault == "not json":
        lines.append(b'{"kind":')


def loaded(db: Database, path: Path, name: str) -> Report:
    """Load, and return the report with what differs from run to run left out."""
    with open_release(str(path)) as release:
        try:
            report = load(db, release, Request(name, approve=None), clock=lambda: NOW)
        except Refused as error:
            report = Report("", name, path.name, "refused", "", "", flaws=error.flaws)
    return replace(
        report, ingestion="", recognised=0, locked_seconds=0, dataset="", chain="", message=""
    )


def in_small_pieces(patch: pytest.MonkeyPatch) -> None:
    """Have lines that are the same compared in many pieces."""
    patch.setattr(recognition, "PAGE", 2)
    patch.setattr(recognition, "WINDOW", 100)
    patch.setattr(files, "_BLOCK", 1500)


@steady_store
@given(releases)
def test_recognition_changes_no_revision_and_no_report(
    db: Database, tmp_path: Path, drawn: list[tuple[Any, ...]]
) -> None:
    number = next(_names)
    for step, release in enumerate(drawn):
        path = written(tmp_path / f"release-{number}-{step}.ndjson", step, release)
        with pytest.MonkeyPatch.context() as patch:
            in_small_pieces(patch)
            quick = loaded(db, path, f"quick-{number}")
            patch.setattr("service.loader.preparation.Recognition", Careful)
            assert loaded(db, path, f"careful-{number}") == quick


FIRST = (dict.fromkeys("abcdefgh", 0), "", "", "leaning")


@pytest.mark.parametrize(
    ("second", "places"),
    [
        ((dict.fromkeys("abcdefgh", 0), "", "twice", "leaning"), ["22 /record"]),
        ((dict.fromkeys("abcdefgh", 0), "", "at once twice", "leaning"), ["5 /record"]),
        (
            (dict.fromkeys("abcdefgh", 0), "", "of two kinds", "leaning"),
            ["22 /record"] * 2,
        ),
        ((dict.fromkeys("abcdefg", 0), "", "", "leaning"), ["12 /record"]),
        ((dict.fromkeys("bcdefgh", 0), "", "", "leaning"), ["11 /record"]),
    ],
)
def test_a_line_that_was_not_even_parsed_is_told_with_its_place(
    db: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    second: tuple[Any, ...],
    places: list[str],
) -> None:
    in_small_pieces(monkeypatch)
    loaded(db, written(tmp_path / "first.ndjson", 0, FIRST), DATASET)

    report = loaded(db, written(tmp_path / "second.ndjson", 1, second), DATASET)

    assert [f"{each.place.line} {each.place.pointer}" for each in report.flaws] == places


def _displaced(
    staging: Staging, kind: str, record_id: str, passed_at: Any = Staging.passed_at
) -> Place | None:
    place = passed_at(staging, kind, record_id)
    return place._replace(line=place.line + 1) if place else None


LOST = {
    "the place": ("passed_at", _displaced, "twice"),
    "what is given again": ("_given_again", lambda staging, kind: iter(()), "twice"),
    "what was passed": ("pass_by", lambda staging, passages: None, ""),
}


@pytest.mark.parametrize("what", LOST)
def test_the_comparison_notices_that_something_of_passed_lines_is_lost(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    member, wrong, fault = LOST[what]
    monkeypatch.setattr(Staging, member, wrong)
    quick, careful = [], []
    for number, release in enumerate([FIRST, (FIRST[0] | {"h": 1}, "", fault, "leaning")]):
        path = written(tmp_path / f"{number}.ndjson", number, release)
        with pytest.MonkeyPatch.context() as patch:
            in_small_pieces(patch)
            quick.append(loaded(db, path, "quick"))
            patch.setattr("service.loader.preparation.Recognition", Careful)
            careful.append(loaded(db, path, "careful"))

    assert quick[0] == careful[0]
    assert quick[1] != careful[1]


def test_what_the_head_has_is_counted_and_not_parsed(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "PAGE", 3)
    actors = sorted(numbered(20)["actors"], key=lambda each: str(each["id"]))
    base = [samples.minimal_source(), *actors]
    path = _release(tmp_path / "one.ndjson", base, "first")
    assert _report(db, path).recognised == 0

    changed = [*base[:5], base[5] | {"note": "changed"}, *base[7:], actor("new")]
    report = _report(db, _release(tmp_path / "two.ndjson", changed, "second"))

    assert report.changes == {"actors": {"added": 1, "modified": 1, "removed": 1}}
    assert report.recognised == len(base) - 2
    assert report.as_json()["recognised"] == report.recognised


def test_a_delta_is_not_compared_with_the_whole_head(db: Database, tmp_path: Path) -> None:
    base = [samples.minimal_source(), *numbered(3)["actors"]]
    _report(db, _release(tmp_path / "one.ndjson", base, "first"))

    report = _report(db, _release(tmp_path / "two.ndjson", base[1:], "second", mode="delta"))

    assert (report.outcome, report.recognised) == ("unchanged", 0)


@pytest.mark.parametrize("is_file", [True, False], ids=["file", "pipe"])
def test_a_release_that_was_published_is_known_before_it_is_parsed(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_file: bool
) -> None:
    path = _release(tmp_path / "one.ndjson", [samples.minimal_source()], "first")
    first = _report(db, path)
    parsed: list[bytes] = []
    look = Recognition.look

    def telling(self: Recognition, line: bytes) -> Known | None:
        parsed.append(line)
        return look(self, line)

    monkeypatch.setattr(Recognition, "look", telling)
    monkeypatch.setattr(Recognition, "follow", lambda *_: None)
    if is_file:
        again = _report(db, path)
    else:
        source, sink = os.pipe()
        os.write(sink, path.read_bytes())
        os.close(sink)
        with open(source, "rb") as stream, open_release("-", stdin=stream) as release:
            again = load(db, release, Request(DATASET))

    assert (again.outcome, again.release_digest) == ("unchanged", first.release_digest)
    assert bool(parsed) is not is_file


def test_the_report_says_how_long_others_waited(db: Database, tmp_path: Path) -> None:
    path = _release(tmp_path / "one.ndjson", [samples.minimal_source()], "first")

    report = _report(db, path)

    kept = ingestions.find(db, report.ingestion)
    assert kept is not None
    assert kept.report["locked_seconds"] == report.locked_seconds > 0


def test_the_same_record_twice_is_refused_though_the_head_has_it(
    db: Database, tmp_path: Path
) -> None:
    base = [samples.minimal_source(), *numbered(3)["actors"]]
    _report(db, _release(tmp_path / "one.ndjson", base, "first"))

    with pytest.raises(Refused) as refused:
        _report(db, _release(tmp_path / "two.ndjson", [*base, base[1]], "second"))

    (flaw,) = refused.value.flaws
    assert flaw.place.line == 6
    assert "already given at" in flaw.detail
    dataset = revisions.find_dataset(db, DATASET)
    assert dataset is not None
    assert dataset.head.number == 1


def _release(
    path: Path, records: list[dict[str, Any]], message: str, mode: str = "snapshot"
) -> Path:
    first: dict[str, Any] = {"release": {"mode": mode, "message": message}}
    if mode == "snapshot":
        first["dataset"] = samples.dataset()
    lines = [line("sources" if "document" in r else "actors", r) for r in records]
    path.write_bytes(b"".join(each + b"\n" for each in [canonical.canonical(first), *lines]))
    return path


def _report(db: Database, path: Path) -> Report:
    with open_release(str(path)) as release:
        return load(db, release, Request(DATASET))
