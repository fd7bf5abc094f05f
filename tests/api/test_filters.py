"""Lists that are filtered, sorted, cut down and widened, as a client asks for them."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from schemas import KINDS
from schemas.filters import Filterable
from service.app import create_app
from service.config import Config
from service.loader import Request, load, open_release, releases_in
from service.model import KINDS as NAMES
from service.store import Database
from service.web.examples import EXAMPLES
from tests.api.contract import Contract
from tests.api.published import CHANGED, FIGURE, publish, third
from tests.api.walking import HERE, walk
from tests.schemas import samples

FIGURES = f"{HERE}/figures"
LONG = "9" * 400
ROOT = Path(__file__).parents[2]

WRONG: list[tuple[str, str, str]] = [
    ("measure", "murdered", "is not one of: "),
    ("measure", "Killed", "is not one of: "),
    ("measure", "", "is not one of: "),
    ("measure__in", "killed,", "is not one of: "),
    ("measure__in", ",".join(["killed"] * 101), "at most 100"),
    ("measure__gt", "killed", "this field has: measure, measure__in, measure__ne"),
    ("measure__exists", "true", "this field has: "),
    ("measure__", "killed", "this field has: "),
    ("measure__contains", "k", "this field has: "),
    ("value", "x", "is not a number"),
    ("value", "012", "is not a number"),
    ("value", "1e3", "is not a number"),
    ("value", "12.0", "is not a number"),
    ("value", "+1", "is not a number"),
    ("value", "-0", "is not a number"),
    ("value", " 1", "is not a number"),
    ("value", "1 ", "is not a number"),
    ("value", "1\n", "is not a number"),
    ("value", "", "is not a number"),
    ("value", "\uff11\uff12", "is not a number"),
    ("value", "\u0663", "is not a number"),
    ("value", "NaN", "is not a number"),
    ("value", "1_0", "is not a number"),
    ("value", "0x10", "is not a number"),
    ("value", LONG, "is not a number"),
    ("value", "9223372036854775808", "is not between"),
    ("value__gte", "18446744073709551616", "is not between"),
    ("value__lt", "-9223372036854775809", "is not between"),
    ("value", "0.00001", "too near to zero"),
    ("value", "0.1000000000000000055", "significant digits"),
    ("value", "-771450036719367.215275172062513638", "significant digits"),
    ("value__in", "1,2,x", "is not a number"),
    ("value__exists", "yes", "is not true or false"),
    ("value__exists", "True", "is not true or false"),
    ("value__exists", "1", "is not true or false"),
    ("reference_period", "yesterday", "a date is written"),
    ("reference_period", "2022-02-30", "there is no day 30"),
    ("reference_period", "2022-1-5", "a date is written"),
    ("reference_period", "\uff12\uff10\uff12\uff12", "a date is written"),
    ("reference_period__within", "2022-01-05/2022-01-01", "ends before it starts"),
    ("reference_period__gte", "2022", "reference_period__within"),
    ("reference_period__before", "", "a date is written"),
    ("place.id", "Port Ember", "is not an id"),
    ("place.id", "a--b", "is not an id"),
    ("place.id", "\x00", "is not an id"),
    ("place.id", "con", "reserved"),
    ("place", "north-quay", "is unknown here"),
    ("place_id", "north-quay", "is unknown here"),
    ("printed", "x", "is unknown here"),
    ("redacted", "x", "is unknown here"),
    ("digest", "x", "is unknown here"),
    ("r.id", "x", "is unknown here"),
    ("__in", "x", "is unknown here"),
    ("__class__", "x", "is unknown here"),
    ("source", "", "is not an id"),
    ("source__exists", "true", "this field has: source, source__in"),
    ("sort", "", "is not one of: "),
    ("sort", "digest", "is not one of: "),
    ("sort", "printed", "is not one of: "),
    ("sort", "value,", "is not one of: "),
    ("sort", "--value", "is not one of: "),
    ("sort", "value desc", "is not one of: "),
    ("sort", "value,-value", "twice"),
    ("sort", "id,value,low,high", "at most 3"),
    ("fields", "nonsense", "is not one of: "),
    ("fields", "id,id", "twice"),
    ("include", "source", "is not one of: "),
    ("include", "figures", "is not one of: "),
    ("total", "false", "is not one of: true"),
    ("bbox", "1,2,3", "four numbers"),
    ("bbox", "1,2,3,x", "four numbers"),
    ("bbox", "1,91,3,92", "four numbers"),
    ("bbox", "1,9,3,8", "lies north of its north"),
    ("bbox", "181,1,3,8", "four numbers"),
    ("bbox", "\uff11,1,3,8", "four numbers"),
]

INJECTED = (
    "' OR '1'='1", "killed' OR 1=1 --", "killed; DROP TABLE figures", "\" OR \"\"=\"", "%", "_",
    "x') UNION SELECT body FROM figures --", "${7*7}", "?", "%s", "\\", "killed\x00", "(SELECT 1)",
)  # fmt: skip


@pytest.mark.parametrize(("name", "text", "told"), WRONG)
def test_what_cannot_be_asked_is_refused_with_what_can(
    client: FlaskClient, contract: Contract, name: str, text: str, told: str
) -> None:
    answer = client.get(FIGURES, query_string={name: text})

    assert answer.status_code == 400
    (place,) = answer.get_json()["errors"]
    assert place["parameter"] == name
    assert told in place["detail"]
    assert contract.violations(FIGURES, answer) == []


@pytest.mark.parametrize("text", INJECTED)
@pytest.mark.parametrize("name", ["measure", "id", "source", "value", "sort", "fields", "include"])
def test_a_value_is_never_a_statement(client: FlaskClient, name: str, text: str) -> None:
    before = client.get(FIGURES).get_data()

    assert client.get(FIGURES, query_string={name: text}).status_code == 400
    assert client.get(f"{HERE}/actors", query_string={"name": text}).status_code in (200, 400)
    assert client.get(FIGURES).get_data() == before


@pytest.mark.parametrize("name", INJECTED)
def test_a_name_is_never_a_statement(client: FlaskClient, name: str) -> None:
    for spelled in (name, f"measure{name}", f"measure__{name}", f"{name}__in"):
        assert client.get(FIGURES, query_string={spelled: "killed"}).status_code == 400


def test_all_that_is_wrong_is_told_at_once(client: FlaskClient) -> None:
    query = {"limit": "x", "measure": "x", "value__gt": "x", "nonsense": "x", "sort": "x"}
    told = client.get(FIGURES, query_string=query).get_json()["errors"]

    assert [place["parameter"] for place in told] == sorted(query)


def test_a_question_has_at_most_sixteen_filters(client: FlaskClient) -> None:
    names = [name for of in KINDS["figures"].filters.values() for name in of.spellings]
    many = [
        name for name in names if name.startswith(("value", "low", "high")) and "in" not in name
    ]
    assert len(many) > 16
    asked = {name: "true" if "exists" in name else "1" for name in many}

    assert client.get(FIGURES, query_string=dict(list(asked.items())[:16])).status_code == 200
    told = client.get(FIGURES, query_string=dict(list(asked.items())[:17]))
    assert told.status_code == 400
    assert "at most 16" in told.get_json()["detail"]


@pytest.mark.parametrize("kind", NAMES)
def test_every_filter_of_every_kind_is_answered(
    client: FlaskClient, contract: Contract, kind: str
) -> None:
    for of in KINDS[kind].filters.values():
        for operator, name in zip(of.operators, of.spellings, strict=True):
            address = f"{HERE}/{kind}"
            answer = client.get(address, query_string={name: _text(of, operator), "total": "true"})

            assert answer.status_code == 200, answer.get_data()
            assert contract.violations(address, answer) == [], name
            assert answer.get_json()["meta"]["total"] == len(answer.get_json()["data"])


def _text(of: Filterable, operator: str) -> str:
    if operator == "exists":
        return "true"
    values: tuple[str, ...] = getattr(of.field, "values", ())
    samples = {"date": "1931-05", "number": "12", "text": values[0] if values else "one"}
    return {"reference.country": "AQ", "language": "en"}.get(of.name, samples[of.type])


@pytest.mark.parametrize(("query", "found"), [
    ("value=12", {FIGURE}),
    ("value__gt=12&value__lte=15&id__ne=more-000&source=wire-002&note__x=1", None),
    ("id__in=more-001,more-000,nobody", {"more-000", "more-001"}),
    ("place.id=north-quay", {FIGURE}),
    ("reference_period=1931-05-05/..", {FIGURE}),
    ("reference_period__before=1931-05-05", set()),
    ("asserted.date__after=1931-05-03", {FIGURE}),
    ("attribution.actor=ada-quill", {FIGURE}),
    ("source=herald-001", {FIGURE}),
    ("series=injured.people.bridge-fall.north-quay", {FIGURE}),
    ("bbox=11,-65,13,-64", {FIGURE}),
    ("bbox=11,-65,11.5,-64", set()),
    ("suspected.error=digit_swap&quantifier=about", set()),
])  # fmt: skip
def test_a_filter_admits_what_says_so(
    client: FlaskClient, query: str, found: set[str] | None
) -> None:
    answer = client.get(f"{FIGURES}?{query}")

    if found is None:
        assert answer.status_code == 400
    else:
        assert {record["id"] for record in answer.get_json()["data"]} == found


def test_a_filter_holds_at_the_revision_that_is_read(client: FlaskClient) -> None:
    counts = [
        client.get(f"{HERE}/revisions/{number}/figures?source=wire-002&total=true").get_json()
        for number in (1, 2, 3)
    ]

    assert [told["meta"]["total"] for told in counts] == [1, 13, 13]


def test_a_filtered_list_has_a_total_only_where_that_is_asked_for(client: FlaskClient) -> None:
    assert "total" not in client.get(f"{FIGURES}?measure=injured").get_json()["meta"]
    assert client.get(f"{FIGURES}?sort=-value").get_json()["meta"]["total"] == 14


def test_a_sorted_and_filtered_walk_is_whole(client: FlaskClient) -> None:
    whole = client.get(f"{FIGURES}?sort=-value,id&measure=injured").get_json()["data"]

    assert walk(client, f"{FIGURES}?sort=-value,id&measure=injured&limit=3") == whole
    assert [record["value"] for record in whole] == [15] * 13 + [12]


def test_a_cursor_of_another_order_or_filter_is_refused(client: FlaskClient) -> None:
    link = client.get(f"{FIGURES}?sort=-value&limit=2").get_json()["links"]["next"]
    cursor = link.partition("cursor=")[2].partition("&")[0]

    for query in ("sort=value", "", "sort=-value&measure=injured", "sort=-value&fields=id"):
        answer = client.get(f"{FIGURES}?{query}&cursor={cursor}")
        assert answer.status_code == 400
        assert "another list" in answer.get_json()["detail"]


@pytest.mark.parametrize("address", [FIGURES, f"{FIGURES}/{FIGURE}"])
def test_sparse_records_have_their_id_and_what_was_asked_for(
    client: FlaskClient, contract: Contract, address: str
) -> None:
    answer = client.get(f"{address}?fields=value,unit")
    data = answer.get_json()["data"]

    assert contract.violations(address, answer) == []
    first = data[0] if isinstance(data, list) else data
    assert first == {"id": FIGURE, "unit": "persons", "value": 12}


@pytest.mark.parametrize("address", [FIGURES, f"{FIGURES}/{FIGURE}"])
def test_included_records_are_those_of_the_revision_each_once(
    client: FlaskClient, contract: Contract, address: str
) -> None:
    answer = client.get(f"{address}?include=evidence.source,of.event,place.id,relations.figure")
    included = answer.get_json()["included"]

    assert contract.violations(address, answer) == []
    ids = {kind: [record["id"] for record in records] for kind, records in included.items()}
    assert ids["events"] == ["bridge-fall"]
    assert ids["figures"] == [CHANGED]
    assert ids["places"] == ["north-quay"]
    assert ids["sources"] == (["herald-001", "wire-002"] if address == FIGURES else ["herald-001"])
    assert included["sources"][0] == client.get(f"{HERE}/sources/herald-001").get_json()


def test_one_record_without_such_wishes_stays_bare(client: FlaskClient) -> None:
    assert "data" not in client.get(f"{FIGURES}/{FIGURE}").get_json()
    assert client.get(f"{FIGURES}/{FIGURE}?sort=id").status_code == 400


def test_too_many_included_records_are_refused(publishing: FlaskClient, store: Database) -> None:
    release = third()
    plain = samples.minimal_actor()
    release.records["actors"] += [plain | {"id": f"a-{number:04}"} for number in range(1001)]
    members = [{"actor": f"a-{number:04}", "role": "actor"} for number in range(1001)]
    event = samples.minimal_event() | {"id": "crowd", "participants": members}
    event["accounts"] = [event["accounts"][0] | {"participants": members}]
    release.records["events"].append(event)
    publish(store, release._replace(issued="2022-01-10"))

    answer = publishing.get(f"{HERE}/events?include=participants.actor")

    assert answer.status_code == 400
    assert "smaller limit" in answer.get_json()["detail"]


def test_a_filter_is_read_from_any_order_of_parameters(client: FlaskClient) -> None:
    one = client.get(f"{FIGURES}?measure=injured&value=12")
    other = client.get(f"{FIGURES}?value=12&measure=injured")

    assert one.headers["ETag"] == other.headers["ETag"]
    assert one.get_data() == other.get_data()


def parameters(document: dict[str, Any], path: str) -> list[str]:
    """Return the names of the filters that the document gives an address."""
    described = document["paths"][path]["get"]["parameters"]
    refs = [each["$ref"].rpartition("/")[2] for each in described if "$ref" in each]
    return [document["components"]["parameters"][ref]["name"] for ref in refs if "." in ref]


@pytest.mark.parametrize("kind", NAMES)
def test_the_document_tells_every_filter_with_its_type(document: dict[str, Any], kind: str) -> None:
    spellings = [name for of in KINDS[kind].filters.values() for name in of.spellings]

    for pinned in ("", "/revisions/{revision}"):
        path = f"/v1/datasets/{{dataset}}{pinned}/{kind}"
        assert parameters(document, path) == spellings
    told = document["components"]["parameters"]
    assert all(told[f"{kind}.{name}"]["description"] for name in spellings)
    assert all(told[f"{kind}.{name}"]["schema"] for name in spellings)


def test_every_example_finds_records_of_the_bundled_dataset(empty: Database) -> None:
    for release in releases_in(str(ROOT / "seeds" / "kazakhstan-2022")):
        load(empty, open_release(release), Request("kazakhstan-2022"))
    bundled = create_app(Config(), empty).test_client()

    for kind, examples in EXAMPLES.items():
        for name, value in examples.items():
            address = f"/v1/datasets/kazakhstan-2022/{kind}"
            of = KINDS[kind].filters[name]
            for asked in {of.spellings[0], *(each for each in of.spellings if "contains" in each)}:
                found = bundled.get(address, query_string={asked: value}).get_json()["data"]
                assert found, (kind, asked)
        lacking = {of.name for of in KINDS[kind].filters.values() if of.name not in examples}
        assert lacking <= {"derived_from.source", "place.printed"}
