"""Series over HTTP: the expected answers of the bundled dataset, on both engines."""

import csv
import io
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from flask.testing import FlaskClient

from service.contested import (
    RESOLUTIONS,
    Parts,
    Point,
    compare,
    family,
    hierarchy,
    parts_of,
    ranked,
)
from service.loader.redaction import redact
from service.model import Reading
from service.reading import datasets, judging
from service.reading import series as reading
from service.store import Database, records
from service.store import series as stored
from tests.api.contract import Contract
from tests.api.published import CHANGED, NAME
from tests.api.walking import HERE as SAMPLE
from tests.api.walking import local, pages, walk
from tests.contested.dataset import SEEDS
from tests.contested.test_expected import ANSWERS, EXPECTED, LISTED, REVISIONS, SERIES, SIGNS

HERE = f"/v1/datasets/{SEEDS.name}"
INJURED = "injured.security-personnel.unrest"
KILLED = "killed.security-personnel.unrest"
KEY = ("measure", "group", "subject", "of", "place")


def series(client: FlaskClient, key: str, revision: int = 3, query: str = "") -> dict[str, Any]:
    answer = client.get(f"{HERE}/revisions/{revision}/series/{key}{query}")
    assert answer.status_code == 200, answer.get_data()
    return dict(answer.get_json()["data"])


def told(point: dict[str, Any]) -> str:
    """Write a claim as the expected answers do: its report and what it gives."""
    report = point["source"].removeprefix("report-")
    if point["magnitude"]:
        return f"{report} {point['magnitude']}"
    if point["quantifier"] == "between":
        return f"{report} {point['low']}-{point['high']}"
    if point["value"] is None:
        return f"{report} none"
    return f"{report} {SIGNS.get(point['quantifier'], '{}').format(point['value'])}"


@pytest.mark.parametrize(("key", "revision", "answer"), ANSWERS)
def test_a_series_answers_as_was_worked_out_by_hand(
    real: FlaskClient, key: str, revision: int, answer: dict[str, Any]
) -> None:
    found = series(real, key, revision)

    assert (found["status"], found["revised"]) == (answer["status"], answer["revised"])
    assert found["voices"] == answer.get("voices", found["voices"])
    for name in {"span", "span_all"} & answer.keys():
        assert [found[name]["min"], found[name]["max"]] == answer[name]
    assert ("span" in found) == ("span" in answer)
    for role in LISTED:
        claims = [told(point) for point in found["points"] if point["role"] == role]
        assert sorted(claims) == sorted(answer.get(role, []))


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_list_has_every_series_of_the_revision(real: FlaskClient, revision: int) -> None:
    found = walk(real, f"{HERE}/revisions/{revision}/series?limit=7")
    keys = [each["key"] for each in found]

    assert keys == sorted(set(keys))
    assert {key for key in SERIES if revision in SERIES[key]} <= set(keys)
    figures = walk(real, f"{HERE}/revisions/{revision}/figures?limit=1000")
    assert sum(each["claims"] for each in found) == len(figures)
    for page in pages(real, f"{HERE}/revisions/{revision}/series?limit=7"):
        assert page["meta"]["total"] == len(keys)


def test_the_list_says_the_same_as_each_series(real: FlaskClient) -> None:
    for each in walk(real, f"{HERE}/revisions/3/series?points=true&limit=20"):
        assert {"points", "steps"} <= each.keys()
        if each["claims"] > 2:
            assert series(real, each["key"]) == each
    plain = walk(real, f"{HERE}/series")
    assert all(not {"points", "steps", "resolved"} & each.keys() for each in plain)


@pytest.mark.parametrize(
    "query",
    [
        {"measure": "killed"},
        {"group": "people"},
        {"of": "unrest"},
        {"place": "almaty"},
        {"status": "contested"},
        {"status": "undisclosed", "measure": "casualties"},
    ],
    ids=str,
)
def test_a_filter_admits_what_it_says(real: FlaskClient, query: dict[str, str]) -> None:
    every = walk(real, f"{HERE}/series")
    answer = real.get(f"{HERE}/series", query_string=query).get_json()

    wanted = [each for each in every if all(each.get(name) == query[name] for name in query)]
    assert answer["data"] == wanted != []
    assert answer["meta"]["total"] == len(wanted)


def test_a_voice_is_found_through_whoever_speaks_for_it(real: FlaskClient) -> None:
    every = walk(real, f"{HERE}/series?points=true")
    found = {each["key"] for each in walk(real, f"{HERE}/series?voice=almaty-police&limit=1")}

    speaking = {
        each["key"]: {
            point["asserter"] for point in each["points"] if point["voice"] == "almaty-police"
        }
        for each in every
    }
    assert found == {key for key, asserters in speaking.items() if asserters}
    assert any(asserters - {"almaty-police"} for asserters in speaking.values())


def test_a_step_tells_since_when_a_series_is_contested(real: FlaskClient) -> None:
    steps = series(real, INJURED)["steps"]

    assert [(s["revision"], s["status"], s["min"], s["max"]) for s in steps] == [
        (1, "single_voice", 353, 353),
        (2, "contested", 748, 784),
    ]
    assert steps[1]["issued"] == "2022-01-07T23:59:59Z"


@pytest.mark.parametrize(("revision", "value"), [(1, 12), (2, 18), (3, 18)])
def test_the_steps_of_a_revision_know_nothing_of_later_ones(
    real: FlaskClient, revision: int, value: int
) -> None:
    found = series(real, KILLED, revision, "?resolve=latest")

    assert found["resolved"]["value"] == value
    assert all(step["revision"] <= revision for step in found["steps"])
    assert all(point["revision"] <= revision for point in found["points"])
    assert found["steps"] == series(real, KILLED)["steps"][: len(found["steps"])]


@pytest.mark.parametrize("criterion", RESOLUTIONS)
def test_a_value_is_chosen_only_where_that_is_asked_and_says_why(
    real: FlaskClient, criterion: str
) -> None:
    assert "resolved" not in series(real, INJURED)

    found = series(real, INJURED, query=f"?resolve={criterion}")["resolved"]

    assert (found["criterion"], found["rule"]) == (criterion, "recension-1")
    assert (found["low"], found["high"]) == (748, 784)
    named = {*found["chosen"], *(each["figure"] for each in found["rejected"])}
    assert named == {point["figure"] for point in series(real, INJURED)["points"]}
    assert found["why"]
    assert all(each["why"] for each in found["rejected"])


def test_to_leave_a_source_out_can_settle_a_series(real: FlaskClient) -> None:
    found = series(real, INJURED, query="?without=report-004")
    none = series(real, INJURED, query="?without=report-001,report-002,report-004")

    assert (found["status"], found["span"]["min"]) == ("single_voice", 784)
    assert (none["status"], none["claims"], none["points"]) == ("empty", 0, [])
    answer = real.get(f"{HERE}/series?status=contested&without=report-004").get_json()
    assert INJURED not in [each["key"] for each in answer["data"]]
    assert answer["meta"]["without"] == ["report-004"]


def test_the_table_has_the_same_columns_and_points(real: FlaskClient) -> None:
    for each in walk(real, f"{HERE}/series?points=true&measure=detained"):
        answer = real.get(f"{HERE}/series/{each['key']}", headers={"Accept": "text/csv"})
        rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True), newline="")))

        assert rows[0] == list(Point._fields) == list(each["points"][0])
        assert rows[1:] == [
            ["" if value is None else str(value) for value in point.values()]
            for point in each["points"]
        ]


def test_a_family_links_parts_and_wholes(real: FlaskClient) -> None:
    detained = series(real, "detained.people.unrest")["family"]
    city = series(real, "detained.people.unrest.almaty")

    assert detained["parts"] == ["detained.people.unrest.almaty"]
    assert "detained.people.unrest.almaty" in detained["narrower"]
    assert city["family"]["wholes"] == ["detained.people.unrest"]
    assert city["title"].endswith(", in Almaty alone")


def test_the_family_in_a_list_is_that_among_all_series(real: FlaskClient) -> None:
    listed = walk(real, f"{HERE}/series?limit=200")
    every = [Parts(*(each.get(name) for name in KEY)) for each in listed]
    events = walk(real, f"{HERE}/events?limit=200")
    within = hierarchy(real.get(HERE).get_json()["data"]["document"], events)
    kin = {parts.key: family(parts, every, within) for parts in every}

    for each in listed:
        told = (tuple(each["family"][name]) for name in ("broader", "narrower"))
        assert tuple(told) == (kin[each["key"]].broader, kin[each["key"]].narrower)
    of = {parts.key: parts.of for parts in every}
    assert any(of[key] != of[wider] for key, known in kin.items() for wider in known.broader)


def test_a_source_that_was_changed_marks_the_series(real: FlaskClient) -> None:
    assert series(real, INJURED)["standing"] == {"report-004": "updated"}
    assert "standing" not in series(real, INJURED, 1)


def test_the_key_of_a_figure_leads_to_its_series(real: FlaskClient) -> None:
    links = real.get(f"{HERE}/series/{INJURED}").get_json()["links"]
    figures = walk(real, local(links["figures"]))

    assert [figure["id"] for figure in figures] == sorted(
        point["figure"] for point in series(real, INJURED)["points"]
    )


def test_an_unknown_key_is_told_those_near_it(real: FlaskClient) -> None:
    answer = real.get(f"{HERE}/series/injured.security.unrest")

    assert answer.status_code == 404
    assert INJURED in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("path", "parameter", "taught"),
    [
        ("series?measure=dead", "measure", "killed"),
        ("series?status=disputed", "status", "contested"),
        ("series?of=Unrest", "of", "lower-case"),
        ("series?resolve=median", "resolve", "most_corroborated"),
        ("series?points=yes", "points", "true"),
        ("series?points=true&limit=500", "limit", "100"),
        ("series?without=Report", "without", "lower-case"),
        ("series?without=report-001,report-001", "without", "twice"),
        ("series?without=report-0001", "without", "report-001"),
        ("disagreements?without=nobody", "without", "report-000"),
        (f"series/{INJURED}?without=nobody", "without", "report-000"),
        (f"series/{INJURED}?points=true", "points", "resolve"),
        (f"series/{INJURED}?format=ndjson", "format", "csv"),
        ("series?resolved=latest", "resolved", "resolve"),
    ],
)
def test_what_is_malformed_is_told_what_would_be_right(
    real: FlaskClient, path: str, parameter: str, taught: str
) -> None:
    answer = real.get(f"{HERE}/{path}")

    assert answer.status_code == 400
    (error,) = answer.get_json()["errors"]
    assert error["parameter"] == parameter
    assert taught in error["detail"]


def test_every_answer_is_as_documented(real: FlaskClient, contract: Contract) -> None:
    paths = [f"/series/{quote(key)}" for key in list(SERIES)[::4]]
    paths += ["/disagreements", *(f"/sources/report-00{n}/impact" for n in range(5))]
    for path in paths:
        for query in ("", "?resolve=latest&without=report-004") if "series" in path else ("",):
            answer = real.get(f"{HERE}{path}{query}")
            assert contract.violations(f"{HERE}{path}", answer) == [], path
    listed = f"{HERE}/series"
    answer = real.get(f"{listed}?points=true&resolve=official")
    assert contract.violations(listed, answer) == []


@pytest.mark.parametrize("path", [f"series/{INJURED}", "series?status=contested", "disagreements"])
def test_a_pinned_answer_stays_and_a_poll_costs_nothing(real: FlaskClient, path: str) -> None:
    moving = real.get(f"{HERE}/{path}")
    pinned = real.get(local(moving.headers["Content-Location"]))
    etag = moving.headers["ETag"]

    assert moving.headers["Cache-Control"] == "public, no-cache"
    assert "immutable" in pinned.headers["Cache-Control"]
    assert pinned.get_json()["data"] == moving.get_json()["data"]
    assert real.get(f"{HERE}/{path}", headers={"If-None-Match": etag}).status_code == 304
    asked = f"{path}{'&' if '?' in path else '?'}as_of=2022-01-07"
    dated = real.get(f"{HERE}/{asked}")
    assert dated.get_json()["meta"]["revision"] == 2


def _at(db: Database, number: int) -> Reading:
    return datasets.at(db, SEEDS.name, number)


def _keys(db: Database, at: Reading) -> list[str]:
    """Return the series of a revision, from its records."""
    figures = (orjson.loads(body) for _, body in records.stream(db, at, "figures"))
    return sorted({parts_of(figure).key for figure in figures})


def _judged(db: Database, at: Reading, without: tuple[str, ...] = ()) -> dict[str, Any]:
    return dict(judging.assessments(db, at, _keys(db, at), without))


@pytest.mark.parametrize("old", [1, 2, 3])
@pytest.mark.parametrize("new", [1, 2, 3])
def test_changes_are_those_that_judging_everything_finds(
    bundled: Database, old: int, new: int
) -> None:
    before, after = (_judged(bundled, _at(bundled, number)) for number in (old, new))
    compared = (
        compare(before.get(key), after.get(key)) for key in sorted(before.keys() | after.keys())
    )

    found = reading.changes(bundled, _at(bundled, old), _at(bundled, new))

    assert found.told == [change for change in compared if change]
    assert found.unjudged == 0


def test_a_diff_ends_with_the_series_that_came_to_something_else(real: FlaskClient) -> None:
    told = list(pages(real, f"{HERE}/diff?from=1&to=2&limit=50"))
    changes = {each["key"]: each for each in told[-1]["series"]}

    assert len(told) > 1
    assert all("series" not in page for page in told[:-1])
    assert (changes[KILLED]["old"]["span"]["max"], changes[KILLED]["new"]["span"]["max"]) == (
        12,
        18,
    )
    assert changes[INJURED]["turn"] == "became_contested"
    assert changes[INJURED]["by"] == ["security-injured-report-001", "security-injured-report-004"]
    expected = {
        ".".join(key)
        for each in EXPECTED["between"]
        if each["to"] == 2
        for key in each["became_contested"]
    }
    turned = {key for key, each in changes.items() if each.get("turn") == "became_contested"}
    assert turned & SERIES.keys() == expected
    back = real.get(f"{HERE}/diff?from=2&to=1&limit=1000").get_json()["series"]
    assert {each["key"]: each.get("turn") for each in back}[INJURED] == "settled"


def test_a_diff_that_is_narrowed_or_of_nothing_has_no_series(real: FlaskClient) -> None:
    for query in ("from=1&to=2&kind=sources", "from=2&to=2"):
        assert "series" not in real.get(f"{HERE}/diff?{query}").get_json()


def test_a_comparison_judges_no_more_than_it_may(bundled: Database) -> None:
    ends = _at(bundled, 1), _at(bundled, 3)
    whole, part = reading.changes(bundled, *ends), reading.changes(bundled, *ends, most=5)

    assert part.unjudged > 0
    assert part.told == whole.told[: len(part.told)]


def test_a_changed_publisher_or_speaker_touches_the_series(bundled: Database) -> None:
    at = _at(bundled, 3)
    every = {key for number in (1, 2, 3) for key in _keys(bundled, _at(bundled, number))}

    assert stored.touched(bundled, stored.Window(at.dataset, 1, 3)) <= every


@pytest.mark.parametrize("source", [f"report-00{number}" for number in range(5)])
def test_to_leave_a_source_out_of_what_is_kept_is_to_judge_all_anew(
    bundled: Database, real: FlaskClient, source: str
) -> None:
    anew = _judged(bundled, _at(bundled, 3), (source,))
    for status in ("contested", "single_voice", "agreed", "empty"):
        told = walk(real, f"{HERE}/series?status={status}&without={source}&limit=3")

        assert [each["key"] for each in told] == sorted(
            key for key, each in anew.items() if each.verdict.status == status
        )
    ranked_anew = [each.parts.key for each in ranked(anew.values())]
    answer = real.get(f"{HERE}/disagreements?about=series&without={source}").get_json()
    assert [each["id"] for each in answer["data"]] == ranked_anew
    assert answer["meta"]["total"] == len(ranked_anew)
    assert (
        walk(real, f"{HERE}/disagreements?about=series&without={source}&limit=1")
        == (answer["data"])
    )


@pytest.mark.parametrize("query", ["asserter=interior-ministry", "through=khabar-24",
    "asserter=interior-ministry&through=khabar-24", "voice=almaty-police", "asserter=the-journal",
    "through=khabar-24&status=contested", "asserter=nobody"])  # fmt: skip
@pytest.mark.parametrize("without", [(), ("report-004",)])
def test_a_series_is_found_by_where_an_actor_stands_in_a_chain(
    bundled: Database, real: FlaskClient, query: str, without: tuple[str, ...]
) -> None:
    asked = dict(each.split("=") for each in query.split("&"))
    only = judging.Only(**asked)
    judged = _judged(bundled, _at(bundled, 3), without)
    expected = [key for key, each in judged.items() if judging.admits(only, each)]

    left_out = f"&without={','.join(without)}" if without else ""
    told = walk(real, f"{HERE}/series?{query}{left_out}&limit=2")

    assert [each["key"] for each in told] == sorted(expected)
    if only.status is None:
        disputed = walk(real, f"{HERE}/disagreements?about=series{left_out}&{query}")
        contested = {key for key in expected if judged[key].verdict.status == "contested"}
        assert {each["id"] for each in disputed} == contested


def test_events_are_found_by_where_an_actor_stands_in_a_chain(real: FlaskClient) -> None:
    events = {each["id"] for each in walk(real, f"{HERE}/events?asserter=kassym-jomart-tokayev")}
    every = walk(real, f"{HERE}/disagreements?about=events")
    found = walk(real, f"{HERE}/disagreements?about=events&asserter=kassym-jomart-tokayev")

    assert found == [each for each in every if each["id"] in events] != []


def test_what_was_redacted_is_in_no_series(store: Database, publishing: FlaskClient) -> None:
    path = f"{SAMPLE}/revisions/3/series/injured.people.bridge-fall"
    before = publishing.get(path)
    said = {point["figure"] for point in before.get_json()["data"]["points"]}
    assert CHANGED in said
    publishing.get(f"{SAMPLE}/series?status=agreed")

    redact(store, NAME, "figures", CHANGED, "A witness is at risk.")
    after = publishing.get(path)

    assert after.headers["ETag"] != before.headers["ETag"]
    assert {point["figure"] for point in after.get_json()["data"]["points"]} == said - {CHANGED}


def test_what_was_redacted_is_counted_in_no_list(store: Database, publishing: FlaskClient) -> None:
    path = f"{SAMPLE}/revisions/3/series?limit=100"
    before = publishing.get(path).get_json()
    alone = next(each["rests_on"][0] for each in before["data"] if each["claims"] == 1)

    redact(store, NAME, "figures", alone, "A witness is at risk.")

    after = publishing.get(path).get_json()
    assert before["meta"]["total"] == len(before["data"])
    assert after["meta"]["total"] == len(after["data"]) == len(before["data"]) - 1
