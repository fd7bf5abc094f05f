"""The parts of the measurements, piece by piece over a small dataset, without servers."""

import argparse
import math
import shutil
import socket
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from pathlib import Path
from threading import Thread

import apsw
import orjson
import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client

from schemas import KINDS
from service.app import create_app
from service.config import Config
from service.loader import Request, load, loading, open_release
from service.reading import datasets, exports
from service.store import open_database
from tests.benchmarks import __main__ as command
from tests.benchmarks import dataset, filters, load_alone, loads, peers, several, tools, walking
from tests.benchmarks import exports as exporting
from tests.benchmarks.dataset import Generator
from tests.benchmarks.driving import Failed
from tests.benchmarks.ground import Ground
from tests.benchmarks.measures import Figures, Part, Ratio, Work
from tests.benchmarks.stage import DATASET, Stage, staged
from tests.benchmarks.streaming import streamed

RECORDS = 300
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Stage]:
    """A small dataset of two revisions, loaded in this process."""
    ground = Ground(tmp_path_factory.mktemp("ground"), RECORDS, 2)
    shutil.copy(migrated_sqlite, ground.database)
    dataset.write(ground.folder / "releases", Generator(RECORDS).releases(2))
    db = open_database(ground.url)
    for release in ground.releases:
        load(db, open_release(str(release)), Request(dataset.NAME))
    db.close()
    with staged(ground, 0) as made:
        yield made


@pytest.fixture(scope="module")
def client(stage: Stage) -> FlaskClient:
    """The application over it."""
    return create_app(Config(database_url=stage.ground.url), stage.db).test_client()


def test_every_page_of_a_walk_is_another_and_full(stage: Stage, client: FlaskClient) -> None:
    addresses = list(walking.pages(stage, "figures", walking.ids(stage, "figures")))
    pages = [client.get(address).get_json()["data"] for address in addresses[::8]]

    assert len(set(addresses)) == len(addresses) > 50
    assert len({page[0]["id"] for page in pages}) == len(pages)
    assert {len(page) for page in pages} == {walking.LIMIT}


def test_what_asks_the_store_alone_gives_the_records_of_the_page(
    stage: Stage, client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bodies").write_bytes(b"one\ntwo")
    monkeypatch.setenv("PEER_BODIES", str(tmp_path / "bodies"))
    monkeypatch.setenv("PEER_DATABASE", str(stage.ground.database))
    asked = Client(peers.store())
    after = walking.ids(stage, "figures")[7]
    (page,) = walking.pages(stage, "figures", [after])

    records = client.get(page).get_json()["data"]

    assert len(records) == walking.LIMIT
    assert orjson.loads(b"[%b]" % asked.get(f"/pages/{after}").data) == records
    assert asked.get("/bodies/3").data == b"two"
    assert asked.get("/tags/3").status_code == HTTPStatus.NOT_MODIFIED


def test_every_filter_is_asked_for_what_it_takes(stage: Stage, client: FlaskClient) -> None:
    asked = [of for kind in KINDS.values() for of in filters.single(stage, kind)]
    pairs = filters.pairs(stage)
    answers = {
        str(each): client.get(f"{DATASET}/{each.kind}", query_string=dict(each.filters))
        for each in (*asked, *pairs)
    }

    assert len(asked) > 70
    assert len({each.filters[0][0] for each in pairs}) > 5
    assert {name: a.get_json() for name, a in answers.items() if a.status_code != 200} == {}
    assert all(answers[str(each)].get_json()["data"] for each in pairs)


def test_the_shell_is_asked_for_the_bodies_of_the_export(stage: Stage) -> None:
    connection = apsw.Connection(str(stage.ground.database))
    bodies = [body.encode() for (body,) in connection.execute(exporting.selection(stage))]

    parts = exports.ndjson(stage.db, datasets.at(stage.db, dataset.NAME, None))
    lines = b"".join(parts).splitlines(keepends=True)

    told = [line for line in lines if line.startswith(b'{"kind"')]
    assert bodies == [line.partition(b',"record":')[2][:-2] for line in told]


def test_a_load_alone_tells_what_it_took(
    tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "publish", loading.publish)
    monkeypatch.setattr(loading.judging, "keep_if_possible", loading.judging.keep_if_possible)
    shutil.copy(migrated_sqlite, tmp_path / "recension.db")
    first, second, _ = loads.written(tmp_path, RECORDS)

    told = [
        load_alone.alone(f"sqlite:///{tmp_path}/recension.db", path) for path in (first, second)
    ]

    assert [each["outcome"] for each in told] == ["published", "published"]
    assert told[1]["recognised"] > 0.9 * RECORDS > told[0]["recognised"]
    assert all(0 < each["held"] < 1 and each["judging"] > 0 for each in told)


def test_the_reference_service_loads_all_figures(tmp_path: Path) -> None:
    first = loads.written(tmp_path, RECORDS)[0]
    kinds = [orjson.loads(line).get("kind") for line in first.read_bytes().splitlines()]

    assert load_alone.by_the_tutorial(first)["figures"] == kinds.count("figures") > 100


@pytest.mark.parametrize("answer", [CHUNKED + b"4\r\n1234\r\n0\r\n\r\n", SIZED + b"1234"])
def test_a_stream_is_taken_to_its_end(answer: bytes) -> None:
    found = streamed(_answering(answer), "/diff")

    assert found.bytes == len(answer)
    assert 0 < found.first <= found.whole


@pytest.mark.parametrize(
    "answer",
    [CHUNKED + b"4\r\n1234\r\n", SIZED + b"123", SIZED.replace(b"200", b"503") + b"1234", b""],
)
def test_a_stream_that_is_cut_off_or_refused_is_no_figure(answer: bytes) -> None:
    with pytest.raises(RuntimeError, match="/diff was not answered whole"):
        streamed(_answering(answer), "/diff")


def test_a_filter_that_is_too_slow_to_be_answered_is_a_figure(
    stage: Stage, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: float) -> Figures:
        raise Failed("65 of 65 requests failed")

    monkeypatch.setattr(stage, "get", lambda path: client.get(path))
    found = filters.at_all(stage, Work("slow", refused), 0.0)

    assert found == {"slow": 0, "slow: p50, ms": math.inf, "slow: p99, ms": math.inf}
    with pytest.raises(ZeroDivisionError):
        filters.at_all(stage, Work("broken", lambda _: {"broken": 1 / 0}), 0.0)


def test_a_part_that_fails_says_so_and_ends_nothing(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: Sequence[Stage]) -> Part:
        raise RuntimeError("no such tool")

    def whole(_: Sequence[Stage]) -> Part:
        return Part([Work("a", lambda _: {"a": 3.0})], [Ratio("a", "a", most=2)], "About it.")

    given = argparse.Namespace(seconds=0, rounds=2, figures=True)
    done = [command.done("x", "300", [stage.ground], make, given) for make in (broken, whole)]

    assert done == [False, True]
    told = capsys.readouterr().out
    assert "This part failed: no such tool" in told
    assert "About it.\n\n| measured |" in told
    assert "| a |  | 3 | 3 to 3 | ≤ 2 | **not reached** |" in told


def test_one_size_is_compared_with_none(stage: Stage) -> None:
    assert several.sizes([stage]).ratios == []


def test_a_program_that_is_missing_is_told_with_its_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(RuntimeError, match="apt-get install sqlite3-tools"):
        tools.require("sqldiff")


def _answering(answer: bytes) -> str:
    """Return the address of a server that gives one answer to one request."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listening, listening.accept()[0] as connection:
            connection.recv(1 << 16)
            connection.sendall(answer)

    Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}"
