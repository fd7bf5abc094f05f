"""What a redaction leaves to be seen over HTTP: that it happened, why, and no word of the body."""

import csv
import io
from collections.abc import Iterator

import jsonpatch
import orjson
import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.canonical import canonical
from service.config import Config
from service.loader.redaction import lift, redact
from service.store import Database
from tests.api import differing
from tests.api.contract import Contract
from tests.api.published import CHANGED, NAME, Release, first, publish, second
from tests.api.walking import BASE, pages

WHY = "A witness is at risk."
SAID = "Counted again."
HERE = f"/v1/datasets/{NAME}"


@pytest.fixture
def erased(publishing: FlaskClient, store: Database) -> FlaskClient:
    """A client after the redaction: revision 4 is the redacting one."""
    redact(store, NAME, "figures", CHANGED, WHY)
    return publishing


def _changes(client: FlaskClient, query: str) -> dict[str, dict[str, object]]:
    told = [change for page in pages(client, f"{HERE}/diff?{query}") for change in page["data"]]
    return {str(change["id"]): change for change in told}


@pytest.mark.parametrize("number", [1, 4])
def test_the_record_is_gone_from_every_revision_and_says_why(
    erased: FlaskClient, number: int
) -> None:
    for place in (f"revisions/{number}/figures/{CHANGED}", f"figures/{CHANGED}"):
        answer = erased.get(f"{HERE}/{place}")
        assert answer.status_code == 410
        assert WHY in answer.get_json()["detail"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_pages_show_the_stub(erased: FlaskClient) -> None:
    for number in (1, 2, 3, 4):
        page = erased.get(f"{HERE}/revisions/{number}/figures").get_json()["data"]
        (stub,) = [record for record in page if record["id"] == CHANGED]
        assert stub.keys() == {"id", "redacted"}
        assert stub["redacted"]["why"] == WHY


def test_no_answer_has_a_word_of_the_body(erased: FlaskClient) -> None:
    addresses = [f"{HERE}/revisions/{number}/figures" for number in (1, 2, 3, 4)]
    addresses += [f"{HERE}/figures/{CHANGED}/history", f"{HERE}/revisions"]
    forms = ("json", "ndjson", "csv")
    addresses += [f"{HERE}/diff?from={a}&to={b}&format={form}"
                  for a in (1, 2, 3, 4) for b in (1, 2, 3, 4) for form in forms]  # fmt: skip

    assert not [each for each in addresses if SAID.encode() in erased.get(each).get_data()]


@pytest.mark.parametrize("span", ["from=1&to=2", "from=2&to=1", "from=1&to=4", "from=4&to=2"])
def test_a_diff_tells_that_it_cannot_tell(
    publishing: FlaskClient, store: Database, span: str
) -> None:
    digests = {n: _digest(publishing, n) for n in (1, 2)}
    redact(store, NAME, "figures", CHANGED, WHY)
    change = _changes(publishing, span)[CHANGED]

    assert change["change"] == "modified"
    assert change["redacted"] is True
    assert not {"fields", "record"} & change.keys()
    to = int(span[-1])
    if to in digests:
        assert change["digest"] == digests[to]


def _digest(client: FlaskClient, number: int) -> str:
    proof = client.get(f"{HERE}/revisions/{number}/figures/{CHANGED}/proof").get_json()
    return str(proof["data"]["digest"])


def test_the_table_has_a_row_without_a_field(erased: FlaskClient) -> None:
    text = erased.get(f"{HERE}/diff?from=1&to=2&format=csv&id={CHANGED}").get_data(as_text=True)
    (row,) = csv.DictReader(io.StringIO(text, newline=""))

    assert (row["change"], row["path"], row["old"], row["new"]) == ("modified", "", "", "")


def test_no_filter_on_fields_or_sources_sees_it(erased: FlaskClient) -> None:
    assert CHANGED not in _changes(erased, "from=1&to=2&path=/note")
    assert CHANGED not in _changes(erased, "from=1&to=2&source=wire-002")
    assert CHANGED in _changes(erased, "from=1&to=2&kind=figures")


def test_a_patch_that_would_have_to_tell_it_is_gone(erased: FlaskClient) -> None:
    address = f"{HERE}/diff?from=1&to=2&format=json-patch"
    for more in ("", "&limit=1", "&kind=figures", f"&id={CHANGED}", "&change=modified"):
        answer = erased.get(address + more)
        assert answer.status_code == 410
        assert CHANGED in answer.get_json()["detail"]

    for more in ("&kind=actors", "&change=added", "&id=more-001"):
        assert erased.get(address + more).status_code == 200


def test_each_engine_finds_what_was_erased(db: Database) -> None:
    for release in (first(), second()):
        publish(db, release)
    client = create_app(Config(public_url=BASE), db).test_client()
    patch = f"{HERE}/diff?from=1&to=2&format=json-patch"
    assert client.get(patch).status_code == 200

    redact(db, NAME, "figures", CHANGED, WHY)

    assert client.get(patch).status_code == 410
    assert client.get(f"{patch}&change=added").status_code == 200
    assert _changes(client, "from=1&to=2&change=modified")[CHANGED]["redacted"] is True
    assert CHANGED not in _changes(client, "from=1&to=2&path=/note")


def test_a_patch_between_states_that_are_there_is_given(
    erased: FlaskClient, store: Database
) -> None:
    lift(store, NAME, "figures", CHANGED)
    publish(store, _later(erased))
    told = erased.get(f"{HERE}/diff?from=4&to=5&format=json-patch&limit=1000")

    old, new = (differing.export(store, number, NAME) for number in (4, 5))
    assert canonical(jsonpatch.apply_patch(old, told.get_json())) == canonical(new)
    assert CHANGED in str(told.get_json())


def _later(client: FlaskClient) -> Release:
    issued = client.get(HERE).get_json()["data"]["head"]["issued"]
    return second()._replace(issued=issued, message="Back.")


def test_the_history_keeps_digests_and_tells_no_fields(
    publishing: FlaskClient, store: Database
) -> None:
    kept = [_digest(publishing, number) for number in (1, 2)]
    redact(store, NAME, "figures", CHANGED, WHY)
    steps = publishing.get(f"{HERE}/figures/{CHANGED}/history").get_json()["data"]

    assert [step.get("redacted", False) for step in steps] == [True, True, False]
    assert [step["digest"] for step in steps][:2] == kept
    assert not [step for step in steps if "fields" in step]
    assert steps[2]["reason"] == "redacted"


def test_tags_change_and_caches_keep_answers_for_a_day(
    publishing: FlaskClient, store: Database
) -> None:
    tags = {address: publishing.get(address).headers["ETag"] for address in _pinned()}
    redact(store, NAME, "figures", CHANGED, WHY)

    for address, tag in tags.items():
        answer = publishing.get(address, headers={"If-None-Match": tag})
        assert answer.status_code == 200, address
        assert answer.headers["ETag"] != tag
        assert answer.headers["Cache-Control"] == "public, max-age=86400, immutable"


def _pinned() -> Iterator[str]:
    yield f"{HERE}/revisions/1/figures"
    yield f"{HERE}/revisions/1"
    yield from (f"{HERE}/diff?from=1&to=2&format={form}" for form in ("json", "ndjson", "csv"))


def test_answers_with_stubs_are_as_documented(erased: FlaskClient) -> None:
    contract = Contract(orjson.loads(erased.get("/openapi.json").get_data()))
    here = f"{HERE}/revisions/2"
    addresses = [
        f"{here}/figures",
        f"{here}/figures/{CHANGED}",
        f"{here}/figures/{CHANGED}/history",
    ]
    addresses += [f"{here}/figures/{CHANGED}/proof", f"{here}/figures/{CHANGED}/blame"]
    for path in addresses:
        assert contract.violations(path, erased.get(path)) == [], path
    for query in ("from=1&to=2", "from=1&to=2&format=json-patch"):
        answer = erased.get(f"{HERE}/diff?{query}")
        assert contract.violations(f"{HERE}/diff", answer) == [], query
