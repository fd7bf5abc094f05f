"""A whole revision over HTTP: the bytes of the command line, and a visible end."""

import hashlib
import http.client
import io
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import product
from pathlib import Path
from threading import BoundedSemaphore
from urllib.parse import urlsplit

import orjson
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from hypothesis import given

from service import cli
from service.app import create_app
from service.config import Config
from service.loader import Request, load, open_release
from service.loader.redaction import redact
from service.reading import exports, lengths
from service.store import Database, open_database
from service.web import streams
from service.web.problems import Busy
from tests.api.published import CHANGED, NAME, first, fourth, publish, second, third
from tests.api.walking import BASE, HERE
from tests.servers import serving
from tests.steady import steady_store
from tests.store.histories import histories, publish_all
from tests.store.states import State, actors, at
from tests.store.states import publish as put

FORMS = {"ndjson": "application/x-ndjson", "json": "application/json", "zip": "application/zip"}
EXPORT = f"{HERE}/export"
SERVE = (sys.executable, "-m", "service", "serve")


def test_it_has_the_bytes_that_the_command_line_writes(
    db: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for release in (first(), second(), third(), fourth()):
        publish(db, release)
    client = create_app(Config(public_url=BASE), db).test_client()
    monkeypatch.setenv("RECENSION_DATABASE_URL", database_url)

    for form, number in product(FORMS, (1, 2, 4)):
        command = ["export", NAME, "--revision", str(number), "--format", form]
        printed = CliRunner().invoke(cli.main, command).stdout_bytes
        answer = client.get(f"{HERE}/revisions/{number}/export?format={form}")

        assert answer.get_data() == printed
        assert answer.headers["Content-Length"] == str(len(printed))


@pytest.mark.parametrize("form", FORMS)
def test_its_headers_say_what_it_is(client: FlaskClient, form: str) -> None:
    moving = client.get(f"{EXPORT}?format={form}")
    pinned = client.get(f"{HERE}/revisions/3/export?format={form}")

    assert moving.mimetype == FORMS[form]
    assert moving.headers["Content-Disposition"] == (
        f'attachment; filename="{NAME}-revision-3.{form}"'
    )
    assert moving.headers["Content-Location"].endswith(f"/revisions/3/export?format={form}")
    assert moving.headers["Cache-Control"] == "public, no-cache"
    assert pinned.headers["Cache-Control"] == "public, max-age=86400, immutable"
    assert pinned.get_data() == moving.get_data()


@pytest.mark.parametrize("form", FORMS)
def test_accept_chooses_a_form_too(client: FlaskClient, form: str) -> None:
    named = client.get(f"{EXPORT}?format={form}")
    accepted = client.get(EXPORT, headers={"Accept": f"text/html, {FORMS[form]};q=0.9"})

    assert accepted.get_data() == named.get_data()
    assert accepted.headers["Vary"] == "Accept, Accept-Encoding"
    assert (accepted.headers["ETag"] == named.headers["ETag"]) is (form != "ndjson")
    assert named.headers["Vary"] == "Accept-Encoding"


def test_without_a_wish_it_is_interchange(client: FlaskClient) -> None:
    assert client.get(EXPORT).mimetype == FORMS["ndjson"]
    assert client.get(EXPORT, headers={"Accept": "text/html"}).status_code == 406
    assert client.get(f"{EXPORT}?format=tar").status_code == 400


def test_a_head_makes_nothing_of_it(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    got = client.get(EXPORT)

    def never(*_: object) -> Iterator[bytes]:
        raise AssertionError("the body was made")
        yield b""

    monkeypatch.setitem(exports.STREAMS, "ndjson", never)
    headed = client.head(EXPORT)

    assert headed.status_code == 200
    assert headed.headers["Content-Length"] == str(len(got.get_data()))
    asked = client.get(EXPORT, headers={"If-None-Match": got.headers["ETag"]})
    assert asked.status_code == 304


def test_the_zip_is_checked_by_its_own_sums(client: FlaskClient, tmp_path: Path) -> None:
    data = client.get(f"{EXPORT}?format=zip").get_data()
    zipfile.ZipFile(io.BytesIO(data)).extractall(tmp_path)

    for sums in [tmp_path / "SHA256SUMS", *tmp_path.glob("manifest/**/*.sums")]:
        check = ["sha256sum", "--check", "--quiet", str(sums)]
        assert subprocess.run(check, cwd=tmp_path, check=False).returncode == 0
    root = (tmp_path / "SHA256SUMS").read_bytes()
    assert hashlib.sha256(root).hexdigest() == client.get(HERE).get_json()["meta"]["digest"]


def test_the_json_and_the_lines_tell_the_same_records(client: FlaskClient) -> None:
    told = client.get(f"{EXPORT}?format=json").get_json()
    _, *lines, end = map(
        orjson.loads, client.get(f"{EXPORT}?format=ndjson").get_data().splitlines()
    )

    assert [told[line["kind"]].pop(line["record"]["id"]) for line in lines] == [
        line["record"] for line in lines
    ]
    assert end["end"]["records"] == len(lines)
    assert not any(told[kind] for kind in ("actors", "events", "figures", "sources"))


def test_an_export_is_loaded_again_to_the_same_digest(
    client: FlaskClient, db: Database, tmp_path: Path
) -> None:
    path = tmp_path / "again.ndjson"
    path.write_bytes(client.get(f"{HERE}/revisions/2/export").get_data())

    report = load(db, open_release(str(path)), Request("again"))

    assert report.digest == client.get(f"{HERE}/revisions/2").get_json()["data"]["digest"]


@pytest.mark.parametrize("form", FORMS)
def test_what_was_redacted_is_counted_in_the_length(
    publishing: FlaskClient, store: Database, form: str
) -> None:
    redact(store, NAME, "figures", CHANGED, "a witness with a name of some length")

    for number in (1, 2, 4):
        answer = publishing.get(f"{HERE}/revisions/{number}/export?format={form}")
        assert answer.headers["Content-Length"] == str(len(answer.get_data()))


@steady_store
@given(histories)
def test_every_length_is_known_before(db: Database, history: list[State]) -> None:
    name = publish_all(db, history)

    for number in range(1, len(history) + 1):
        for form, stream in exports.STREAMS.items():
            reading = at(db, number, name)
            assert lengths.of(db, reading, form) == sum(map(len, stream(db, reading)))


def test_letters_of_several_bytes_are_counted_as_bytes(db: Database) -> None:
    put(db, actors(*(f"a{n}" for n in range(200)), note="ünï 🙂 Қазақстан"))

    for form, stream in exports.STREAMS.items():
        assert lengths.of(db, at(db), form) == sum(map(len, stream(db, at(db))))


def test_as_many_streams_as_have_turns_are_sent_at_once() -> None:
    turns = BoundedSemaphore(1)
    slow = streams.Sent(iter([b"x" * streams.CHUNK, b"y"]), turns)

    with pytest.raises(Busy):
        streams.Sent(iter([b"z"]), turns)
    assert list(slow) == [b"x" * streams.CHUNK, b"y"]
    assert list(streams.Sent(iter([b"z"]), turns)) == [b"z"]


def test_a_turn_is_given_back_however_a_stream_ends() -> None:
    turns = BoundedSemaphore(1)

    def broken() -> Iterator[bytes]:
        yield b"x" * streams.CHUNK
        raise OSError("the disk is gone")

    closed = streams.Sent(iter([b"x" * streams.CHUNK, b"y"]), turns)
    closed.close()
    dropped = streams.Sent(iter([b"x" * streams.CHUNK, b"y"]), turns)
    del dropped
    breaking = streams.Sent(broken(), turns)
    with pytest.raises(OSError, match="the disk is gone"):
        list(breaking)
    streams.Sent(iter([]), turns)

    assert turns.acquire(blocking=False)


def test_too_many_streams_are_told_to_come_again(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "CHUNK", 1000)
    client = create_app(Config(public_url=BASE, threads=2), store).test_client()
    waiting = client.get(EXPORT, buffered=False)

    answer = client.get(EXPORT)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert waiting.get_data().endswith(b"}\n")
    assert client.get(EXPORT).status_code == 200


def test_an_error_before_the_first_byte_is_told_as_a_problem(
    publishing: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[bytes]:
        raise OSError("the disk is gone")
        yield b""

    monkeypatch.setitem(exports.STREAMS, "ndjson", broken)

    assert publishing.get(EXPORT).status_code == 500


@pytest.fixture(scope="module")
def broken(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a real server, over a dataset whose last records cannot be read."""
    path = tmp_path_factory.mktemp("broken") / "recension.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    store = open_database(f"sqlite:///{path}")
    many = actors(*(f"a{number:04}" for number in range(2000)), note="n" * 6000)
    put(store, {**many, ("sources", "s"): {"id": "s"}}, "whole")
    put(store, {**many, ("sources", "s"): {"id": "s"}}, "broken")
    store.run(
        "UPDATE sources SET body = CAST(body AS BLOB)"
        " WHERE dataset = (SELECT id FROM datasets WHERE name = 'broken')"
    )
    store.close()
    with serving(f"sqlite:///{path}", SERVE) as base:
        yield base


def fetched(base: str, path: str) -> bytes:
    """Return the body of an answer. Raises `IncompleteRead` where the connection ends too soon."""
    with closing(http.client.HTTPConnection(urlsplit(base).netloc, timeout=10)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read()


@pytest.mark.parametrize("form", ["ndjson", "json"])
def test_a_stream_that_breaks_is_seen_to_be_incomplete(broken: str, form: str) -> None:
    whole = fetched(broken, f"/v1/datasets/whole/export?format={form}")

    with pytest.raises(http.client.IncompleteRead) as caught:
        fetched(broken, f"/v1/datasets/broken/export?format={form}")

    part = caught.value.partial
    assert 0 < len(part) < len(whole)
    assert b'{"end":' not in part
    if form == "json":
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(part)


def test_clients_that_stop_reading_leave_the_service_to_others(broken: str) -> None:
    parts = urlsplit(broken)
    with ExitStack() as stalled:
        for _ in range(8):
            client = stalled.enter_context(closing(socket.socket()))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect((parts.hostname, parts.port))
            client.sendall(b"GET /v1/datasets/whole/export?format=zip HTTP/1.1\r\nHost: x\r\n\r\n")
            client.recv(1)

        assert fetched(broken, "/v1/datasets/whole").startswith(b'{"data"')
        assert b"Busy" in fetched(broken, "/v1/datasets/whole/export?format=zip")
