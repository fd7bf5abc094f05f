"""What goes over the pipes to another process, and comes back."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.hand import Ended, Hand, receive, send
from tests.servers import ROOT

ECHO = """
import sys
from service.hand import receive, send
while True:
    send(sys.stdout.buffer, receive(sys.stdin.buffer))
"""
LARGE = os.urandom(1 << 22)


@pytest.fixture(params=["", "1"], ids=["buffered", "unbuffered"])
def echo(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    """A process that sends back what it is sent."""
    with subprocess.Popen(
        [sys.executable, "-c", ECHO],
        env={**os.environ, "PYTHONUNBUFFERED": request.param},
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        yield process
        process.kill()


def test_what_is_stopped_in_the_middle_comes_whole(echo: subprocess.Popen[bytes]) -> None:
    assert echo.stdin
    assert echo.stdout
    send(echo.stdin, LARGE)
    # Its answer fills the pipe, and waits; then the process is stopped, as by a terminal.
    time.sleep(0.2)
    echo.send_signal(signal.SIGSTOP)
    echo.send_signal(signal.SIGCONT)
    time.sleep(0.1)
    told: list[bytes] = []
    taking = threading.Thread(target=lambda: told.append(receive(echo.stdout)))
    taking.daemon = True
    taking.start()
    taking.join(20)

    assert told == [LARGE]


def test_a_process_that_ends_says_how() -> None:
    with Hand("service.hand") as hand, pytest.raises(Ended, match="with status 0"):
        hand.take()
    with Hand("service.lines.aside") as hand:
        os.kill(hand._process.pid, signal.SIGKILL)
        with pytest.raises(Ended, match="by signal 9"):
            hand.take()


def test_what_is_cut_off_is_no_value(tmp_path: Path) -> None:
    path = tmp_path / "sent"
    with path.open("wb") as stream:
        send(stream, ["one", 2])
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])

    with path.open("rb") as stream, pytest.raises(EOFError):
        receive(stream)
    path.write_bytes(whole)
    with path.open("rb") as stream:
        assert receive(stream) == ["one", 2]
