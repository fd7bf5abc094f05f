"""What is asked over HTTP is what a list in memory tells, on both engines, to the byte; and a tag
stands for the same bytes wherever it is met.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.app import create_app
from service.canonical import canonical
from service.config import Config
from service.store import Database
from service.web import caching
from tests.api.walking import BASE, following_link
from tests.reading import crowd, listing
from tests.reading.questions import questions
from tests.store.states import publish

HERE = f"/v1/datasets/{crowd.NAME}"
FIXTURE = HealthCheck.function_scoped_fixture
CODINGS = ("identity", "gzip", "zstd")


class Crowd:
    """The service over the three revisions of the crowd."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.revisions = crowd.publish_crowd(db)
        self.client = create_app(Config(public_url=BASE), db).test_client()


@pytest.fixture
def served(db: Database) -> Crowd:
    return Crowd(db)


def asking(question: Any) -> list[tuple[str, str]]:
    """Return a question as parameters; nothing may be named twice in one."""
    _, asked, keys = question
    told = [(name, _distinct(text) if name.endswith("__in") else text) for name, text in asked]
    return [*told, *([("sort", ",".join(keys))] if keys else [])]


def _distinct(text: str) -> str:
    return ",".join(dict.fromkeys(text.split(",")))


def walked(client: FlaskClient, address: str, form: str) -> list[bytes]:
    """Return the bytes of each record of a list, following `next` in one of two forms."""
    following: str | None = address
    told: list[bytes] = []
    while following:
        answer = client.get(following)
        assert answer.status_code == 200, answer.get_data()
        if form == "ndjson":
            told += answer.get_data().splitlines()
        else:
            told += _members(answer.get_data(), answer.get_json()["data"])
        following = following_link(answer)
    return told


def _members(body: bytes, data: list[Any]) -> Iterator[bytes]:
    """Yield the bytes of the records of a page: joined by commas, and nothing else."""
    members = [canonical(record) for record in data]
    assert body.startswith(b'{"data":[' + b",".join(members) + b"],")
    yield from members


def test_a_walk_over_http_tells_what_a_list_in_memory_does(served: Crowd) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=[FIXTURE])
    @given(
        question=questions(),
        number=st.integers(1, 3),
        moving=st.booleans(),
        limit=st.sampled_from([2, 3, 7, 100]),
        form=st.sampled_from(["json", "ndjson"]),
    )
    def agrees(question: Any, number: int, moving: bool, limit: int, form: str) -> None:
        kind, asked, keys = question
        number, place = (3, HERE) if moving else (number, f"{HERE}/revisions/{number}")
        records = served.revisions[number - 1]
        found = listing.admitted(records[kind].values(), kind, asked, records["sources"])
        expected = listing.ordered(found, kind, keys)
        query = urlencode([*asking(question), ("limit", limit), ("format", form)])

        told = walked(served.client, f"{place}/{kind}?{query}", form)

        assert told == [canonical(record) for record in expected]

    agrees()


Told = dict[str, tuple[str, bytes]]
"""By tag: where it was met first, and with which bytes."""


@st.composite
def asks(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """Draw an address of a read, moving or pinned, and what a client accepts."""
    number = draw(st.integers(0, 3))
    place = f"{HERE}/revisions/{number}" if number else HERE
    question = kind, asked, _ = draw(questions())
    ids = draw(st.sampled_from(["r-a1", "r-b7", "r-x2"]))
    lists = [*asking(question), ("limit", str(draw(st.sampled_from([1, 2, 100]))))]
    form = [("format", draw(st.sampled_from(["json", "ndjson", "csv", "citation", "bibtex"])))]
    whole = [("format", draw(st.sampled_from(["json", "ndjson", "zip", "csv", "geojson"])))]
    path, query = draw(
        st.sampled_from(
            [
                (kind, lists),
                (kind, lists + form),
                (kind, [*lists, ("fields", "id")]),
                (kind, [*lists, ("total", "true")]),
                ("facets", [("kind", kind), ("field", "id"), *asked]),
                (f"{kind}/{ids}", []),
                (f"{kind}/{ids}", [("fields", "id")]),
                (f"{kind}/{ids}/history", []),
                (f"{kind}/{ids}/blame", []),
                (f"{kind}/{ids}/proof", []),
                ("search", [("q", draw(st.sampled_from(["a", "A", "10"])))]),
                ("export", whole),
                ("dataset.json", []),
            ]
        )
    )
    accepted = {"Accept-Encoding": draw(st.sampled_from(CODINGS))}
    if draw(st.booleans()):
        accepted["Accept"] = draw(st.sampled_from(["application/json", "text/csv", "*/*"]))
    return f"{place}/{path}?{urlencode(draw(st.permutations(query)), quote_via=quote)}", accepted


def clashes(client: FlaskClient, asked: Iterable[Any], told: Told) -> list[str]:
    """Return the addresses at which a tag stands for other bytes than elsewhere, noting all."""
    found = []
    for address, accepted in asked:
        answer = client.get(address, headers=accepted)
        if answer.status_code == 200 and "ETag" in answer.headers:
            known, body = told.setdefault(
                answer.headers["ETag"], (f"{address} {accepted}", answer.get_data())
            )
            if body != answer.get_data():
                found.append(f"{known}\n{address} {accepted}")
    return found


def test_equal_tags_mean_equal_bytes_at_all_addresses(served: Crowd) -> None:
    told: Told = {}
    every: list[Any] = []

    @settings(max_examples=100, deadline=None, suppress_health_check=[FIXTURE])
    @given(asks())
    def agrees(ask: Any) -> None:
        every.append(ask)
        assert clashes(served.client, [ask], told) == []

    agrees()
    # Going back makes what is moving what it was, but at another revision.
    publish(served.db, crowd.state(served.revisions[1]), crowd.NAME)

    assert clashes(served.client, every, told) == []
    assert len(told) > 60


@pytest.mark.parametrize("part", ["chain", "coding", "query"])
def test_a_tag_that_forgets_a_part_is_noticed(
    served: Crowd, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    real = caching.tag
    told: Told = {}

    def forgetful(reading: Any, base: str, place: Any, media_type: str, coding: str) -> str:
        if part == "chain":
            reading = replace(reading, revision=replace(reading.revision, chain=""))
        place = place._replace(query=()) if part == "query" else place
        return real(reading, base, place, media_type, "gzip" if part == "coding" else coding)

    monkeypatch.setattr(caching, "tag", forgetful)
    lists = [f"{HERE}/figures?limit={limit}" for limit in (20, 100)]
    asked = [(address, {"Accept-Encoding": coding}) for address in lists for coding in CODINGS]

    found = clashes(served.client, asked, told)
    publish(served.db, crowd.state(served.revisions[1]), crowd.NAME)
    found += clashes(served.client, asked, told)

    assert found != []
