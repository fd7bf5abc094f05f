"""The rules of actors, sources and dataset.json."""

import pytest

from schemas import DATASET, KINDS
from tests.schemas import samples
from tests.schemas.cases import GONE, changed, pointers, verdicts


def test_nobody_withholds_a_name_that_is_printed():
    record = changed(samples.actor(), {"/anonymity": "named"})
    assert verdicts(KINDS["actors"], record) == (False, False)
    assert pointers("actors", record) == ["/withheld_by"]


@pytest.mark.parametrize("list_name", ["names", "roles"])
def test_a_name_and_a_role_rest_on_one_source_each(list_name):
    record = samples.actor()
    more = samples.run("wire-002", samples.WIRE_TEXT, "officials")
    record[list_name][0]["evidence"].append(more)
    assert pointers("actors", record) == [f"/{list_name}/0/evidence/1/source"]


@pytest.mark.parametrize("code", ["aq", "ATA", "XX", "UK"])
def test_countries_are_those_of_iso_3166(code):
    record = changed(samples.actor(), {"/reference/country": code})
    assert verdicts(KINDS["actors"], record) == (False, False)


SOURCE_FAULTS = [
    ("/language", ["EN", "en-gb", "english-language", "en_GB", ""]),
    (
        "/url",
        ["javascript:alert(1)", "herald.example", "https://", "https://a b", "ftp://a.example"],
    ),
    ("/document/bytes", [0, "17", 1.5]),
    ("/condition", ["original", ["new"], ["original", "original"]]),
    ("/external_ids", [{"Archive": "1"}, {"archive": 1}, {"é": "1"}, ["1"]]),
    ("/derived_from", ["wire-002", {"source": "a", "actor": "b"}]),
    ("/inferred/0/field", ["standing"]),
    ("/published", ["1931-05-05", {"date": "1931-05-05"}]),
]


@pytest.mark.parametrize(
    ("place", "value"), [(place, value) for place, values in SOURCE_FAULTS for value in values]
)
def test_a_fault_of_a_source_is_refused_by_both(place, value):
    record = changed(samples.source(), {place: value})
    assert verdicts(KINDS["sources"], record) == (False, False)
    assert all(where.startswith(place) for where in pointers("sources", record))


@pytest.mark.parametrize("tag", ["en", "kk-Cyrl", "pt-BR", "es-419", "de-CH-1996", "sl-rozaj"])
def test_language_tags_are_accepted(tag):
    assert pointers("sources", changed(samples.source(), {"/language": tag})) == []


DATASET_FAULTS = [
    ({"/licence": "CC BY 4.0"}, ["/licence"], False),
    ({"/schema": 0}, ["/schema"], False),
    ({"/schema": 2}, ["/schema"], False),
    ({"/places/0/reference/where_prec": 8}, ["/places/0/reference/where_prec"], False),
    ({"/places/0/reference/latitude": 90.5}, ["/places/0/reference/latitude"], False),
    ({"/places/0/reference/longitude": GONE}, ["/places/0/reference/longitude"], False),
    ({"/places/0/reference/from": GONE}, ["/places/0/reference/from"], False),
    ({"/extent/start": "1932"}, ["/extent/end"], True),
    ({"/places/1/id": "port-ember"}, ["/places/1"], True),
    ({"/groups/1/id": "people"}, ["/groups/1"], True),
    ({"/groups/1/broader": "crowds"}, ["/groups/1/broader"], True),
    ({"/places/1/within": ["nowhere"]}, ["/places/1/within"], True),
    ({"/places/0/parts": ["nowhere"]}, ["/places/0/parts"], True),
    ({"/groups/0/broader": "workers"}, ["/groups/0/broader", "/groups/1/broader"], True),
    ({"/groups/1/broader": "workers"}, ["/groups/1/broader"], True),
    (
        {"/places/0/within": ["north-quay"]},
        ["/places/0/within", "/places/1/within"],
        True,
    ),
]


@pytest.mark.parametrize(("changes", "where", "by_json_schema"), DATASET_FAULTS)
def test_a_fault_of_the_dataset_is_refused_at_its_place(changes, where, by_json_schema):
    record = changed(samples.dataset(), changes)
    assert verdicts(DATASET, record) == (False, by_json_schema)
    assert pointers("dataset", record) == where
