"""What is too much: addresses, questions that take too long, more requests than can be answered."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.config import Config
from service.store import Database, derived, open_database
from service.web import gate
from service.web.api import datasets
from tests.api.published import FIGURE, first, publish
from tests.api.sending import CREATING, GRANTS, NDJSON, lines
from tests.api.test_problems import problem
from tests.api.walking import BASE, HERE
from tests.loader.releases import actors

FIELDS = "measure,unit,stance,form,modality,coverage,quantifier,magnitude"
SLOW = f"{HERE}/facets?kind=figures&field={FIELDS}"
COPIES = 6_000
OTHER = "/v1/datasets/other/ingestions"
QUICK = f"{HERE}/revisions/1"


@pytest.fixture
def hurried(database_url: str) -> Iterator[FlaskClient]:
    """A service with six thousand figures, and five thousandths of a second for a question."""
    plain = open_database(database_url)
    publish(plain, first())
    columns = ", ".join(
        ("dataset", "since", "until", "digest", "body", *derived.columns("figures"))
    )
    with plain.writing():
        plain.run(
            f"INSERT INTO figures (id, {columns})"  # noqa: S608
            f" WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {COPIES})"
            f" SELECT 'copy-' || CAST(i AS VARCHAR(9)), {columns} FROM figures, n WHERE id = ?",
            (FIGURE,),
        )
    plain.close()
    opened = open_database(database_url, 0.005)
    config = Config(public_url=BASE, tokens=GRANTS)
    yield create_app(config, opened).test_client()
    opened.close()


@pytest.mark.parametrize(("length", "status"), [(8192, 400), (8193, 414)])
def test_an_address_has_a_limit_that_is_named(
    client: FlaskClient, length: int, status: int
) -> None:
    path = f"{HERE}/figures"

    told = problem(client.get(f"{path}?x={'y' * (length - len(path) - 2)}"), status)

    assert ("8192" in told["detail"]) == (status == 414)


@pytest.fixture
def held(store: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator["Held"]:
    """A service of two threads, with one place to wait, whose reads of the list of datasets last
    until they are let go.
    """
    service = Held(store)
    listed = datasets._listed

    def wait(*of: Any) -> object:
        service.came.release()
        assert service.go.wait(20)
        return listed(*of)

    monkeypatch.setattr(datasets, "_listed", wait)
    yield service
    service.go.set()
    service.pool.shutdown()


class Held:
    """The service, who came to be answered, and when all may go."""

    def __init__(self, store: Database) -> None:
        self.app = create_app(Config(public_url=BASE, threads=2, waiting=1), store)
        self.came, self.go = threading.Semaphore(0), threading.Event()
        self.pool = ThreadPoolExecutor(8)

    def get(self, path: str) -> FlaskClient:
        return self.app.test_client().get(path)

    def begin(self, count: int) -> list:
        """Ask for the list several times at once."""
        return [self.pool.submit(self.get, "/v1/datasets") for _ in range(count)]

    def fill(self) -> list:
        """Take every turn, and the place to wait."""
        asked = self.begin(2)
        for _ in asked:
            assert self.came.acquire(timeout=20)
        asked += self.begin(1)
        while not self.app.wsgi_app._turns.waiting:
            time.sleep(0.001)
        return asked


def test_what_is_too_much_is_turned_away_and_the_rest_is_answered(held: Held) -> None:
    asked = held.fill()

    answer = held.get("/v1/datasets")

    assert problem(answer, 503)["type"].endswith("/Busy")
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers["X-Request-ID"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    held.go.set()
    assert [one.result().status_code for one in asked] == [200, 200, 200]
    assert held.get("/v1/datasets").status_code == 200


def test_under_overload_the_process_says_that_it_lives_and_what_it_does(held: Held) -> None:
    held.fill()
    held.get("/v1")

    assert held.get("/healthz").status_code == 200
    told = held.get("/metrics").get_data(as_text=True)
    assert "\nrecension_requests_shed_total 1.0\n" in told
    # Two that are answered, and the one that asks.
    assert "\nrecension_requests_in_flight 3.0\n" in told


def test_whoever_waits_too_long_is_told_to_come_again(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "WAIT_SECONDS", 0.01)
    for _ in held.begin(2):
        assert held.came.acquire(timeout=20)

    problem(held.get("/v1/datasets"), 503)


def test_whoever_waits_first_is_first() -> None:
    turns, came = gate.Turns(1, 3), list[int]()
    assert turns.take(0)

    def wait(number: int) -> None:
        assert turns.take(20)
        came.append(number)
        turns.give()

    with ThreadPoolExecutor(3) as pool:
        for number in range(3):
            pool.submit(wait, number)
            while turns.waiting <= number:
                time.sleep(0.001)
        assert not turns.take(0)
        turns.give()

    assert came == [0, 1, 2]
    assert turns.take(0)


def test_a_turn_that_is_given_back_is_for_who_waits_and_not_for_who_comes() -> None:
    turns, woken = gate.Turns(1, 1), threading.Event()
    assert turns.take(0)

    def wait() -> None:
        assert turns.take(20)
        woken.wait(20)
        turns.give()

    waiting = threading.Thread(target=wait)
    waiting.start()
    while not turns.waiting:
        time.sleep(0.001)
    turns.give()

    assert not turns.take(0)
    woken.set()
    waiting.join()
    assert turns.take(0)


def test_a_place_to_wait_is_left_with_the_time_that_one_waits() -> None:
    turns = gate.Turns(1, 1)
    assert turns.take(0)

    assert not turns.take(0.001)
    assert not turns.waiting
    turns.give()
    assert turns.take(0)


def test_a_turn_is_given_back_whatever_comes_of_a_request(store: Database) -> None:
    client = create_app(Config(public_url=BASE, threads=2, waiting=1), store).test_client()

    for path in ("/nowhere", HERE, f"{HERE}/figures?x=1", f"{HERE}/export", "/healthz"):
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            for _ in range(3):
                client.open(path, method=method)
    for _ in range(3):
        # A client that goes away in the middle of a stream.
        client.get(f"{HERE}/export", buffered=False).close()

    told = client.get("/metrics").get_data(as_text=True)
    assert "\nrecension_requests_in_flight 1.0\n" in told
    assert client.get(HERE).status_code == 200


def _answers(client: FlaskClient, path: str) -> bool:
    """Say whether an answer comes, also where the machine pauses now and then."""
    return any(client.get(path).status_code == 200 for _ in range(100))


def test_a_question_that_takes_too_long_is_told_so_and_the_next_is_answered(
    hurried: FlaskClient,
) -> None:
    for _ in range(3):
        answer = hurried.get(SLOW)
        assert problem(answer, 503)["type"].endswith("/OutOfTime")
        assert answer.headers["Retry-After"] == "5"

    assert _answers(hurried, QUICK)


def test_the_same_question_is_answered_by_a_store_without_a_limit(
    hurried: FlaskClient, database_url: str
) -> None:
    # The control of the one above.
    patient = open_database(database_url)

    assert create_app(Config(), patient).test_client().get(SLOW).status_code == 200
    patient.close()


def test_publishing_takes_as_long_as_it_takes(hurried: FlaskClient) -> None:
    body = lines(actors(f"a{number}" for number in range(300)), issued="2022-01-06")
    headers = {"Authorization": f"Bearer {CREATING}", "Content-Type": NDJSON}

    def sent() -> int:
        return hurried.post(OTHER, data=body, headers=headers).status_code

    # To lift the limit is a statement as well, and may have to be tried again.
    assert any(sent() in (200, 201) for _ in range(100))
    assert hurried.get(SLOW).status_code == 503
