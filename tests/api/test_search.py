"""Search over HTTP: names in any spelling, ranks, highlights, revisions, and any characters."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import KINDS
from schemas.folding import words
from schemas.kind import Passage
from service.app import create_app
from service.config import Config
from service.loader.redaction import redact
from service.reading import search
from service.store import Database
from service.web.patterns import WORDS
from tests.api.contract import Contract
from tests.api.published import CHANGED, NAME
from tests.api.walking import BASE, pages

HERE = f"/v1/datasets/{NAME}"
SEARCH = f"{HERE}/search"
REAL = "/v1/datasets/kazakhstan-2022"


def asked(client: FlaskClient, address: str, **query: Any) -> dict[str, Any]:
    """Return the answer to a search that is right."""
    answer = client.get(f"{address}/search", query_string=query)
    assert answer.status_code == 200, answer.get_data()
    return dict(answer.get_json())


def found(client: FlaskClient, address: str, **query: Any) -> list[tuple[int, str]]:
    data = asked(client, address, **query)["data"]
    return [(hit["rank"], f"{hit['kind']}/{hit['id']}") for hit in data]


@pytest.mark.parametrize(
    "spelling", ["Tokayev", "Toqayev", "Tokaev", "Токаев", "Тоқаев", "TOKAYEV"]
)
def test_spellings_in_two_scripts_find_the_same_actor(real: FlaskClient, spelling: str) -> None:
    told = found(real, REAL, q=spelling)

    assert told == found(real, REAL, q="tokaiev")
    assert told[0] == (1, "actors/kassym-jomart-tokayev")
    assert found(real, REAL, q=spelling, kind="actors") == told[:1]


@pytest.mark.parametrize(("question", "first"), [
    ("Қазақстан", (1, "actors/kazakhstan")),
    ("Russia", (1, "actors/russia")),
    ("қасым жомарт тоқаев", (1, "actors/kassym-jomart-tokayev")),
    ("Назарбаев Нұрсұлтан", (2, "actors/nursultan-nazarbayev")),
    ("almaty police", (1, "actors/almaty-police")),
    ("prime minister", (3, "actors/askar-mamin")),
])  # fmt: skip
def test_a_whole_name_comes_first_then_names_then_words_as_printed(
    real: FlaskClient, question: str, first: tuple[int, str]
) -> None:
    told = found(real, REAL, q=question)

    assert told[0] == first
    assert told == sorted(told)


def test_a_pinned_revision_is_searched_as_it_was(real: FlaskClient) -> None:
    title = "Kazakhstan activists recall path from protest to bloodshed"
    one, three = (found(real, f"{REAL}/revisions/{n}", q=title, kind="sources") for n in (1, 3))

    assert one == []
    assert [rank for rank, _ in three] == [1]
    moving = real.get(f"{REAL}/search", query_string={"q": title, "as_of": "2022-01-06"})
    assert moving.get_json()["data"] == []
    assert "/revisions/1/search?" in moving.headers["Content-Location"]


def test_parts_put_together_are_the_text_where_it_stands(client: FlaskClient) -> None:
    hits = asked(client, HERE, q="herald")["data"]

    assert hits
    for hit in hits:
        record = client.get(f"{HERE}/{hit['kind']}/{hit['id']}").get_json()
        for match in hit["matches"]:
            told = "".join(part["text"] for part in match["parts"])
            text = _at(record, match["path"])
            assert text[match["start"] : match["start"] + len(told)] == told
            marked = [part["text"] for part in match["parts"] if part.get("match")]
            assert {form for part in marked for word in words(part) for form in word.forms} == {
                "herald"
            }
            assert match["field"] in KINDS[hit["kind"]].searchable


def _at(value: Any, path: str) -> Any:
    for step in path[1:].split("/"):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def test_a_long_text_is_told_around_the_first_match() -> None:
    text = "word " * 100 + "needle " + "word " * 100
    match = search._match(Passage("note", "/note", text), {"needle"})

    assert match is not None
    told = "".join(part.text for part in match.parts)
    assert text[match.start : match.start + len(told)] == told
    assert len(told) == search.LONGEST
    assert told.startswith("word")
    assert [part.text for part in match.parts if part.match] == ["needle"]


def test_a_walk_gives_every_hit_once(real: FlaskClient) -> None:
    whole = found(real, REAL, q="Tokayev")
    assert len({rank for rank, _ in whole}) == 3

    told = [hit for page in pages(real, f"{REAL}/search?q=Tokayev&limit=2") for hit in page["data"]]

    assert [(hit["rank"], f"{hit['kind']}/{hit['id']}") for hit in told] == whole


def test_a_cursor_belongs_to_its_question(real: FlaskClient) -> None:
    following = asked(real, REAL, q="Tokayev", limit=2)["links"]["next"]

    assert "/revisions/3/search?" in following
    other = real.get(following.removeprefix(BASE).replace("q=Tokayev", "q=Tokaev"))
    assert other.status_code == 400
    assert other.get_json()["errors"][0]["parameter"] == "cursor"


@pytest.mark.parametrize(("query", "parameter", "detail"), [
    ("", "q", "is missing"),
    ("q=", "q", "no word to look for"),
    ("q=%00%21%2A", "q", "no word to look for"),
    ("q=" + "+".join(f"w{n}" for n in range(17)), "q", "at most 16"),
    ("q=a&kind=people", "kind", "one of: actors"),
    ("q=a&sort=id", "sort", "is unknown here"),
    ("q=a&q=b", "q", "more than once"),
])  # fmt: skip
def test_a_wrong_question_is_told_what_would_be_right(
    client: FlaskClient, contract: Contract, query: str, parameter: str, detail: str
) -> None:
    answer = client.get(f"{SEARCH}?{query}")

    assert answer.status_code == 400
    (place,) = answer.get_json()["errors"]
    assert place["parameter"] == parameter
    assert detail in place["detail"]
    assert contract.violations(SEARCH, answer) == []


SYNTAX = ['"', "'", "a OR b", "NEAR(a b)", "a*", "-a", "title:a", "(", "^a", "a & !b", "a:*", "\\",
          "'; DROP TABLE texts; --", "%", "a%20b", "{a}", "\0a",
          "a\nb", "\ud7ff", "<b>a</b>"]  # fmt: skip


def test_any_characters_are_answered(real: FlaskClient) -> None:
    @settings(
        max_examples=150,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.one_of(st.sampled_from(SYNTAX), st.text(), st.text(alphabet="aоrAND*\"'()&|!:^- \\")))
    def answered(question: str) -> None:
        for address, name in ((f"{REAL}/search", "q"), (f"{REAL}/actors", "name__contains")):
            answer = real.get(address, query_string={name: question})
            assert answer.status_code in (200, 400)
            if answer.status_code == 400:
                assert answer.get_json()["errors"][0]["detail"]

    answered()


def test_the_most_words_in_all_fields_are_answered(real: FlaskClient) -> None:
    question = " ".join(f"khabar{number}kh" for number in range(16))

    assert found(real, REAL, q=question) == []


def test_words_in_one_field_are_a_filter(real: FlaskClient) -> None:
    def ids(kind: str, **query: str) -> list[str]:
        answer = real.get(f"{REAL}/{kind}", query_string=query)
        assert answer.status_code == 200, answer.get_data()
        return [record["id"] for record in answer.get_json()["data"]]

    assert ids("actors", name__contains="Тоқаев") == ["kassym-jomart-tokayev"]
    killed = {"place.printed__contains": "алматы", "measure": "killed", "quantifier": "plain"}
    assert ids("figures", **killed) == ["security-killed-report-002"]
    both = ids("events", title__contains="tokayev", sort="-date")
    assert set(both) == set(ids("events", title__contains="Токаев"))
    assert len(both) > 10


def test_a_field_that_is_not_searched_has_no_words(client: FlaskClient) -> None:
    answer = client.get(f"{HERE}/figures?unit__contains=persons")

    assert answer.status_code == 400
    assert "this field has: unit, unit__in, unit__ne" in answer.get_json()["errors"][0]["detail"]


def test_what_was_redacted_is_never_found(publishing: FlaskClient, store: Database) -> None:
    (before,) = [hit for hit in found(publishing, f"{HERE}/revisions/2", q="Counted again.")]
    assert before[1] == f"figures/{CHANGED}"

    redact(store, NAME, "figures", CHANGED, "A witness is at risk.")

    for number in (1, 2, 3, 4):
        for word in ("Counted again", "witness", "risk", CHANGED):
            told = found(publishing, f"{HERE}/revisions/{number}", q=word)
            assert f"figures/{CHANGED}" not in [name for _, name in told]


def test_answers_are_as_documented(real: FlaskClient, bundled: Database) -> None:
    app = create_app(Config(public_url=BASE), bundled).test_client()
    contract = Contract(app.get("/openapi.json").get_json())
    for query in ("q=Tokayev", "q=Tokayev&kind=events&limit=3", "q=report", "q=nobody"):
        for place in (REAL, f"{REAL}/revisions/2"):
            answer = real.get(f"{place}/search?{query}")
            assert contract.violations(f"{place}/search", answer) == []


def test_whatever_has_a_word_is_admitted_by_the_document() -> None:
    admitted = re.compile(WORDS["pattern"])
    told = [chr(point) for point in range(0x3000)]

    assert [each for each in told if any(words(each)) and not admitted.search(each)] == []
    assert not any(admitted.search(each) for each in "-, !'_{}")
