"""Another thread reads and hashes a release ahead of the loader: all is as if the loader had, also
where it fails.
"""

import io
import threading
from collections.abc import Callable, Generator
from hashlib import sha256
from typing import Any, BinaryIO

import pytest

from service.canonical import canonical
from service.errors import RecensionError, Refused
from service.loader import Report, Request, load
from service.loader.release import files, open_stream
from service.store import Database, revisions
from service.store.staging import Staging
from tests.builders import DATASET
from tests.loader.releases import NOW, actor, numbered
from tests.loader.test_recognition import line
from tests.schemas import samples


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release has many blocks."""
    monkeypatch.setattr(files, "_BLOCK", 1000)


ACTORS = sorted(numbered(60)["actors"], key=lambda each: str(each["id"]))


def snapshot(*actors: dict[str, Any]) -> bytes:
    first = {"dataset": samples.dataset(), "release": {"mode": "snapshot"}}
    lines = [canonical(first), *(line("actors", each) for each in actors)]
    return b"".join(each + b"\n" for each in lines)


FIRST = snapshot(*ACTORS)
SECOND = snapshot(*ACTORS[:30], ACTORS[30] | {"note": "changed"}, *ACTORS[31:], actor("zz-new"))


def loaded(db: Database, stream: BinaryIO) -> Report:
    with open_stream(stream, "release.ndjson", ".ndjson") as release:
        return load(db, release, Request(DATASET), clock=lambda: NOW)


def digest_of(data: bytes) -> str:
    return sha256(b"snapshot -\n" + data).hexdigest()


def test_the_digest_of_a_release_is_that_of_all_its_blocks_in_order(
    db: Database,
) -> None:
    told = [loaded(db, io.BytesIO(data)) for data in (FIRST, SECOND)]

    assert [each.release_digest for each in told] == [digest_of(FIRST), digest_of(SECOND)]
    assert told[1].recognised == 59
    assert told[1].changes == {"actors": {"added": 1, "modified": 1}}


def test_the_comparison_notices_blocks_that_are_hashed_out_of_order(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = files._read

    def swapped(stream: BinaryIO, seen: Callable[[bytes], object]) -> Generator[bytes]:
        blocks = list(read(stream, lambda block: None))
        for block in reversed(blocks):
            seen(block)
        yield from blocks

    monkeypatch.setattr(files, "_read", swapped)

    assert loaded(db, io.BytesIO(FIRST)).release_digest != digest_of(FIRST)


class Broken(io.BytesIO):
    """A file that the system stops giving midway."""

    def read1(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 3000:
            raise OSError(5, "Input/output error")
        return super().read1(size)


def test_a_file_that_breaks_is_refused_with_what_was_wrong_before(db: Database) -> None:
    head, _, rest = FIRST.partition(b"\n")
    before = threading.active_count()

    with pytest.raises(Refused) as refused:
        loaded(db, Broken(b"\n".join([head, b"no record", rest])))

    assert [str(flaw.place) for flaw in refused.value.flaws] == [
        "release.ndjson:2",
        "release.ndjson",
    ]
    assert "input/output error" in refused.value.flaws[1].detail
    assert threading.active_count() == before


@pytest.mark.parametrize("error", [RecensionError("stop"), KeyboardInterrupt()])
def test_a_load_that_stops_midway_leaves_no_thread_behind(
    db: Database, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    loaded(db, io.BytesIO(FIRST))
    at_work: list[int] = []

    def stopping(*_: Any) -> None:
        at_work.append(threading.active_count())
        raise error

    monkeypatch.setattr(Staging, "pass_by", stopping)
    monkeypatch.setattr("service.loader.preparation.BATCH", 1)
    before = threading.active_count()

    with pytest.raises(type(error)):
        loaded(db, io.BytesIO(SECOND))

    assert at_work[0] > before
    assert threading.active_count() == before
    assert head_of(db) == 1


def head_of(db: Database) -> int:
    dataset = revisions.find_dataset(db, DATASET)
    return dataset.head.number if dataset else 0
