"""A walk over a list is whole, stays at its revision, and takes no cursor but its own."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.errors import BadQuery
from service.store import Database
from service.web import cursors
from service.web.address import Address
from tests.api.published import FIGURE, fourth, publish, third
from tests.api.walking import HERE, local, pages, walk

LISTS = (
    f"{HERE}/figures",
    f"{HERE}/actors",
    f"{HERE}/revisions/1/figures",
    f"{HERE}/revisions",
    f"{HERE}/diff?from=1&to=3",
    f"{HERE}/diff?from=3&to=1",
    f"{HERE}/diff?from=1",
    f"{HERE}/diff?from=1&change=added&kind=figures",
)
DIFF = Address(f"{HERE}/diff").asking(**{"from": 1, "to": 3})
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def limited(address: str, limit: int) -> str:
    return f"{address}{'&' if '?' in address else '?'}limit={limit}"


def cursor(client: FlaskClient, address: str) -> str:
    """Return the cursor of the second page of a list."""
    link = client.get(limited(address, 2)).get_json()["links"]["next"]
    return str(dict(part.split("=") for part in link.partition("?")[2].split("&"))["cursor"])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(address=st.sampled_from(LISTS), limit=st.integers(1, 20))
def test_a_walk_by_any_step_is_the_whole_list(
    client: FlaskClient, address: str, limit: int
) -> None:
    whole = client.get(limited(address, 1000)).get_json()["data"]

    assert walk(client, limited(address, limit)) == whole


def test_a_page_is_never_longer_than_asked(client: FlaskClient) -> None:
    assert [len(page["data"]) for page in pages(client, f"{HERE}/figures?limit=5")] == [5, 5, 4]


def test_every_next_link_is_pinned(client: FlaskClient) -> None:
    page = client.get(f"{HERE}/figures?limit=2").get_json()
    diff = client.get(f"{HERE}/diff?from=1&limit=2").get_json()

    assert local(page["links"]["next"]).startswith(f"{HERE}/revisions/3/figures?")
    assert "to=3" in local(diff["links"]["next"])


@pytest.mark.parametrize("kind", ["figures", "diff?from=1", "revisions"])
def test_a_walk_begun_at_the_head_stays_at_its_revision(
    publishing: FlaskClient, store: Database, kind: str
) -> None:
    before = walk(publishing, limited(f"{HERE}/{kind}", 2))
    walked = pages(publishing, limited(f"{HERE}/{kind}", 2))
    seen = next(walked)["data"]

    publish(store, fourth())
    seen += [item for page in walked for item in page["data"]]

    assert seen == before
    assert walk(publishing, f"{HERE}/{kind}") != before


def test_a_cursor_on_the_moving_address_reads_the_revision_that_it_began_at(
    publishing: FlaskClient, store: Database
) -> None:
    begun = cursor(publishing, f"{HERE}/figures")
    publish(store, fourth())

    answer = publishing.get(f"{HERE}/figures?cursor={begun}")

    assert answer.get_json()["meta"]["revision"] == 3
    assert "immutable" in answer.headers["Cache-Control"]


def test_a_page_may_be_of_another_size_on_the_way(client: FlaskClient) -> None:
    begun = cursor(client, f"{HERE}/figures")

    assert client.get(f"{HERE}/figures?cursor={begun}&limit=7").status_code == 200


def test_every_single_change_of_a_cursor_is_refused(client: FlaskClient) -> None:
    text = cursor(client, f"{HERE}/figures")
    harmed = {text[:i] + other + text[i + 1 :] for i in range(len(text)) for other in ALPHABET}
    harmed |= {text[:i] + text[i + 1 :] for i in range(len(text))}
    harmed |= {text + other for other in (*ALPHABET, "=", "==", "\n", " ")}

    for wrong in harmed - {text}:
        with pytest.raises(BadQuery):
            cursors.check(cursors.decode(wrong), Address(f"{HERE}/revisions/3/figures"))


@pytest.mark.parametrize(
    "wrong", ["", "x", "====", "%00", "é", "A" * 1_000, "bnVsbA", "-1", "../..", "null"]
)
def test_what_is_no_cursor_is_refused_over_http(client: FlaskClient, wrong: str) -> None:
    answer = client.get(f"{HERE}/figures", query_string={"cursor": wrong})

    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["parameter"] == "cursor"


@pytest.mark.parametrize(
    "other",
    [
        f"{HERE}/actors",
        f"{HERE}/revisions/1/figures",
        f"{HERE}/revisions/2/figures",
        f"{HERE}/revisions",
        f"{HERE}/diff?from=1",
        "/v1/datasets/elsewhere/figures",
    ],
)
def test_a_cursor_of_another_list_is_refused(
    publishing: FlaskClient, store: Database, other: str
) -> None:
    publish(store, third(), "elsewhere")
    foreign = cursor(publishing, f"{HERE}/figures")

    answer = publishing.get(f"{other}{'&' if '?' in other else '?'}cursor={foreign}")

    assert answer.status_code == 400
    assert "another list" in answer.get_json()["detail"]


def test_a_cursor_of_another_query_is_refused(client: FlaskClient) -> None:
    foreign = cursor(client, f"{HERE}/diff?from=1&to=3")

    for query in ("from=2&to=3", "from=1&to=2", "from=1&to=3&kind=figures"):
        assert client.get(f"{HERE}/diff?{query}&cursor={foreign}").status_code == 400


FORGED: list[tuple[Any, tuple[Any, ...]]] = [
    (3, ("nonsense",)),
    (3, (FIGURE, FIGURE)),
    (3, (FIGURE, FIGURE, FIGURE)),
    (3, ("\x00",)),
    (3, (5,)),
    (3, (["a"],)),
    (3, (None,)),
    (3, ()),
    (99, (FIGURE,)),
    (0, (FIGURE,)),
    (-1, (FIGURE,)),
    (2**63, (FIGURE,)),
    (True, (FIGURE,)),
    ("3", (FIGURE,)),
    (3.0, (FIGURE,)),
]


@pytest.mark.parametrize(("revision", "key"), FORGED)
@pytest.mark.parametrize(
    ("asked", "bound"),
    [
        (Address(f"{HERE}/figures"), Address(f"{HERE}/revisions/3/figures")),
        (Address(f"{HERE}/revisions"), Address(f"{HERE}/revisions")),
        (DIFF, DIFF),
    ],
)
def test_a_forged_cursor_breaks_nothing(
    client: FlaskClient, revision: Any, key: tuple[Any, ...], asked: Address, bound: Address
) -> None:
    forged = cursors.encode(revision, key, bound)

    answer = client.get(str(asked.asking(cursor=forged)))

    assert answer.status_code in ((200, 400) if revision == 3 else (400, 404))
