"""A PostgreSQL that was restarted, or is away, as the clients of the service see it."""

from service.app import create_app
from service.config import Config
from service.store import open_database
from tests.api.published import first, publish
from tests.api.walking import HERE
from tests.faults.test_server_stops import Server, server  # noqa: F401 - a fixture


def test_no_reader_notices_that_the_server_was_restarted(server: Server) -> None:  # noqa: F811
    db = open_database(server.url, 30)
    publish(db, first())
    client = create_app(Config(), db).test_client()
    for _ in range(3):
        assert client.get(HERE).status_code == 200
        server.stop()
        server.start()

        assert client.get(HERE).status_code == 200
        assert client.get(f"{HERE}/export").get_data()
    db.close()


def test_while_it_is_away_the_answer_is_503_and_then_the_data_again(
    server: Server,  # noqa: F811
) -> None:
    db = open_database(server.url, 30)
    publish(db, first())
    client = create_app(Config(), db).test_client()
    server.stop()

    away = client.get(HERE)
    assert (away.status_code, away.headers["Retry-After"]) == (503, "5")
    assert "\nrecension_store_up 0.0\n" in client.get("/metrics").get_data(as_text=True)
    server.start()

    assert client.get(HERE).status_code == 200
    assert "\nrecension_store_up 1.0\n" in client.get("/metrics").get_data(as_text=True)
    db.close()
