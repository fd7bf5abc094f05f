"""A download that was cut off goes on where it ended, and comes to the same bytes."""

import zipfile
from collections.abc import Iterator
from threading import BoundedSemaphore
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from service.loader.redaction import redact
from service.reading import exports, lengths
from service.store import Database, records
from service.web import streams
from tests.api.contract import Contract
from tests.api.published import CHANGED, NAME
from tests.api.walking import HERE
from tests.steady import steady_store
from tests.store.histories import histories, publish_all
from tests.store.states import State, actors, at, publish

FORMS = ("ndjson", "json", "zip")
EXPORT = f"{HERE}/revisions/3/export"
NDJSON = f"{EXPORT}?format=ndjson"
CUTS = st.lists(st.floats(0, 1), min_size=1, max_size=6)


def part(client: FlaskClient, asked: str, address: str = NDJSON, **headers: str) -> Any:
    answer = client.get(address, headers={"Range": asked, **headers})
    answer.get_data()
    return answer


@pytest.mark.parametrize("form", FORMS)
def test_a_download_goes_on_wherever_it_was_cut(client: FlaskClient, form: str) -> None:
    address = f"{EXPORT}?format={form}"
    whole = client.get(address)
    size, tag = len(whole.get_data()), whole.headers["ETag"]

    got, step = b"", size // 7 + 1
    while len(got) < size:
        asked = {"Range": f"bytes={len(got)}-", "If-Range": tag}
        answer = client.get(address, headers=asked)
        assert answer.status_code == 206
        assert answer.headers["Content-Range"] == f"bytes {len(got)}-{size - 1}/{size}"
        assert answer.headers["ETag"] == tag
        assert len(answer.get_data()) == int(answer.headers["Content-Length"]) == size - len(got)
        got += answer.get_data()[:step]

    assert got == whole.get_data()
    assert whole.headers["Accept-Ranges"] == "bytes"


@steady_store
@given(histories, CUTS)
def test_a_stream_from_some_byte_on_is_the_rest_of_it(
    db: Database, monkeypatch: pytest.MonkeyPatch, history: list[State], cuts: list[float]
) -> None:
    monkeypatch.setattr(records, "STEP", 2)
    reading = at(db, len(history), publish_all(db, history))

    for form in FORMS:
        whole = b"".join(exports.since(form, db, reading))
        for start in {round(cut * len(whole)) for cut in cuts}:
            assert b"".join(exports.since(form, db, reading, start)) == whole[start:], (form, start)


@pytest.mark.parametrize("form", FORMS)
def test_it_is_the_rest_of_it_where_bodies_were_erased(store: Database, form: str) -> None:
    redact(store, NAME, "figures", CHANGED, "a witness")
    reading = at(store, 2, NAME)

    whole = b"".join(exports.since(form, store, reading))

    for start in range(0, len(whole), len(whole) // 9):
        assert b"".join(exports.since(form, store, reading, start)) == whole[start:]


@pytest.mark.parametrize("form", ["ndjson", "json"])
def test_what_lies_before_is_measured_and_not_read(
    db: Database, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    publish(db, actors(*(f"a{number:02}" for number in range(40)), note="ünï 🙂"))
    monkeypatch.setattr(records, "STEP", 10)
    read: list[int] = []
    page = records.page

    def counted(*arguments: Any) -> Any:
        found = page(*arguments)
        read.append(len(found))
        return found

    monkeypatch.setattr(records, "page", counted)
    reading = at(db)
    whole = b"".join(exports.since(form, db, reading))
    assert sum(read) == 40

    for record, expected in (("a39", 10), ("a25", 20), ("a00", 40)):
        read.clear()
        start = whole.index(f'"id":"{record}"'.encode())

        assert b"".join(exports.since(form, db, reading, start)) == whole[start:]
        assert sum(read) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=10-10", slice(10, 11)),
        ("bytes=5-999999999", slice(5, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=-999999999", slice(None)),
    ],
)
def test_one_range_is_told(
    client: FlaskClient, contract: Contract, asked: str, expected: slice
) -> None:
    whole = client.get(NDJSON).get_data()

    answer = part(client, asked)

    assert answer.status_code == 206
    assert answer.get_data() == whole[expected]
    assert contract.violations(EXPORT, answer) == []


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-1,5-9", "bytes=9-5", "bytes=", "bytes=a-", "lines=0-9", "0-9", "bytes=-", "bytes=٣-"],
)
def test_what_is_no_single_range_gets_the_whole(client: FlaskClient, asked: str) -> None:
    answer = part(client, asked)

    assert answer.status_code == 200
    assert "Content-Range" not in answer.headers
    assert answer.get_data() == client.get(NDJSON).get_data()


@pytest.mark.parametrize("asked", ["bytes=999999999-", "bytes=-0"])
def test_a_range_behind_the_end_is_refused_with_the_length(
    client: FlaskClient, contract: Contract, asked: str
) -> None:
    answer = part(client, asked)

    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(client.get(NDJSON).get_data())}"
    assert contract.violations(EXPORT, answer) == []


def test_only_the_strong_tag_shows_that_it_is_the_same(client: FlaskClient) -> None:
    tag = client.get(NDJSON).headers["ETag"]
    other = client.get(f"{EXPORT}?format=json").headers["ETag"]

    assert part(client, "bytes=5-", **{"If-Range": tag}).status_code == 206
    for stale in (other, f"W/{tag}", "Fri, 07 Jan 2022 23:59:59 GMT", "nonsense"):
        answer = part(client, "bytes=5-", **{"If-Range": stale})
        assert (answer.status_code, len(answer.get_data())) == (
            200,
            int(answer.headers["Content-Length"]),
        )
    assert part(client, "bytes=5-", **{"If-None-Match": tag}).status_code == 304


def test_after_a_redaction_it_begins_anew(publishing: FlaskClient, store: Database) -> None:
    tag = publishing.get(NDJSON).headers["ETag"]

    redact(store, NAME, "figures", CHANGED, "a witness")
    answer = part(publishing, "bytes=5-", **{"If-Range": tag})

    assert answer.status_code == 200
    assert answer.get_data() == publishing.get(NDJSON).get_data()


@pytest.mark.parametrize(
    "address",
    [f"{HERE}/export?format=ndjson", f"{EXPORT}?format=csv", f"{EXPORT}?format=geojson",
     f"{HERE}/revisions/3/figures"],
)  # fmt: skip
def test_what_may_become_other_bytes_is_told_whole(client: FlaskClient, address: str) -> None:
    answer = part(client, "bytes=5-9", address)

    assert answer.status_code == 200
    assert "Accept-Ranges" not in answer.headers


def test_a_head_tells_the_whole(client: FlaskClient) -> None:
    answer = client.head(NDJSON, headers={"Range": "bytes=5-9"})

    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == str(len(client.get(NDJSON).get_data()))


def test_what_comes_before_a_part_is_made_outside_of_the_time_of_a_question() -> None:
    def parts() -> Iterator[bytes]:
        made.append(1)
        yield b"x"

    made: list[int] = []
    whole, part = (streams.Sent(parts(), BoundedSemaphore(1), at_once=now) for now in (True, False))

    assert made == [1]
    assert [list(whole), list(part)] == [[b"x"], [b"x"]]
    assert made == [1, 1]


def test_the_length_of_a_zip_of_very_many_files_is_known(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(db, actors("a", "b", "c"))
    usual = lengths.of(db, at(db), "zip")
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)

    whole = b"".join(exports.since("zip", db, at(db)))

    assert lengths.of(db, at(db), "zip") == len(whole) == (usual or 0) + 76
