"""Every pair of revisions of random histories, in every form, against two exports."""

import csv
import io
import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import jsonpatch
import orjson
import pytest
import rfc8785
from flask.testing import FlaskClient

from service.app import create_app
from service.config import Config
from service.reading import diffs
from service.store import Database, open_database
from service.store.tables import TABLES
from tests.api import differing
from tests.api.differing import NAME, PATHS, SOURCES, Change, Export
from tests.api.patching import applied, inverse
from tests.api.walking import BASE, following_link, pages

REVISIONS = 4
HERE = f"/v1/datasets/{NAME}/diff"


class Published(NamedTuple):
    client: FlaskClient
    exports: list[Export]

    def pairs(self) -> Iterator[tuple[str, Export, Export]]:
        """Yield each address of a diff and the two exports that it is between."""
        for (a, old), (b, new) in product(enumerate(self.exports, 1), repeat=2):
            yield f"{HERE}?from={a}&to={b}", old, new


@pytest.fixture
def published(db: Database) -> Published:
    """A random history behind a client, and what it exports, on each engine."""
    return _published(db, seed=1)


@pytest.fixture(scope="module", params=[1, 2])
def history(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Published]:
    """The like to be read by many tests: what they look at is the same on both engines."""
    path = tmp_path_factory.mktemp("history") / "recension.db"
    shutil.copy(migrated_sqlite, path)
    opened = open_database(f"sqlite:///{path}")
    yield _published(opened, request.param)
    opened.close()


def _published(db: Database, seed: int) -> Published:
    exports = differing.published(db, differing.history(seed, REVISIONS))
    return Published(create_app(Config(public_url=BASE), db).test_client(), exports)


def test_every_pair_differs_as_its_exports_do(published: Published) -> None:
    for address, old, new in published.pairs():
        wanted = differing.changes(old, new)
        found = list(pages(published.client, f"{address}&limit=7"))

        assert [differing.net(change) for page in found for change in page["data"]] == wanted
        assert {len(page["data"]) for page in found[:-1]} <= {7}
        assert all(page["meta"]["counts"] == differing.counted(wanted) for page in found)


def test_a_stream_of_lines_tells_all_pages_and_its_end(
    history: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diffs, "STEP", 5)
    for address, old, new in history.pairs():
        wanted = differing.changes(old, new)
        answer = history.client.get(f"{address}&format=ndjson")
        *lines, end = map(orjson.loads, answer.get_data().splitlines())

        assert list(map(differing.net, lines)) == wanted
        assert end["end"]["counts"] == differing.counted(wanted)
        assert answer.headers["Change-Counts"].startswith(f"total={len(wanted)}")


def test_a_table_is_read_back(history: Published) -> None:
    for address, old, new in history.pairs():
        text = history.client.get(f"{address}&format=csv").get_data(as_text=True)

        read = list(csv.DictReader(io.StringIO(text, newline="")))
        assert read == list(_rows(differing.changes(old, new)))


def _rows(changes: list[Change]) -> Iterator[dict[str, str]]:
    for change in changes:
        start = {name: change[name] for name in ("kind", "id", "change", "reason")} | {"why": ""}
        for field in _fields(change):
            sides = {side: _cell(field[side]) if side in field else "" for side in ("old", "new")}
            yield {**start, "path": field["path"], **sides}


def _fields(change: Change) -> list[dict[str, Any]]:
    if "fields" in change:
        return list(change["fields"])
    side = "new" if change["change"] == "added" else "old"
    return [
        {"path": path, side: value} for path, value in sorted(differing.fields(change["record"]))
    ]


def _cell(value: Any) -> str:
    return rfc8785.dumps(value).decode()


def _patch(client: FlaskClient, address: str) -> list[list[dict[str, Any]]]:
    """Return the pages of a patch, following the Link header."""
    told = []
    following: str | None = f"{address}&format=json-patch&limit=5"
    while following:
        answer = client.get(following)
        assert answer.mimetype == "application/json-patch+json"
        told.append(orjson.loads(answer.get_data()))
        following = following_link(answer)
    return told


def test_a_patch_leads_from_one_export_to_the_other_and_back(history: Published) -> None:
    for address, old, new in history.pairs():
        told = _patch(history.client, address)

        assert rfc8785.dumps(applied(old, told)) == rfc8785.dumps(new)
        undone = [inverse(page) for page in reversed(told)]
        assert rfc8785.dumps(applied(new, undone)) == rfc8785.dumps(old)


def test_a_patch_tests_what_it_takes_and_nothing_else(history: Published) -> None:
    for address, _, _ in history.pairs():
        operations = [each for page in _patch(history.client, address) for each in page]
        for before, each in zip([{}, *operations], operations, strict=False):
            guards = before.get("op") == "test" and before["path"] == each["path"]
            assert guards == (each["op"] in ("remove", "replace"))


def test_a_patch_does_not_fit_another_document(history: Published) -> None:
    for address, _, new in history.pairs():
        told = _patch(history.client, address)
        if any(operation["op"] == "test" for page in told for operation in page):
            with pytest.raises(jsonpatch.JsonPatchException):
                applied(new, told)


def _questions() -> Iterator[dict[str, str]]:
    yield from ({"path": path} for path in PATHS)
    yield from ({"source": source} for source in (*SOURCES, "nobody"))
    yield from ({"source": SOURCES[0], "path": path} for path in PATHS[:5])
    yield {"kind": "dataset", "path": "/extent"}
    yield {"kind": "events", "change": "modified", "path": "/place", "source": SOURCES[1]}
    yield {"kind": "sources", "source": SOURCES[0]}
    yield {"change": "added", "path": "/title"}
    yield {"change": "removed", "source": SOURCES[0], "id": "a"}


def test_filters_admit_what_dictionaries_admit(published: Published) -> None:
    for address, old, new in [*published.pairs()][1::6]:
        every = differing.changes(old, new)
        for asked in _questions():
            wanted = list(differing.narrowed(every, old, new, asked))
            query = "".join(f"&{name}={value}" for name, value in asked.items())
            found = list(pages(published.client, f"{address}{query}&limit=5"))

            assert [differing.net(change) for page in found for change in page["data"]] == wanted, (
                query
            )
            assert found[0]["meta"]["counts"] == differing.counted(wanted), query


def test_a_narrowed_patch_changes_no_more_than_it_is_asked_for(history: Published) -> None:
    for address, old, new in history.pairs():
        told = _patch(history.client, f"{address}&path=/place/id")
        after = applied(old, told)
        for name in old["events"].keys() & new["events"].keys():
            was, became = (dict(differing.fields(each["events"][name])) for each in (old, after))
            wanted = dict(differing.fields(new["events"][name])).get("/place/id")
            assert became.pop("/place/id", None) == wanted
            was.pop("/place/id", None)
            assert became == was


def _answers(db: Database) -> dict[str, bytes]:
    """Return diffs in every form, whole and narrowed, of a client that keeps no answers."""
    client = create_app(Config(public_url=BASE, cache_bytes=0), db).test_client()
    pairs = ((1, 2), (3, 4), (1, 4), (3, 2))
    forms = ("json", "ndjson", "csv", "json-patch")
    narrowed = ("", *(f"&path={path}" for path in PATHS[1:3]))
    asked = [f"{HERE}?from={old}&to={new}&format={form}{more}"
             for old, new in pairs for form in forms for more in narrowed]  # fmt: skip
    return {address: client.get(address).get_data() for address in asked}


def test_every_answer_is_the_same_where_no_comparison_is_kept(
    published: Published, db: Database
) -> None:
    kept = _answers(db)
    tables = set(TABLES.values())
    assert sum(db.run(f"UPDATE {table} SET fields = NULL") for table in tables)  # noqa: S608

    compared = _answers(db)
    db.run("UPDATE events SET fields = '[]' WHERE since > 1")

    assert kept == compared
    # The control: what is kept is what is told.
    assert _answers(db) != compared


def test_a_stream_of_many_windows_tells_what_one_does(
    published: Published, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = _answers(db)
    monkeypatch.setattr(diffs, "WINDOW", 2)
    monkeypatch.setattr(diffs, "STEP", 1)

    assert _answers(db) == at_once
