"""What is counted of requests is counted by the names that the document has."""

import re
from collections import Counter

import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.config import Config
from service.store import Database
from tests.api.walking import BASE, following_link
from tests.contested.dataset import SEEDS

AT = f"/v1/datasets/{SEEDS.name}"
COUNTED = re.compile(
    r'^recension_requests_total{method="(\w+)",operation="(\w+)",status="(\w+)"} (\d+)', re.M
)
LABELS = re.compile(r'operation="([^"]*)"')

ASKED = (
    ("GET", "/figures", "listFigures", 200),
    ("HEAD", "/figures", "listFigures", 200),
    ("OPTIONS", "/figures", "listFigures", 204),
    ("GET", "/figures?x=1", "listFigures", 400),
    ("GET", "/revisions/1/figures", "listFiguresAtRevision", 200),
    ("GET", "/sources", "listSources", 200),
    ("GET", "/events/unrest", "getEvent", 200),
    ("GET", "/revisions/3/events/unrest", "getEventAtRevision", 200),
    ("GET", "/events/none", "getEvent", 404),
    ("GET", "/actors/kassym-jomart-tokayev/history", "getActorHistory", 200),
    ("GET", "/revisions/2/sources/report-002/proof", "getSourceProofAtRevision", 200),
    ("GET", "/revisions/2", "getRevision", 200),
    ("GET", "/export", "getExport", 200),
    ("GET", "/revisions/2/export", "getExportAtRevision", 200),
    ("POST", "/figures", "none", 405),
    ("GET", "/nothing", "none", 404),
    ("GET", "/figures?x=" + "y" * 9000, "none", 414),
)  # fmt: skip


@pytest.fixture
def counted(bundled: Database) -> FlaskClient:
    """A client over the bundled dataset, on each engine, of whom nothing is counted yet."""
    return create_app(Config(public_url=BASE), bundled).test_client()


def counts(client: FlaskClient) -> Counter[tuple[str, str, str]]:
    """Return the requests that were answered, by operation, method and class of statuses."""
    told = COUNTED.findall(client.get("/metrics").get_data(as_text=True))
    return Counter({(named, method, status): int(n) for method, named, status, n in told})


def test_each_request_is_counted_by_the_id_that_the_document_has(counted: FlaskClient) -> None:
    paths = counted.get("/openapi.json").get_json()["paths"].values()
    ids = {each["operationId"] for path in paths for each in path.values() if "operationId" in each}
    due = Counter({("getOpenAPI", "GET", "2xx"): 1})

    # The second time most of them are kept.
    for method, path, named, status in ASKED * 2:
        assert counted.open(AT + path, method=method).status_code == status, path
        due[named, method, f"{status // 100}xx"] += 1

    assert counts(counted) == due
    labels = set(LABELS.findall(counted.get("/metrics").get_data(as_text=True)))
    assert labels == {named for named, _, _ in due} | {"getMetrics"}
    assert labels <= ids | {"none"}


def test_what_is_kept_or_cast_is_counted_as_what_it_was_made_after(
    counted: FlaskClient, made: list[str]
) -> None:
    after = following_link(counted.get(f"{AT}/figures?limit=2"))
    assert after
    cast = following_link(counted.get(after))
    one, other = (f"{AT}/sources/report-{number}" for number in ("002", "003"))
    held = {"If-None-Match": counted.get(one).headers["ETag"]}
    assert counted.get(one, headers=held).status_code == 304
    before = list(made)

    for path in (cast, after, one, other):
        assert path
        assert counted.get(path).status_code == 200
    assert counted.get(one, headers=held).status_code == 304

    assert made == before
    assert counts(counted) == {
        ("listFigures", "GET", "2xx"): 1,
        ("listFiguresAtRevision", "GET", "2xx"): 3,
        ("getSource", "GET", "2xx"): 3,
        ("getSource", "GET", "3xx"): 2,
    }
