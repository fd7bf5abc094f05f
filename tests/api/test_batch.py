"""What is noted of requests is written for many at once: all of it, in order, within bounds."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from service.web import batch
from service.web.batch import Batch

THREADS, NOTES = 8, 2_000

Numbered = tuple[int, int]


def test_all_that_is_noted_is_written_once_in_the_order_of_each_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batch, "SECONDS", 0.0001)
    written: list[Numbered] = []
    noted = Batch[Numbered](written.extend)

    def add(thread: int) -> None:
        for number in range(NOTES):
            noted.add((thread, number))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(add, range(THREADS)))
    noted.flush()

    assert len(written) == THREADS * NOTES
    for thread in range(THREADS):
        assert [note for note in written if note[0] == thread] == [
            (thread, number) for number in range(NOTES)
        ]


def test_a_note_is_written_without_another_one_after_it() -> None:
    came = Event()
    noted = Batch[int](lambda notes: came.set())

    for _ in range(3):
        noted.add(1)
        assert came.wait(20)
        came.clear()


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Batch[int], Event]]:
    """A batch of four whose writing lasts until it is let go."""
    monkeypatch.setattr(batch, "MOST", 4)
    go = Event()
    yield Batch[int](lambda notes: go.wait(20) and None), go
    go.set()


def test_where_writing_stands_still_whoever_notes_more_waits(
    stuck: tuple[Batch[int], Event],
) -> None:
    noted, go = stuck
    with ThreadPoolExecutor(3) as pool:
        adding = [pool.submit(lambda: [noted.add(1) for _ in range(20)]) for _ in range(3)]
        while len(noted._notes) <= 4:
            time.sleep(0.001)

        # One of the three may write, or the thread of the batch; each of them waits with one more.
        assert not any(done.done() for done in adding)
        assert len(noted._notes) <= 4 + len(adding)
        go.set()
        assert all(done.result(20) for done in adding)


def test_what_fails_to_be_written_is_told_and_does_not_stop_what_comes_after_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    written = list[int]()

    def write(notes: list[int]) -> None:
        if 0 in notes:
            raise OSError("no space")
        written.extend(notes)

    noted = Batch[int](write)
    noted.add(0)
    assert noted.flush()
    noted.add(1)
    noted.flush()

    assert written == [1]
    assert "no space" in caplog.text


def test_a_process_does_not_end_before_what_was_noted_is_written() -> None:
    program = "from service.web.batch import Batch; Batch(print).add('a note')"

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert told.stdout == b"['a note']\n"
