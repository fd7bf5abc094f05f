"""What is kept is what would be made: the same bytes and headers, whatever is published."""

from itertools import count
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from service.app import create_app
from service.config import Config
from service.errors import Unavailable
from service.loader import redaction
from service.store import Database
from service.web import journal, shelf
from service.web.front import Front
from tests.api.pair import Pair
from tests.api.published import CHANGED, FIGURE, NAME, first, fourth, publish, second
from tests.api.walking import BASE, HERE
from tests.steady import steady, steady_store

_numbers = count(1)

READS = (
    "/figures",
    "/figures?limit=3",
    "/figures?limit=2&sort=-value",
    "/figures?measure=killed",
    f"/figures/{FIGURE}",
    f"/figures/{CHANGED}",
    f"/figures/{CHANGED}/history",
    "/figures/none",
    "/figures?wrong=1",
    "/dataset.json",
    "/revisions/1",
    "/revisions",
    "/diff?from=1&to=1",
    "/diff?from=1",
    "/diff?from=1&format=ndjson",
    "/facets?kind=figures&field=measure",
    "/series",
    "/export?format=json",
    "/figures?as_of=2022-01-07",
    "",
)
STARTS = ("", "/revisions/1", "/revisions/2")
ACCEPTED = (None, "gzip", "zstd, gzip;q=0.5", "identity;q=0, gzip", "br", "identity;q=0", "*")

asks = st.tuples(
    st.sampled_from(("GET", "GET", "HEAD", "POST")),
    st.sampled_from(STARTS),
    st.sampled_from(READS),
    st.sampled_from(ACCEPTED),
    st.sampled_from((None, "*/*", "text/csv", "application/json;q=0")),
    st.sampled_from(("none", "held", "weak", "other", "star", "identity")),
)


@steady_store
@given(asked=st.lists(asks, min_size=4, max_size=8))
def test_what_is_kept_is_what_would_be_made(db: Database, asked: list[tuple[Any, ...]]) -> None:
    pair = Pair(db, f"port-{next(_numbers)}")

    for release in (first(), second(), fourth(), None):
        if release:
            publish(db, release, pair.name)
        else:
            redaction.redact(db, pair.name, "figures", CHANGED, "A witness asked for it.")
        for each in asked:
            pair.ask(*each)


def test_an_answer_that_is_no_longer_true_would_be_noticed(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(db, first())
    pair = Pair(db)
    pair.ask("GET", "", "/figures", None, None, "none")

    monkeypatch.setattr(Front, "_holds", lambda *_: True)
    publish(db, second())

    with pytest.raises(AssertionError):
        pair.ask("GET", "", "/figures", None, None, "none")


@pytest.fixture
def applications(publishing: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each path that reaches the application behind the front."""
    reached: list[str] = []
    first_time = Front._first

    def noting(self: Front, key: Any, environ: Any, start: Any) -> Any:
        reached.append(environ["PATH_INFO"])
        return first_time(self, key, environ, start)

    monkeypatch.setattr(Front, "_first", noting)
    return reached


def test_an_answer_is_made_once(publishing: FlaskClient, applications: list[str]) -> None:
    answers = [publishing.get(f"{HERE}/revisions/2/figures") for _ in range(3)]

    assert len(applications) == 1
    assert len({answer.get_data() for answer in answers}) == 1
    assert len({answer.headers["X-Request-ID"] for answer in answers}) == 3


def test_a_pinned_answer_outlives_a_publication_and_no_redaction(
    publishing: FlaskClient, store: Database, applications: list[str]
) -> None:
    pinned, moving = f"{HERE}/revisions/1/figures", f"{HERE}/figures"

    def ask() -> list[str]:
        applications.clear()
        publishing.get(pinned)
        publishing.get(moving)
        return list(applications)

    assert ask() == [pinned, moving]
    assert ask() == []
    publish(store, fourth())
    assert ask() == [moving]
    redaction.redact(store, NAME, "figures", CHANGED, "A witness asked for it.")
    assert ask() == [pinned, moving]
    assert publishing.get(f"{HERE}/revisions/1/figures/{CHANGED}").status_code == 410


def test_what_a_redaction_erases_is_kept_nowhere_from_the_next_look_on(
    publishing: FlaskClient, store: Database
) -> None:
    shelf = publishing.application.wsgi_app._application._shelf  # type: ignore[attr-defined]
    for path in ("figures", f"figures/{CHANGED}", "revisions/1/figures", "actors"):
        publishing.get(f"{HERE}/{path}")
    assert len(shelf) == 4
    redaction.redact(store, NAME, "figures", CHANGED, "A witness asked for it.")

    publishing.get(f"{HERE}/actors")

    assert len(shelf) == 1


def test_what_is_kept_is_logged_and_told_by_its_id(
    publishing: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "recension.requests")
    for name in ("one", "two"):
        publishing.get(f"{HERE}/figures", headers={"X-Request-ID": name})

    journal.NOTES.flush()
    (_, first_line), (_, second_line) = (
        note for record in caplog.records for note in vars(record)["notes"]
    )
    assert second_line["request_id"] == "two"
    assert {**second_line, "ms": 0, "request_id": ""} == {**first_line, "ms": 0, "request_id": ""}


def test_a_store_that_does_not_answer_is_told_and_not_hidden(
    publishing: FlaskClient, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert publishing.get(f"{HERE}/figures").status_code == 200

    def gone(*_: object) -> None:
        raise Unavailable("the store is gone")

    monkeypatch.setattr(store, "row", gone)

    assert publishing.get(f"{HERE}/figures").status_code == 503


def test_a_foreign_host_gets_nothing_that_was_kept(store: Database) -> None:
    config = Config(public_url=BASE, trusted_hosts=("data.example",))
    client = create_app(config, store).test_client()

    statuses = [
        client.get(f"{HERE}/figures", headers={"Host": host}).status_code
        for host in ("data.example", "data.example", "evil.example")
    ]

    assert statuses == [200, 200, 400]


@steady
@given(sizes=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9000)), max_size=60))
def test_a_shelf_never_takes_more_than_it_may(sizes: list[tuple[int, int]]) -> None:
    kept: shelf.Shelf[int] = shelf.Shelf(40_000)

    for key, size in sizes:
        kept.put(key, size, size)

        told = [found for each in range(21) if (found := kept.get(each)) is not None]
        assert kept.size == sum(told) + shelf.OVERHEAD * len(kept) <= kept.most


def test_the_least_recent_goes_first() -> None:
    kept: shelf.Shelf[str] = shelf.Shelf(shelf.OVERHEAD * shelf.SHARE)
    for number in range(shelf.SHARE):
        kept.put(number, str(number), 0)

    kept.get(0)
    kept.put("new", "new", 0)

    assert kept.get(0) == "0"
    assert kept.get(1) is None
