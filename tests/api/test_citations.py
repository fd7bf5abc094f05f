"""A citation names the pinned address of a result, and the sha256 of what it answers."""

import json
import re
from collections.abc import Iterator
from hashlib import sha256

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.app import create_app
from service.config import Config
from service.store import Database
from tests.api.contract import Contract
from tests.api.published import FIGURE, NAME, first, fourth, publish
from tests.api.test_contract import addresses
from tests.api.walking import BASE, HERE, local

NAMES = ("citation", "bibtex", "csl-json")
PINNED = f"{HERE}/revisions/2"
TITLE = r'50 % of {A & B_C}: $1 #2 ~3 ^4 \end "q" } Żółć'
UNCITED = ("manifest", "figures.sums", "timemap")


def citable(app: Flask) -> Iterator[str]:
    """Yield every pinned address of a read in JSON."""
    for path, query in addresses(app):
        if path.startswith(PINNED) and path.rpartition("/")[2] not in UNCITED:
            yield f"{path}?{query}"
    yield f"{HERE}/diff?from=1&to=2"
    yield f"{HERE}/diff?from=1&to=2&limit=2&kind=figures"
    yield f"{PINNED}/figures?limit=2&sort=-id&value__gte=1"
    yield f"{PINNED}/figures/{FIGURE}?fields=value"


def cited(client: FlaskClient, address: str, name: str = "csl-json") -> TestResponse:
    """Return the citation of an address."""
    return client.get(f"{address}{'&' if '?' in address else '?'}format={name}")


def told(answer: TestResponse) -> tuple[str, str]:
    """Return the address and the sha256 in a citation of any form."""
    assert answer.status_code == 200, answer.get_data()
    text = answer.get_data(as_text=True)
    (digest,) = re.findall("sha256 ([0-9a-f]{64})", text)
    (url,) = re.findall(rf"{BASE}/v1[^ \"}}]*", text)
    return local(url), digest


@pytest.mark.parametrize("name", NAMES)
def test_every_pinned_read_answers_what_its_citation_says(
    app: Flask, client: FlaskClient, contract: Contract, name: str
) -> None:
    found = list(citable(app))
    assert len(found) > 25

    for address in found:
        answer = cited(client, address, name)
        url, digest = told(answer)

        assert contract.violations(address.partition("?")[0], answer) == [], address
        assert sha256(client.get(url).get_data()).hexdigest() == digest, address
        assert sha256(client.get(address).get_data()).hexdigest() == digest, address
        assert "format" not in url


@pytest.mark.parametrize("read", ["figures", f"figures/{FIGURE}/history", "export", "diff?from=1"])
def test_a_moving_address_is_cited_by_its_pinned_one(
    client: FlaskClient, contract: Contract, read: str
) -> None:
    answer = cited(client, f"{HERE}/{read}", "citation")
    url, digest = told(answer)

    pinned = local(answer.headers["Content-Location"])
    assert contract.violations(f"{HERE}/{read}".partition("?")[0], answer) == []
    assert "/revisions/3/" in url or "to=3" in url
    assert "format=citation" in pinned
    assert client.get(pinned).get_data() == answer.get_data()
    assert sha256(client.get(url).get_data()).hexdigest() == digest


def test_an_instant_is_cited_by_the_revision_that_it_had(client: FlaskClient) -> None:
    url, digest = told(cited(client, f"{HERE}/figures?as_of=2022-01-07&clock=issued"))

    assert url == f"{PINNED}/figures"
    assert sha256(client.get(url).get_data()).hexdigest() == digest


@pytest.mark.parametrize("read", ["figures?limit=3", "diff?from=1&limit=3"])
def test_the_next_page_of_a_walk_can_be_cited(client: FlaskClient, read: str) -> None:
    following = local(client.get(f"{HERE}/{read}").get_json()["links"]["next"])
    address = re.sub("format=json&", "", following)
    url, digest = told(cited(client, address))

    assert "cursor=" in url
    assert sha256(client.get(following).get_data()).hexdigest() == digest
    assert sha256(client.get(url).get_data()).hexdigest() == digest


def test_a_citation_stays_the_same_after_another_revision(
    publishing: FlaskClient, store: Database
) -> None:
    before = [cited(publishing, f"{PINNED}/figures", name) for name in NAMES]

    publish(store, fourth())
    after = [cited(publishing, f"{PINNED}/figures", name) for name in NAMES]

    assert [a.get_data() for a in after] == [b.get_data() for b in before]
    assert [a.headers["ETag"] for a in after] == [b.headers["ETag"] for b in before]
    assert after[0].headers["Cache-Control"] == "public, max-age=86400, immutable"


def test_each_form_has_its_own_tag_and_is_not_sent_again(client: FlaskClient) -> None:
    answers = [
        client.get(f"{PINNED}/figures"),
        *(cited(client, f"{PINNED}/figures", n) for n in NAMES),
    ]
    tags = [answer.headers["ETag"] for answer in answers]
    held = client.get(f"{PINNED}/figures?format=bibtex", headers={"If-None-Match": tags[2]})

    assert len(set(tags)) == len(tags)
    assert held.status_code == 304


@pytest.mark.parametrize("read", ["figures", "export", "diff?from=1&to=2"])
def test_a_head_has_the_headers_of_the_citation(client: FlaskClient, read: str) -> None:
    address = f"{HERE}/{read}{'&' if '?' in read else '?'}format=bibtex"
    got, headed = client.get(address), client.head(address)

    kept = ("ETag", "Content-Length", "Content-Type", "Link", "Content-Disposition")
    assert [headed.headers.get(name) for name in kept] == [got.headers.get(name) for name in kept]


def test_accept_never_asks_for_a_citation(client: FlaskClient) -> None:
    for kind in ("text/plain", "application/x-bibtex", "application/vnd.citationstyles.csl+json"):
        assert client.get(f"{PINNED}/figures", headers={"Accept": kind}).status_code == 406


@pytest.mark.parametrize(
    "address", [HERE, f"{HERE}/revisions", f"{PINNED}/manifest", f"{HERE}/changes", "/v1/datasets"]
)
def test_what_is_not_pinned_in_json_has_no_citation(client: FlaskClient, address: str) -> None:
    assert cited(client, address).status_code == 400


def test_what_cannot_be_read_cannot_be_cited(client: FlaskClient) -> None:
    assert cited(client, f"{PINNED}/figures/none").status_code == 404
    assert cited(client, f"{HERE}/revisions/9/figures").status_code == 404
    assert cited(client, f"{PINNED}/figures", "tar").status_code == 400


def test_the_words_are_one_line(client: FlaskClient) -> None:
    answer = cited(client, f"{PINNED}/figures", "citation")
    digest = sha256(client.get(f"{PINNED}/figures").get_data()).hexdigest()

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.get_data(as_text=True) == (
        f"{first().document['title']}. Revision 2, issued 2022-01-07T23:59:59Z. {BASE}."
        f" {BASE}{PINNED}/figures sha256 {digest}.\n"
    )


@pytest.fixture
def odd(empty: Database) -> FlaskClient:
    """A client over a dataset whose title has every special character."""
    publish(empty, first()._replace(document=first().document | {"title": TITLE}))
    return create_app(Config(public_url=BASE), empty).test_client()


def test_a_title_with_special_characters_is_escaped_for_bibtex(odd: FlaskClient) -> None:
    answer = cited(odd, f"{HERE}/revisions/1/figures", "bibtex")
    text = answer.get_data(as_text=True)
    (title,) = re.findall(r"title = {{(.*)}},\n", text)

    assert answer.headers["Content-Type"] == "application/x-bibtex; charset=utf-8"
    assert title == (
        r"50 \% of \textbraceleft{}A \& B\_C\textbraceright{}: \$1 \#2"
        r" \textasciitilde{}3 \textasciicircum{}4 \textbackslash{}end"
        r' "q" \textbraceright{} Żółć'
    )
    assert text.count("{") == text.count("}")
    assert re.match(rf"@misc{{{NAME}-1-[0-9a-f]{{12}},\n", text)


def test_a_title_with_special_characters_is_kept_in_json(odd: FlaskClient) -> None:
    (item,) = json.loads(cited(odd, f"{HERE}/revisions/1/figures").get_data())

    assert item["title"] == TITLE
    assert item["issued"] == {"date-parts": [[2022, 1, 6]]}
    assert (item["type"], item["version"], item["publisher"]) == ("dataset", "1", BASE)


def test_the_openapi_document_says_where_there_are_citations(contract: Contract) -> None:
    paths = contract.document["paths"]
    content = paths["/v1/datasets/{dataset}/figures"]["get"]["responses"]["200"]["content"]
    manifest = "/v1/datasets/{dataset}/revisions/{revision}/manifest"

    assert list(content)[-3:] == [
        "text/plain",
        "application/x-bibtex",
        "application/vnd.citationstyles.csl+json",
    ]
    assert list(paths[manifest]["get"]["responses"]["200"]["content"]) == ["text/plain"]
