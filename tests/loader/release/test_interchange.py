import io
import json
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from service.errors import Refused
from service.loader.release import End, Item, Recognised, Removal, limits, open_release, place_of
from service.loader.release.base import Looking
from service.model import Flaw, Place, Reason
from tests.loader.release.reading import (
    DATASET,
    DIGEST,
    a_record,
    a_source,
    first,
    flaws,
    lines,
    piped,
    read,
    records,
    write,
)


def end(count: int, **members: Any) -> dict[str, Any]:
    return {"end": {"records": count, "digest": DIGEST, **members}}


def places(data: bytes) -> list[str]:
    return [flaw.split(": ")[0].removeprefix("standard input") for flaw in flaws(read(piped(data)))]


def test_an_export_is_read_back(tmp_path: Path) -> None:
    opening = first(issued="2022-01-06T23:59:59Z", complete=True)
    data = lines(opening, a_record("s1"), a_record("s2", reason="source_added", why="New."), end(2))
    file = f"{write(tmp_path, {'export.ndjson': data})}/export.ndjson"
    release = open_release(file)
    assert release.declared is None
    parts = read(release)
    assert records(parts) == [("sources", "s1"), ("sources", "s2")]
    assert (release.mode, release.issued) == ("snapshot", "2022-01-06T23:59:59Z")
    assert release.declared == End(2, DIGEST)
    assert release.document is not None
    assert release.document.record == DATASET
    assert place_of(release.document, "/title") == Place(file, 1, "/dataset/title")
    plain, reasoned = parts
    assert isinstance(plain, Item)
    assert isinstance(reasoned, Item)
    assert (plain.reason, reasoned.reason) == (None, Reason("source_added", "New."))
    assert plain.raw == json.dumps(a_record("s1")).encode()
    assert place_of(reasoned, "/id") == Place(file, 3, "/record/id")


def test_a_delta_upserts_and_removes() -> None:
    base = {"number": 3, "digest": DIGEST}
    removal = {"kind": "figures", "remove": "killed-a", "why": "Counted twice."}
    release = piped(lines(first("delta", base=base, message="A day."), a_record("s1"), removal))
    item, removed = read(release)
    assert isinstance(item, Item)
    place = Place("standard input", 3)
    assert removed == Removal("figures", "killed-a", Reason("unstated", "Counted twice."), place)
    assert (release.base, release.message, release.document) == ((3, DIGEST), "A day.", None)


def test_options_win_over_the_first_line() -> None:
    release = piped(lines(first("delta")), mode="snapshot", issued="2022-01-09", message="x")
    read(release)
    assert (release.mode, release.issued, release.message) == ("snapshot", "2022-01-09", "x")


def test_the_digest_is_that_of_all_bytes() -> None:
    data = lines(first("delta", issued="2022-01-06"), a_record("s1"), end(1)).replace(
        b"\n", b"\r\n"
    )
    for given in (data, b"\xef\xbb\xbf" + data, data.rstrip(), data + b"\n"):
        release = piped(given)
        read(release)
        assert release.digest == sha256(b"delta 2022-01-06\n" + given).hexdigest()


@pytest.mark.parametrize("end_of_line", [b"\n", b"\r\n"])
@pytest.mark.parametrize("cut", [0, 1])
def test_line_ends_and_the_lack_of_the_last_one_make_no_difference(
    end_of_line: bytes, cut: int
) -> None:
    data = lines(first(complete=True), a_record("s1"), end(1)).replace(b"\n", end_of_line)
    release = piped(data.rstrip() if cut else data)
    assert records(read(release)) == [("sources", "s1")]
    assert release.declared == End(1, DIGEST)


def test_every_cut_of_a_file_that_promises_its_end_is_refused(tmp_path: Path) -> None:
    whole = lines(first(complete=True), a_record("s1"), a_record("s2"), end(2))
    assert not flaws(read(piped(whole)))
    file = tmp_path / "cut.ndjson"
    for length in range(len(whole) - 1):
        assert _is_refused(lambda n=length: piped(whole[:n])), length
        file.write_bytes(whole[:length])
        assert _is_refused(lambda: open_release(str(file))), length


def _is_refused(opened: Any) -> bool:
    try:
        return bool(flaws(read(opened())))
    except Refused:
        return True


def test_a_truncated_file_is_called_so() -> None:
    whole = lines(first(complete=True), a_record("s1"), end(1))
    (flaw,) = flaws(read(piped(lines(first(complete=True), a_record("s1")))))
    assert flaw.startswith("standard input:2: truncated")
    assert any("truncated" in flaw for flaw in flaws(read(piped(whole[:-10]))))
    assert not flaws(read(piped(lines(first(), a_record("s1")))))


@pytest.mark.parametrize(
    ("between", "where"),
    [
        ("", ":2"),
        ("   ", ":2"),
        ("{", ":2"),
        ("[]", ":2"),
        ("{}", ":2 /kind"),
        ('{"kind":"sources","kind":"sources","record":{}}', ":2 /kind"),
        ('{"kind":"sources","record":{"id":NaN}}', ":2 /record/id"),
        ('{"kind":"source","record":{}}', ":2 /kind"),
        ('{"kind":["sources"],"record":{}}', ":2 /kind"),
        ('{"kind":"dataset","record":{}}', ":2 /kind"),
        ('{"record":{}}', ":2 /kind"),
        ('{"kind":"sources","record":[]}', ":2 /record"),
        ('{"kind":"sources","record":null}', ":2 /record"),
        ('{"kind":"sources"}', ":2"),
        ('{"kind":"sources","record":{},"remove":"a"}', ":2 /remove"),
        ('{"kind":"sources","remove":1.0}', ":2 /remove"),
        ('{"kind":"sources","remove":"A"}', ":2 /remove"),
        ('{"kind":"sources","remove":"s1"}', ":2 /remove"),
        ('{"kind":"sources","record":{},"reason":"because"}', ":2 /reason"),
        ('{"kind":"sources","record":{},"why":""}', ":2 /why"),
        ('{"kind":"sources","record":{},"note":"x"}', ":2 /note"),
    ],
)
def test_each_line_is_judged(between: str, where: str) -> None:
    assert places(lines(first(complete=True), between, end(1))) == [where]


def test_a_misspelled_number_of_a_record_is_left_to_those_who_judge_records() -> None:
    line = '{"kind":"sources","record":{"id":"s1","n":1.50},"why":"x"}'
    assert records(read(piped(lines(first(), line)))) == [("sources", "s1")]


@pytest.mark.parametrize(
    ("last", "where"),
    [
        (end(2), [":3 /end/records"]),
        (end(1, redacted=2), [":3 /end/redacted"]),
        (end(1, redacted=0), []),
        ({"end": {"records": 1}}, []),
        ({"end": {"digest": DIGEST}}, [":3 /end/records"]),
        ({"end": 1}, [":3 /end"]),
        (end(1, more=1), [":3 /end/more"]),
        ({**end(1), "kind": "sources"}, [":3 /kind"]),
        ({"end": {"records": True}}, [":3 /end/records"]),
        ({"end": {"records": 1, "digest": "xyz"}}, [":3 /end/digest"]),
    ],
)
def test_the_end_is_judged(last: dict[str, Any], where: list[str]) -> None:
    assert places(lines(first(complete=True), a_record("s1"), last)) == where


@pytest.mark.parametrize("after", [a_record("s2"), end(1), ""])
def test_lines_after_the_end_are_refused(after: Any) -> None:
    assert places(lines(first(), a_record("s1"), end(1), after, after)) == [":4"]


@pytest.mark.parametrize(
    ("opening", "where"),
    [
        ({}, [":1 /release"]),
        ({"dataset": DATASET}, [":1 /release"]),
        (a_record("s1"), [":1 /kind", ":1 /record", ":1 /release"]),
        ({"release": 1}, [":1 /release"]),
        ({"release": {}}, [":1 /release/mode"]),
        ({"release": {"mode": "snapshot"}}, [":1"]),
        ({"release": {"mode": "delta"}, "dataset": []}, [":1 /dataset"]),
        ({"release": {"mode": "delta"}, "more": []}, [":1 /more"]),
        ({"release": {"mode": "delta"}, "releases": []}, [":1 /releases"]),
        ({"release": {"mode": "both", "more": 1}}, [":1 /release/mode", ":1 /release/more"]),
        (first("delta", complete="yes"), [":1 /release/complete"]),
        (first("delta", issued="now"), [":1 /release/issued"]),
        (first("delta", base={"number": 1}), [":1 /release/base/digest"]),
        (first("delta", remove=[]), [":1 /release/remove"]),
    ],
)
def test_the_first_line_is_judged(opening: dict[str, Any], where: list[str]) -> None:
    assert places(lines(opening, a_record("s1"))) == where


def test_a_first_line_that_is_not_json_does_not_hide_the_rest(tmp_path: Path) -> None:
    data = lines('{"release":', a_record("s1"), "{", {"kind": "sources", "remove": "s2"})
    release = open_release(f"{write(tmp_path, {'r.ndjson': data})}/r.ndjson")
    parts = read(release)
    assert [part.place.line for part in parts if isinstance(part, Flaw)] == [1, 3]
    assert len(parts) == 4


def test_records_of_the_dataset_are_left_to_those_who_judge_them() -> None:
    line = '{"dataset":{"title":1.50},"release":{"mode":"snapshot"}}'
    assert read(piped(lines(line))) == []


def test_recognised_lines_are_counted_and_not_parsed() -> None:
    known = "{this is not even JSON}"
    data = lines(first(complete=True), known, a_record("s1"), end(2))
    release = piped(data)
    parts = list(release.items(Knowing({known.encode(): 7})))
    assert parts[0] == Recognised(known.encode(), Place("standard input", 2), 7)
    assert isinstance(parts[1], Item)
    assert release.declared == End(2, DIGEST)


class Knowing(Looking):
    """Knows some lines."""

    def __init__(self, known: dict[bytes, int]) -> None:
        self._known = known

    def look(self, line: bytes) -> int | None:
        return self._known.get(line)


class Flowing(io.RawIOBase):
    """A stream that makes its bytes while they are read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._left = chunks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._left = self._left or next(self._chunks, b"")
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


def test_a_line_of_100_mb_is_refused_in_bounded_memory_and_the_next_is_read() -> None:
    def chunks() -> Iterator[bytes]:
        yield lines(first("delta"), a_record("s1"))
        for _ in range(100):
            yield b"x" * limits.MIB
        yield b"\n" + lines(a_record("s2"))

    tracemalloc.start()
    parts = read(open_release("-", stdin=io.BufferedReader(Flowing(chunks()))))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    one, refused, two = parts
    assert isinstance(refused, Flaw)
    assert str(refused).startswith("standard input:3: longer than 16 MiB")
    assert records([one, two]) == [("sources", "s1"), ("sources", "s2")]
    assert isinstance(two, Item)
    assert two.place.line == 4
    assert peak < 64 * limits.MIB


def test_a_first_line_that_is_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LINE", 1000)
    data = lines(first("delta", message="x" * 2000), a_record("s1"))
    release = open_release(f"{write(tmp_path, {'r.ndjson': data})}/r.ndjson")
    flaw, item = read(release)
    assert isinstance(flaw, Flaw)
    assert flaw.place.line == 1
    assert isinstance(item, Item)
    assert item.place.line == 2


def test_a_line_may_be_as_long_as_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    line = json.dumps(a_record("s1", why="w" * 200))
    monkeypatch.setattr(limits, "LINE", len(line))
    assert records(read(piped(lines(first("delta"), line, line).rstrip())))
    monkeypatch.setattr(limits, "LINE", len(line) - 1)
    assert [
        flaw.split(": ")[0] for flaw in flaws(read(piped(lines(first("delta"), line, line))))
    ] == [
        "standard input:2",
        "standard input:3",
    ]


def test_a_read_error_in_the_middle_is_a_flaw() -> None:
    def chunks() -> Iterator[bytes]:
        yield lines(first("delta"), a_record("s1"))
        raise OSError(5, "Input/output error")

    _, flaw = read(open_release("-", stdin=io.BufferedReader(Flowing(chunks()), 64)))
    assert str(flaw) == "standard input: cannot be read: input/output error"


def test_a_stream_of_many_records_is_not_kept() -> None:
    line = lines(a_record("s1", record=a_source("s1", title="x" * 10_000)))

    def chunks() -> Iterator[bytes]:
        yield lines(first("delta"))
        for _ in range(2_000):
            yield line

    tracemalloc.start()
    count = sum(1 for _ in open_release("-", stdin=io.BufferedReader(Flowing(chunks()))).items())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 2_000
    assert peak < 4 * limits.MIB
