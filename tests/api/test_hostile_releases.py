"""What no client should send: each is refused as documented, quickly, and leaves no trace."""

import gzip
import io
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.store import Database, ingestions
from service.web import OPERATIONS, access, bodies, journal
from service.web.operation import Operation
from tests.api.contract import Contract
from tests.api.sending import CREATING, FOREIGN, JSON, LIST, SECRET, Sender, lines, whole
from tests.builders import DATASET
from tests.loader.releases import actors

GOOD = lines(actors("ab"))
GZIP = {"Content-Encoding": "gzip"}
MIB = 1 << 20


@pytest.fixture
def sender(empty: Database, contract: Contract) -> Sender:
    return Sender(empty, contract)


class Endless:
    """A body that never ends, and counts what was read of it."""

    def __init__(self, piece: bytes = b"\0") -> None:
        self.piece = piece
        self.read_so_far = 0

    def read(self, size: int = -1) -> bytes:
        self.read_so_far += size
        return (self.piece * (size // len(self.piece) + 1))[:size]

    def readinto(self, buffer: bytearray) -> int:
        buffer[:] = self.read(len(buffer))
        return len(buffer)

    def close(self) -> None:
        """Nothing is open."""


def refused(sender: Sender, *arguments: Any, **options: Any) -> TestResponse:
    """Send what must be refused, and check that no dataset came of it."""
    answer = sender.post(*arguments, **options)
    assert answer.status_code >= 400
    assert sender.app.test_client().get("/v1/datasets").get_json()["data"] == []
    return answer


# Forms


@pytest.mark.parametrize(
    "form",
    [
        *("", "text/plain", "application/x-yaml", "text/csv", "application/octet-stream"),
        *("application/xml", "multipart/form-data", "application/x-www-form-urlencoded"),
        *(f"{JSON}; charset=latin-1", f"{JSON}; charset=utf-16", "application/x-ndjson;charset=x"),
        *("application/gzip", "json", "*/*", "application/*"),
    ],
)
def test_another_form_is_not_read(sender: Sender, form: str) -> None:
    answer = refused(sender, GOOD, form=form)

    assert answer.status_code == 415
    assert "application/x-ndjson" in answer.get_json()["detail"]


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip", "x-gzip", "gzip;q=1"])
def test_another_coding_is_not_unpacked(sender: Sender, coding: str) -> None:
    assert refused(sender, GOOD, headers={"Content-Encoding": coding}).status_code == 415


BROKEN: Mapping[str, tuple[bytes, str]] = {
    "empty": (b"", "application/x-ndjson"),
    "an empty document": (b"", JSON),
    "no JSON": (b"<html>", JSON),
    "no JSON in lines": (b"<html>\n", "application/x-ndjson"),
    "another form than it says": (GOOD, JSON),
    "a document as lines": (json.dumps(json.loads(whole(actors("ab"))), indent=1).encode(), ""),
    "half": (whole(actors("ab"))[:-1], JSON),
    "UTF-16": (whole(actors("ab")).decode().encode("utf-16"), JSON),
    "Latin-1": (whole(actors("ab", name="Jos\u00e9")).replace(b"\\u00e9", b"\xe9"), JSON),
    "two marks": (b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD, ""),
    "NaN": (b'{"release": NaN}', JSON),
    "a member twice": (b'{"release": {}, "release": {}}', JSON),
    "a lone surrogate": (b'{"release": {"message": "\\ud800"}}', JSON),
    "NUL": (GOOD.replace(b"minimal", b"mini\0mal") + b"\0", ""),
    "deep": (b"[" * 100_000, JSON),
    "deep lines": (GOOD + b'{"a":' * 5000 + b"\n", ""),
    "a list": (b"[]", JSON),
    "a number": (b"1" * 5000, JSON),
    "another member": (b'{"release": {}, "dataset": {}, "things": []}', JSON),
    "truncated": (lines(actors("ab"), complete=True), ""),
    "gzip that nobody announced": (gzip.compress(GOOD), ""),
    "another dataset's issued": (lines(actors("ab"), issued="3022-01-01"), ""),
    "an id twice": (lines(actors("aa")), ""),
}


@pytest.mark.parametrize(("body", "form"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_read_is_refused_with_its_place(
    sender: Sender, body: bytes, form: str
) -> None:
    answer = refused(sender, body, form=form or "application/x-ndjson")

    assert answer.status_code == 422
    assert answer.get_json()["errors"]


def test_the_same_without_a_fault_is_taken(sender: Sender) -> None:
    assert sender.post(GOOD).status_code == 201


# Sizes


def test_a_release_has_at_most_so_many_bytes(empty: Database, contract: Contract) -> None:
    exact = Sender(empty, contract, max_ingestion_bytes=len(GOOD))
    short = Sender(empty, contract, max_ingestion_bytes=len(GOOD) - 1)

    for headers, body in ((None, GOOD), (GZIP, gzip.compress(GOOD))):
        answer = refused(short, body, headers=headers)
        assert answer.status_code == 413
        assert "recension load" in answer.get_json()["detail"]
    assert refused(short, io.BytesIO(GOOD)).status_code == 413
    assert exact.post(io.BytesIO(GOOD)).status_code == 201


def test_65_mib_are_refused_before_they_are_read(sender: Sender) -> None:
    body = Endless()

    answer = refused(sender, body, length=str(65 * MIB))

    assert answer.status_code == 413
    assert "64 MiB" in answer.get_json()["detail"]
    assert body.read_so_far == 0


def test_a_body_of_no_declared_size_is_read_up_to_the_limit(sender: Sender) -> None:
    body = Endless()

    assert refused(sender, body).status_code == 413
    assert 64 * MIB <= body.read_so_far <= 65 * MIB


def test_a_body_that_is_shorter_than_it_says_is_refused(sender: Sender) -> None:
    answer = refused(sender, io.BytesIO(GOOD), length=str(len(GOOD) + 1))

    assert answer.status_code == 422
    assert "truncated" in answer.get_json()["detail"]


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "0x10", "9" * 40])
def test_a_length_that_is_none_breaks_nothing(sender: Sender, length: str) -> None:
    answer = refused(sender, io.BytesIO(GOOD), length=length)

    assert answer.status_code in (413, 422)


BOMBS = {
    "one member": lambda: gzip.compress(bytes(100 * MIB), 1),
    "many members": lambda: gzip.compress(bytes(MIB)) * 70,
    "spaces": lambda: gzip.compress(b" " * (20 * MIB)),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_left_at_a_hundred_to_one(sender: Sender, bomb: Callable[[], bytes]) -> None:
    answer = refused(sender, bomb(), headers=GZIP)

    assert answer.status_code == 413
    assert "100 times" in answer.get_json()["detail"]


DAMAGED = {
    "nested": gzip.compress(gzip.compress(GOOD)),
    "no gzip": GOOD,
    "cut": gzip.compress(GOOD)[:-1],
    "without a trailer": gzip.compress(GOOD)[:-8],
    "a header alone": gzip.compress(GOOD)[:10],
    "empty": b"",
    "more behind it": gzip.compress(GOOD) + b"more",
    "a wrong sum": gzip.compress(GOOD)[:-8] + bytes(8),
}


@pytest.mark.parametrize("body", DAMAGED.values(), ids=DAMAGED)
def test_damaged_gzip_is_refused(sender: Sender, body: bytes) -> None:
    assert refused(sender, body, headers=GZIP).status_code == 422


def test_a_body_that_takes_too_long_is_left(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "SECONDS", -1.0)

    assert refused(sender, GOOD).status_code == 408


def test_a_long_line_is_named(sender: Sender) -> None:
    answer = refused(sender, GOOD + b'{"x": "' + b"x" * (17 * MIB) + b'"}\n')

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["line"] == 4


# Queries and addresses


@pytest.mark.parametrize(
    "query",
    [
        *("dry_run=1", "dry_run=True", "dry_run=", "dry_run=yes", "dry_run=true&dry_run=false"),
        *("approve=", "approve=x", f"approve={'A' * 64}", f"approve={'0' * 63}", "force=true"),
        *("token=rcn_x", "access_token=x", "url=http://x/", "dataset=x", "mode=delta"),
    ],
)
def test_a_query_says_nothing_else(sender: Sender, query: str) -> None:
    assert refused(sender, GOOD, query).status_code == 400


def test_nothing_is_told_before_the_token_is(sender: Sender) -> None:
    body = Endless()
    answers = [
        refused(sender, body, "force=true", token=None),
        refused(sender, body, token=None, form="text/x", headers=GZIP | {"Accept": "text/csv"}),
    ]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert body.read_so_far == 0


@pytest.mark.parametrize("name", ["A", "a--b", "a_b", "-a", "a" * 100, "%D1%8F", "..", "a%00"])
def test_no_dataset_gets_another_name(sender: Sender, name: str) -> None:
    path = f"/v1/datasets/{name}/ingestions"
    answer = sender.app.test_client().post(
        path,
        data=GOOD,
        headers={"Content-Type": "application/x-ndjson", "Authorization": f"Bearer {CREATING}"},
    )

    assert answer.status_code in (404, 413, 422)
    assert sender.app.test_client().get("/v1/datasets").get_json()["data"] == []


# Who may, over all routes


def test_what_writes_is_guarded() -> None:
    open_to_all = [each.name for each in OPERATIONS if not each.terms.guarded]

    assert {each.name for each in OPERATIONS if each.terms.method != "GET"} == {"publishRelease"}
    assert {each.name for each in OPERATIONS} - set(open_to_all) == {
        "publishRelease",
        "listIngestions",
        "getIngestion",
    }
    assert all(each.terms.method == "GET" for each in OPERATIONS if each.name in open_to_all)


GUARDED = {each.name: each for each in OPERATIONS if each.terms.guarded}


@pytest.mark.parametrize("operation", GUARDED.values(), ids=GUARDED)
@pytest.mark.parametrize(
    ("token", "status"),
    [(None, 401), ("rcn_x", 401), (FOREIGN, 403)],
    ids=["none", "unknown", "foreign"],
)
def test_every_guarded_route_asks_for_its_token(
    sender: Sender, operation: Operation, token: str | None, status: int
) -> None:
    path = operation.path.format(dataset=DATASET, ingestion="0" * 32)
    answer = (
        sender.post(GOOD, path=path, token=token)
        if operation.terms.method == "POST"
        else sender.get(path, token=token)
    )

    assert answer.status_code == status


def test_every_known_hash_is_compared(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    monkeypatch.setattr(
        "service.tokens.compare_digest", lambda known, given: compared.append(known) or True
    )

    sender.get(token=FOREIGN)

    assert len(compared) == len(set(compared)) == 3


# Secrets


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that the service logs, whatever its level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(journal.Lines())
    level = journal.SERVICE.level
    journal.SERVICE.addHandler(handler)
    journal.SERVICE.setLevel(logging.DEBUG)
    yield stream
    journal.SERVICE.removeHandler(handler)
    journal.SERVICE.setLevel(level)


def test_no_token_and_no_key_is_ever_repeated(
    sender: Sender, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"Idempotency-Key": "the-key-of-this-request"}
    told = [sender.post(GOOD, token=token, headers=key) for token in (CREATING, SECRET, FOREIGN)]
    told += [sender.post(GOOD, token=f"{SECRET}x", headers=key), sender.get()]
    told += [sender.post(b"broken", headers=key), sender.post(GOOD, f"x={SECRET}")]
    monkeypatch.setattr("service.web.api.ingestions.load", lambda *_: 1 / 0)
    client: FlaskClient = sender.app.test_client()
    headers = key | {"Authorization": f"Bearer {CREATING}", "Content-Type": JSON}
    told.append(
        client.post(LIST, data=whole(actors("c")), headers=headers | {"Idempotency-Key": "k"})
    )
    assert told[-1].status_code == 500

    text = logged.getvalue() + "".join(f"{each.headers}{each.get_data()!r}" for each in told)
    runs = "".join(str(run) for run in ingestions.every(sender.db, DATASET))
    stored = runs + "".join(map(str, sender.db.rows("SELECT * FROM answered")))
    for secret in (CREATING, SECRET, FOREIGN, key["Idempotency-Key"]):
        assert secret not in text
        assert secret[8:] not in text
        assert secret not in stored
    assert "ZeroDivisionError" in logged.getvalue()


def test_a_token_that_is_logged_would_be_found(
    sender: Sender, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaking(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(access, "granted", leaking)
    sender.app.test_client().get(LIST)

    assert SECRET in logged.getvalue()
