"""Whoever reads while releases are published reads one revision at a time.

Every record carries the number of its revision. `RECENSION_TEST_READERS=32` and
`RECENSION_TEST_PUBLISHES=200` make a longer run.
"""

import os
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
import requests

from service import tokens
from service.store import Database
from tests import servers
from tests.api.sending import lines
from tests.builders import DATASET
from tests.faults.checking import examined
from tests.loader.releases import numbered

READERS = int(os.environ.get("RECENSION_TEST_READERS", "4"))
PUBLISHES = int(os.environ.get("RECENSION_TEST_PUBLISHES", "20"))
RECORDS = 24
PAGE = 7
PAUSE_SECONDS = 0.03
"""Between two walks of one reader, so that the publisher gets its turn on a small machine."""

SECRET, GRANT = tokens.made(DATASET, may_create=True)
HEADERS = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/x-ndjson"}
SERVE = (*servers.RUN[:-1], "serve")

Page = Mapping[str, Any]


def _publish(base: str, number: int) -> int:
    body = lines(numbered(RECORDS, note=str(number)))
    url = f"{base}/v1/datasets/{DATASET}/ingestions"
    answer = requests.post(url, data=body, headers=HEADERS, timeout=60)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["data"]["revision"])


def number_of(pages: Iterable[Page]) -> int:
    """Return the revision that a whole walk shows; nothing may tell of another."""
    told = [page["meta"]["revision"] for page in pages]
    shown = {int(record["note"]) for page in pages for record in page["data"]}
    ids = [record["id"] for page in pages for record in page["data"]]
    assert {*told} == shown, f"pages of {told} show records of {sorted(shown)}"
    assert len(shown) == 1
    assert sorted(ids) == sorted(f"a{number}" for number in range(RECORDS))
    return shown.pop()


class Reader(threading.Thread):
    """Walks over the list, again and again, until it is told to end."""

    def __init__(self, base: str, ended: threading.Event) -> None:
        super().__init__()
        self._base, self._ended = base, ended
        self.pages = self.straddling = 0
        self.seen: list[int] = []
        self.fault = ""

    def run(self) -> None:
        try:
            with requests.Session() as session:
                while not self._ended.is_set():
                    self._walk(session)
        except (AssertionError, requests.RequestException) as error:
            self.fault = repr(error)

    def _walk(self, session: requests.Session) -> None:
        at = f"{self._base}/v1/datasets/{DATASET}"
        url: str | None = f"{at}/actors?limit={PAGE}"
        pages = []
        while url:
            answer = session.get(url, timeout=60)
            assert answer.status_code == 200, answer.text
            pages.append(answer.json())
            url = pages[-1]["links"].get("next")
        self.seen.append(number_of(pages))
        self.pages += len(pages)
        head = session.get(at, timeout=60).json()["meta"]["revision"]
        self.straddling += head > self.seen[-1]
        time.sleep(PAUSE_SECONDS)


def test_readers_never_see_a_mix_while_releases_are_published(
    db: Database, database_url: str
) -> None:
    ended = threading.Event()
    with servers.serving(database_url, SERVE, tokens=str(GRANT)) as base:
        assert _publish(base, 1) == 1
        readers = [Reader(base, ended) for _ in range(READERS)]
        for reader in readers:
            reader.start()
        try:
            published = [_publish(base, number) for number in range(2, PUBLISHES + 2)]
        finally:
            ended.set()
            for reader in readers:
                reader.join()

    assert published == list(range(2, PUBLISHES + 2))
    assert [reader.fault for reader in readers] == [""] * READERS
    # What one reader was shown as the newest is never older than what it was shown before.
    assert all(reader.seen == sorted(reader.seen) for reader in readers)
    walks, pages = sum(len(reader.seen) for reader in readers), sum(r.pages for r in readers)
    straddling = sum(reader.straddling for reader in readers)
    print(
        f"{db.engine}: {READERS} readers, {PUBLISHES} publishes: {pages} pages of {walks} walks,"
        f" {straddling} of them with a publish meanwhile, 0 mixed"
    )
    assert straddling > 0
    assert examined(db, PUBLISHES) == PUBLISHES + 1


def _page(told: int, *shown: int) -> Page:
    size = RECORDS // len(shown)
    records = [
        {"id": f"a{part * size + index}", "note": str(number)}
        for part, number in enumerate(shown)
        for index in range(size)
    ]
    return {"meta": {"revision": told}, "data": records}


@pytest.mark.parametrize("mixed", [_page(3, 3, 4), _page(3, 2, 3), _page(3, 4)])
def test_a_mixed_page_is_noticed(mixed: Page) -> None:
    # The control: the checker must know a mix when it sees one.
    assert number_of([_page(3, 3)]) == 3

    with pytest.raises(AssertionError):
        number_of([mixed])
    with pytest.raises(AssertionError):
        number_of([_page(3, 3), _page(4, 4)])
