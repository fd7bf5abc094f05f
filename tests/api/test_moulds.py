"""What is cast after another answer is what the application would give, to the byte."""

from itertools import count
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from service.loader import redaction
from service.store import Database
from service.web import moulds
from service.web.address import Address
from service.web.cursors import encode
from tests.api.pair import Pair
from tests.api.published import ADDED, CHANGED, FIGURE, NAME, first, fourth, publish, second
from tests.api.walking import HERE, pages
from tests.steady import steady_store

_numbers = count(1)

IDS = [FIGURE, CHANGED, *(f"more-{number:03}" for number in range(ADDED)), "zz-last", "none"]
LISTS = (
    {"limit": "2"},
    {"limit": "3", "total": "true"},
    {"limit": "2", "sort": "-value,id"},
    {"limit": "2", "measure": "injured"},
    {"limit": "1", "value__gte": "0"},
    {"limit": "2", "as_of": "2022-01-07"},
    {"limit": "2", "fields": "value"},
    {"limit": "2", "include": "counted.event"},
    {"limit": "2", "format": "ndjson"},
    {"limit": "2", "format": "bibtex"},
    {"limit": "2", "words__contains": "CURSOR"},
    {"limit": "2", "words__contains": "{0}"},
)

codings = st.sampled_from((None, "gzip", "zstd, gzip;q=0.5", "identity;q=0, gzip"))
conditions = st.sampled_from(("none", "none", "held", "weak", "other"))
starts = st.sampled_from(("", "/revisions/1", "/revisions/2"))
walks = st.tuples(
    starts,
    st.sampled_from(LISTS),
    st.lists(st.sampled_from(IDS), min_size=2, max_size=3),
    st.sampled_from((1, 2, 2, 9)),
    st.sampled_from(("", "", "0", "%20", "&cursor=x")),
)
singles = st.tuples(starts, st.lists(st.sampled_from(IDS), min_size=2, max_size=3))


def addresses(
    name: str, start: str, query: dict[str, str], after: list[str], number: int, spoiled: str
) -> list[str]:
    """Return what to ask below the dataset for pages that follow ids, by cursors of a revision."""
    home = f"/v1/datasets/{name}"
    number = int(start[-1]) if start else number
    bound = {each: value for each, value in query.items() if each not in ("as_of", "limit")}
    pinned = Address(f"{home}/revisions/{number}/figures").asking(**bound)
    cursors = [encode(number, (each,), pinned) + spoiled for each in after]
    asked = []
    for cursor in cursors:
        place = Address("/figures").asking(**query)
        said = str(place).replace("CURSOR", cursors[0])
        asked.append(f"{said}&cursor={cursor}")
    return asked


@steady_store
@given(
    asked=st.lists(st.tuples(walks, singles, codings, conditions), min_size=1, max_size=2),
)
def test_what_is_cast_is_what_would_be_made(db: Database, asked: list[tuple[Any, ...]]) -> None:
    pair = Pair(db, f"port-{next(_numbers)}")

    for release in (first(), second(), fourth(), None):
        if release:
            publish(db, release, pair.name)
        else:
            redaction.redact(db, pair.name, "figures", CHANGED, "A witness asked for it.")
        for walk, (start, ids), coding, condition in asked:
            for read in addresses(pair.name, *walk):
                pair.ask("GET", walk[0], read, coding, None, condition)
            for each in ids:
                pair.ask("GET", start, f"/figures/{each}", coding, None, condition)


@pytest.mark.parametrize("query", LISTS[:6], ids=str)
def test_one_page_of_a_walk_is_made_and_the_others_are_cast(
    publishing: FlaskClient, made: list[str], query: dict[str, str]
) -> None:
    walked = list(pages(publishing, str(Address(f"{HERE}/figures").asking(**query))))

    # The first has no cursor, the second is made for the others, the last has none that follows.
    assert len(walked) > 4
    assert len(made) == 3


def test_one_page_that_none_follows_is_made_and_the_others_are_cast(
    publishing: FlaskClient, made: list[str]
) -> None:
    asked = addresses(NAME, "", {"limit": "200"}, IDS, 2, "")
    found = [publishing.get(f"{HERE}{read}").get_json() for read in asked]

    assert not any("next" in page["links"] for page in found)
    assert {len(page["data"]) for page in found} >= {0, 1, ADDED}
    assert len(made) == 1


def test_one_record_of_a_kind_is_made_and_the_others_are_cast(
    publishing: FlaskClient, made: list[str]
) -> None:
    for number in range(ADDED):
        assert publishing.get(f"{HERE}/figures/more-{number:03}").status_code == 200
    # One that had a version before has a link more.
    for each in (CHANGED, FIGURE):
        assert publishing.get(f"{HERE}/figures/{each}").status_code == 200

    assert made == ["/figures/more-000", f"/figures/{CHANGED}"]


def test_who_holds_the_tag_of_a_record_is_told_without_the_application(
    publishing: FlaskClient, made: list[str]
) -> None:
    paths = [f"{HERE}/figures/more-{number:03}" for number in range(ADDED)]
    tags = [publishing.get(path).headers["ETag"] for path in paths]
    made.clear()

    for path, tag in zip(paths, tags, strict=True):
        assert publishing.get(path, headers={"If-None-Match": tag}).status_code == 304

    assert len(made) == 1


def test_a_mould_ends_with_the_revision(
    publishing: FlaskClient, store: Database, made: list[str]
) -> None:
    def ask() -> list[str]:
        made.clear()
        for number in range(3):
            publishing.get(f"{HERE}/figures/more-{number + 1:03}")
        return list(made)

    assert ask() == ["/figures/more-001"]
    assert ask() == []
    publish(store, fourth())
    assert ask() == ["/figures/more-001"]


def test_a_cast_that_differs_would_be_noticed(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(db, second())
    pair = Pair(db)

    # An answer is kept as it is, and neither opened nor looked through.
    monkeypatch.setattr(moulds._Form, "names", lambda *_: False)
    monkeypatch.setattr(moulds, "_opened", lambda text, marks: text)
    pair.ask("GET", "", "/figures/more-001", None, None, "none")

    with pytest.raises(AssertionError):
        pair.ask("GET", "", "/figures/more-002", None, None, "none")
