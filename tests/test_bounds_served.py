"""The real server under too much load, and what its workers counted together."""

import re
import shutil
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from service import tokens
from tests.servers import RUN, get, serving

SERVE = (*RUN[:-1], "serve")
SECRET, GRANT = tokens.made(tokens.ANY, may_create=True)
LINE = re.compile(
    r'^recension_requests_total\{.*operation="listDatasets".*status="2xx".*\} (.*)$', re.M
)


@contextmanager
def _stalled(base: str) -> Iterator[None]:
    """A client that begins to send a release and never goes on: it takes a turn."""
    parts = urlsplit(base)
    head = (
        "POST /v1/datasets/new/ingestions HTTP/1.1\r\nHost: here\r\n"
        f"Authorization: Bearer {SECRET}\r\nContent-Type: application/json\r\n"
        "Content-Length: 100\r\n\r\n{"
    )
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(head.encode())
        yield


@pytest.fixture
def url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The URL of an empty store."""
    shutil.copy(migrated_sqlite, tmp_path / "recension.db")
    return f"sqlite:///{tmp_path / 'recension.db'}"


def test_too_many_requests_are_turned_away_and_the_process_still_says_that_it_lives(
    url: str,
) -> None:
    with (
        serving(url, SERVE, threads="1", waiting="2", tokens=str(GRANT)) as base,
        _stalled(base),
        ThreadPoolExecutor(8) as pool,
    ):
        answers = list(pool.map(get, [f"{base}/v1/datasets"] * 8))

        assert {answer.status_code for answer in answers} == {503}
        assert all(answer.headers["Retry-After"] for answer in answers)
        # Two waited for the longest that anyone waits; the others were told at once.
        assert sum(answer.elapsed.total_seconds() > 4 for answer in answers) == 2
        assert get(f"{base}/healthz").status_code == 200
        assert "\nrecension_requests_shed_total 8.0\n" in get(f"{base}/metrics").text


def test_whoever_reads_slowly_holds_no_turn(url: str) -> None:
    with serving(url, SERVE, threads="1", waiting="1") as base:
        parts = urlsplit(base)
        with socket.create_connection((parts.hostname, parts.port)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            # The explorer is larger than what lies in buffers on the way.
            connection.sendall(b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: here\r\n\r\n")
            assert connection.recv(1)

            assert get(f"{base}/v1/datasets").status_code == 200


def test_the_counts_of_two_workers_add_up(url: str) -> None:
    with serving(url, SERVE, workers="2") as base:
        for _ in range(40):
            assert requests.get(f"{base}/v1/datasets", timeout=10).ok

        # What the other worker counted last may be some moments late.
        told = [LINE.findall(get(f"{base}/metrics").text)]
        while told[-1] != ["40.0"] and len(told) < 200:
            time.sleep(0.01)
            told.append(LINE.findall(get(f"{base}/metrics").text))

        assert {*(LINE.findall(get(f"{base}/metrics").text)[0] for _ in range(10))} == {"40.0"}


def test_a_server_that_is_stopped_has_written_a_line_for_each_request(
    url: str, tmp_path: Path
) -> None:
    with serving(url, SERVE, log=tmp_path / "log") as base:
        for number in range(20):
            headers = {"X-Request-ID": f"asked-{number}"}
            assert requests.get(f"{base}/v1", headers=headers, timeout=10).ok

    told = (tmp_path / "log").read_text()
    assert all(f'"request_id":"asked-{number}"' in told for number in range(20))
