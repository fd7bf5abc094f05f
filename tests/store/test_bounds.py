"""Bounds of a store that serves: how long a question may take, and how many connections there are.

The question that is too slow counts a product of numbers that no engine can count in time.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from service.errors import OutOfTime, Unavailable
from service.store import Database, open_database, revisions
from tests.store.states import NAME, actors, publish

NUMBERS = (
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})"
    " SELECT count(*) FROM n"
)
SLOW = NUMBERS.format(1_000_000_000)
SHORT = NUMBERS.format(10)


@pytest.fixture
def hurried(database_url: str) -> Iterator[Database]:
    """A store whose questions may take a tenth of a second."""
    opened = open_database(database_url, 0.1)
    yield opened
    opened.close()


def test_a_slow_question_is_ended_and_the_connection_goes_on(hurried: Database) -> None:
    with pytest.raises(OutOfTime):
        hurried.rows(SLOW)

    assert hurried.rows(SHORT) == [(10,)]


def test_a_slow_question_within_a_transaction_takes_it_back(hurried: Database) -> None:
    publish(hurried, actors("a"))

    def be_slow() -> None:
        with hurried.writing():
            hurried.run("UPDATE datasets SET head = 7")
            hurried.row(SLOW)

    with pytest.raises(OutOfTime):
        be_slow()

    assert revisions.dataset(hurried, NAME).head.number == 1


def test_the_statements_of_one_question_have_one_limit(hurried: Database) -> None:
    def ask_for_ever() -> None:
        with hurried.question():
            while True:
                hurried.row(SHORT)

    with pytest.raises(OutOfTime):
        ask_for_ever()

    assert hurried.row(SHORT) == (10,)


def test_without_a_question_each_statement_has_its_own(hurried: Database) -> None:
    waited = threading.Event()
    hurried.row(SHORT)
    waited.wait(0.15)

    assert hurried.row(SHORT) == (10,)


def test_what_is_unhurried_has_no_limit_and_what_follows_has(hurried: Database) -> None:
    slower = NUMBERS.format(3_000_000)
    with pytest.raises(OutOfTime):
        hurried.row(slower)

    with hurried.unhurried():
        assert hurried.row(slower) == (3_000_000,)
    with pytest.raises(OutOfTime):
        hurried.row(SLOW)


def test_the_limit_holds_again_where_what_was_unhurried_failed(hurried: Database) -> None:
    with pytest.raises(ZeroDivisionError), hurried.unhurried():
        raise ZeroDivisionError

    with pytest.raises(OutOfTime):
        hurried.row(SLOW)


def test_threads_that_come_and_go_share_connections(hurried: Database) -> None:
    def ask(_: int) -> object:
        found = hurried.row(SHORT)
        assert hurried.release() > 0
        return found

    for _ in range(5):
        with ThreadPoolExecutor(3) as pool:
            assert list(pool.map(ask, range(9))) == [(10,)] * 9

    # One more stands for the thread of the test, which opened the store.
    assert len(hurried.peewee.opened) <= 4


def test_threads_that_keep_their_connections_have_one_each(hurried: Database) -> None:
    # The control of the one above.
    together = threading.Barrier(3)

    def ask(_: int) -> None:
        hurried.row(SHORT)
        together.wait()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(ask, range(3)))

    assert len(hurried.peewee.opened) == 4


def test_a_connection_within_a_transaction_is_not_released(hurried: Database) -> None:
    publish(hurried, actors("a"))

    with hurried.writing():
        hurried.run("UPDATE datasets SET head = 7")
        hurried.release()
        assert hurried.row("SELECT head FROM datasets") == (7,)
        hurried.run("UPDATE datasets SET head = 1")


def test_a_released_connection_that_died_is_not_taken_up(postgres_url: str) -> None:
    opened = open_database(postgres_url)
    lost = opened.row("SELECT pg_backend_pid()")
    opened.release()
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", lost)

    assert opened.row("SELECT 1") == (1,)
    opened.close()


def test_one_that_was_not_released_is_told_as_lost(postgres_url: str) -> None:
    # Temporary tables are gone with it: what stood in them must not be taken for empty.
    opened = open_database(postgres_url)
    lost = opened.row("SELECT pg_backend_pid()")
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", lost)

    with pytest.raises(Unavailable):
        opened.row("SELECT 1")
    opened.close()
