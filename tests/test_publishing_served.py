"""Publishing to the real server, over a socket: bodies as they travel, and readers beside them."""

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from service import tokens
from tests import servers
from tests.api.sending import lines
from tests.builders import DATASET
from tests.loader.releases import actors, numbered

SECRET, GRANT = tokens.made(DATASET, may_create=True)
HEADERS = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/x-ndjson"}
FIRST = lines(actors("ab"), issued="2022-01-06")
HEAD = (
    f"POST /v1/datasets/{DATASET}/ingestions HTTP/1.1\nHost: x\nConnection: close\n"
    f"Authorization: Bearer {SECRET}\nContent-Type: application/x-ndjson\nContent-Length: {{}}"
)
SERVE = (*servers.RUN[:-1], "serve")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served") / "log"


@pytest.fixture(scope="module")
def base(migrated_sqlite: Path, log: Path) -> Iterator[str]:
    """The address of a server with one revision."""
    url = f"sqlite:///{log.parent / 'recension.db'}"
    (log.parent / "recension.db").write_bytes(migrated_sqlite.read_bytes())
    with servers.serving(url, SERVE, log, tokens=str(GRANT), max_ingestion_bytes="4000000") as at:
        assert send(at, FIRST).status_code == 201
        yield at


def send(base: str, body: object, **headers: str) -> requests.Response:
    url = f"{base}/v1/datasets/{DATASET}/ingestions"
    return requests.post(url, data=body, headers=HEADERS | headers, timeout=60)  # type: ignore[arg-type]


def raw(base: str, head: str, body: bytes = b"") -> bytes:
    """Send bytes, close that side, and return all that comes back."""
    parts = urlsplit(base)
    with socket.create_connection((parts.hostname, parts.port), 20) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


def test_bodies_arrive_in_chunks_and_packed(base: str) -> None:
    packed = gzip.compress(FIRST)

    plain = send(base, FIRST)
    chunks = send(base, iter([packed[:7], packed[7:]]), **{"Content-Encoding": "gzip"})

    assert (plain.status_code, chunks.status_code) == (200, 200)
    assert plain.json()["data"]["release_digest"] == chunks.json()["data"]["release_digest"]


def test_who_may_not_is_answered_before_the_body_is_sent(base: str) -> None:
    head = f"POST /v1/datasets/{DATASET}/ingestions HTTP/1.1\nHost: x\nContent-Length: 3999999"

    assert b" 401 " in raw(base, head).partition(b"\r\n")[0]


def test_what_is_too_large_is_refused(base: str) -> None:
    endless = (bytes(65536) for _ in range(100))
    with suppress(requests.ConnectionError):  # The server may hang up on who goes on sending.
        assert send(base, endless).status_code == 413
    assert b" 413 " in raw(base, HEAD.format(4_000_001)).partition(b"\r\n")[0]
    assert requests.get(f"{base}/healthz", timeout=10).ok


def test_a_client_that_hangs_up_leaves_nothing(base: str) -> None:
    answer = raw(base, HEAD.format(999), lines(actors("z"))[:500])

    assert b" 201 " not in answer
    page = requests.get(f"{base}/v1/datasets/{DATASET}/actors?limit=1000", timeout=10).json()
    assert "z" not in {actor["id"] for actor in page["data"]}
    assert send(base, FIRST).status_code == 200


def test_readers_are_answered_while_a_release_is_read(base: str) -> None:
    before = requests.get(f"{base}/v1/datasets/{DATASET}/actors?limit=1", timeout=10).json()
    records = [*actors("ab")["actors"], *numbered(4000)["actors"]]
    big = lines({"actors": records}, issued="2022-01-08")
    done: list[requests.Response] = []
    sending = threading.Thread(target=lambda: done.append(send(base, big)))
    sending.start()

    seen = []
    while sending.is_alive():
        page = requests.get(f"{base}/v1/datasets/{DATASET}/actors?limit=1", timeout=10).json()
        seen.append((page["meta"]["revision"], page["meta"]["total"]))
    sending.join()

    assert done[0].status_code == 201, done[0].text
    assert len(seen) > 5
    assert set(seen) <= {(1, before["meta"]["total"]), (2, 4002)}


def test_the_log_holds_no_token(base: str, log: Path) -> None:
    send(base, b"")

    assert '"status":422' in log.read_text()
    assert SECRET not in log.read_text()
