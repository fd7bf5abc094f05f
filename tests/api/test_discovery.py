"""How a program that knows nothing but the host finds its way."""

import pytest
from flask.testing import FlaskClient
from werkzeug.http import parse_options_header

from service.app import create_app
from service.config import Config
from service.store import Database
from tests.api.published import FIGURE, NAME, Release, first, publish
from tests.api.test_mementos import linked
from tests.api.walking import BASE, HERE

CATALOGUE = "/.well-known/api-catalog"


def test_the_catalogue_leads_to_what_describes_the_api(client: FlaskClient) -> None:
    answer = client.get(CATALOGUE)

    media_type, parameters = parse_options_header(answer.headers["Content-Type"])
    assert media_type == "application/linkset+json"
    assert parameters["profile"] == "https://www.rfc-editor.org/info/rfc9727"
    first_, api = answer.get_json()["linkset"]
    assert first_ == {"anchor": f"{BASE}{CATALOGUE}", "item": [{"href": api["anchor"]}]}
    for rel in ("service-desc", "service-doc", "status", "item"):
        (link,) = api[rel]
        found = client.get(link["href"].removeprefix(BASE))
        assert (found.status_code, found.mimetype) == (200, link["type"])


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/", "/v1", CATALOGUE])
def test_the_pages_of_links_lead_to_the_catalogue(
    client: FlaskClient, path: str, method: str
) -> None:
    told = linked(client.open(path, method=method).headers["Link"])

    assert told["api-catalog"][0]["href"] == f"{BASE}{CATALOGUE}"


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/linkset+json",
        'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"',
    ],
)
def test_the_catalogue_is_had_by_its_type(client: FlaskClient, accept: str) -> None:
    assert client.get(CATALOGUE, headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize(
    "rest", ["", "/figures?limit=2", f"/figures/{FIGURE}", "/dataset.json", "/export"]
)
def test_an_answer_says_under_which_licence_it_stands(client: FlaskClient, rest: str) -> None:
    for path in (f"{HERE}{rest}", f"{HERE}/revisions/1{rest}"):
        told = linked(client.get(path).headers["Link"])

        assert told["license"][0]["href"] == "https://spdx.org/licenses/CC-BY-4.0"


@pytest.mark.parametrize("rest", ["/figures?limit=2", f"/figures/{FIGURE}", "/dataset.json"])
def test_what_is_cited_is_the_pinned_address(client: FlaskClient, rest: str) -> None:
    pinned = f"{BASE}{HERE}/revisions/3{rest}"

    for path in (f"{HERE}{rest}", f"{HERE}/revisions/3{rest}"):
        (link,) = linked(client.get(path).headers["Link"])["cite-as"]

        assert link["href"] == pinned
        assert client.get(pinned.removeprefix(BASE)).get_data()


def test_each_revision_has_the_licence_of_its_time(empty: Database) -> None:
    for day, licence in (("2022-01-06", "CC-BY-4.0"), ("2022-01-07", "LicenseRef-own")):
        document = first().document | {"licence": licence}
        publish(empty, Release(document, {}, day, "x"), NAME)
    client = create_app(Config(), empty).test_client()

    before, now = (
        linked(client.get(f"{HERE}/revisions/{number}/dataset.json").headers["Link"])
        for number in (1, 2)
    )

    assert before["license"][0]["href"].endswith("/CC-BY-4.0")
    assert "license" not in now
