"""What follows from the schemas: columns, terms, references, order, JSON Schema."""

import random
from copy import deepcopy

import jsonschema_rs
import orjson
import pytest
from apispec import APISpec
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import DATASET, KINDS, Column, Reference
from schemas.jsonschema import component_name, plugin
from tests.schemas import samples
from tests.schemas.cases import SAMPLES

ALL = [*KINDS.values(), DATASET]
RECORDS = [
    (KINDS[name], record) for name, records in samples.records().items() for record in records
]


def test_every_reference_of_the_samples_is_satisfied():
    ids = {name: {record["id"] for record in them} for name, them in samples.records().items()}
    for name in ("places", "groups"):
        ids[name] = {declared["id"] for declared in samples.dataset()[name]}
    for kind, record in RECORDS:
        for reference in kind.references(record):
            assert reference.id in ids[reference.kind], reference


def test_references_name_their_field_and_place():
    references = set(KINDS["figures"].references(samples.figure()))
    assert {
        Reference("/of/event", "of.event", "events", "bridge-fall"),
        Reference("/counted/group", "counted.group", "groups", "people"),
        Reference("/place/id", "place.id", "places", "north-quay"),
        Reference("/attribution/0/actor", "attribution.actor", "actors", "ada-quill"),
        Reference("/relations/0/figure", "relations.supersedes", "figures", "wire-002-injured"),
        Reference("/evidence/1/source", "evidence.source", "sources", "herald-001"),
    } <= references
    assert len(references) == 9


def test_references_are_found_in_lists_within_lists():
    places = {reference.pointer for reference in KINDS["events"].references(samples.event())}
    assert "/accounts/0/participants/0/actor" in places
    assert "/accounts/1/evidence/0/source" in places


def test_the_fields_that_may_not_go_in_circles():
    assert {kind.name: set(kind.acyclic) for kind in ALL} == {
        "actors": {"member_of.actor", "speaks_for.actor"},
        "events": {"relations.part_of", "relations.follows"},
        "figures": {"relations.supersedes", "relations.corrects", "relations.part_of"},
        "sources": {"derived_from.source"},
        "dataset": set(),
    }


def test_columns_of_figures():
    columns = KINDS["figures"].columns
    assert Column("value", "number", True, True) in columns
    assert Column("counted_group", "text", True, True) in columns
    assert Column("reference_period_earliest", "date", True, True) in columns
    assert Column("series", "text", True, True) in columns


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_names_of_columns_are_unique(kind):
    names = [column.name for column in kind.columns]
    assert len(names) == len(set(names))
    assert "id" not in names


@pytest.mark.parametrize(("kind", "record"), RECORDS, ids=lambda it: getattr(it, "name", None))
def test_each_column_has_a_value_of_its_type_or_none(kind, record):
    types = {"text": str, "integer": int, "number": int | float, "date": str}
    values = kind.values(record)
    assert list(values) == [column.name for column in kind.columns]
    for column in kind.columns:
        assert values[column.name] is None or isinstance(values[column.name], types[column.type])


def test_values_of_a_figure():
    values = KINDS["figures"].values(samples.figure())
    assert values["value"] == 12
    assert values["of_actor"] is None
    assert values["reference_period_latest"] == "1931-05-05"
    assert values["series"] == "injured.people.bridge-fall.north-quay"


def test_terms_are_told_once():
    terms = list(KINDS["figures"].terms(samples.figure()))
    assert terms.count(("evidence.source", "herald-001")) == 1
    assert ("attribution.manner", "passive") in terms
    assert {field for field, _ in terms} <= set(KINDS["figures"].list_fields)


def test_terms_reach_into_accounts():
    terms = list(KINDS["events"].terms(samples.event()))
    assert ("accounts.attribution.actor", "ada-quill") in terms
    assert ("accounts.evidence.source", "wire-002") in terms
    assert ("participants.role", "decider") in terms


def test_searchable_fields_reach_what_is_printed():
    assert {"names.printed", "roles.role", "note"} <= set(KINDS["actors"].searchable)
    assert {"title", "summary", "accounts.printed"} <= set(KINDS["events"].searchable)


def shuffled(value, rng):
    """Return a copy with members of objects and of every list but attribution in any order."""
    if isinstance(value, list):
        return rng.sample([shuffled(member, rng) for member in value], len(value))
    if isinstance(value, dict):
        names = rng.sample(list(value), len(value))
        return {
            name: deepcopy(value[name]) if name == "attribution" else shuffled(value[name], rng)
            for name in names
        }
    return value


def written(value):
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.randoms(use_true_random=False))
def test_arranged_records_have_one_order_whatever_they_came_in(name, rng: random.Random):
    kind = next(kind for kind in ALL if kind.name == name)
    record = SAMPLES[name]()
    arranged = kind.arranged(shuffled(record, rng))
    assert written(arranged) == written(kind.arranged(record))
    assert kind.arranged(arranged) == arranged
    assert kind.problems(arranged) == []


def test_an_arranged_set_goes_by_canonical_bytes_and_a_chain_stays():
    record = samples.figure()
    record["attribution"].reverse()
    arranged = KINDS["figures"].arranged(record)
    assert arranged["attribution"] == record["attribution"]
    assert arranged["evidence"] == sorted(arranged["evidence"], key=written)
    assert arranged["evidence"][0]["supports"] == sorted(arranged["evidence"][0]["supports"])


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_the_json_schema_stands_alone_and_is_strict(kind):
    jsonschema_rs.meta.validate(kind.json_schema)
    for name, component in kind.json_schema["$defs"].items():
        assert component["additionalProperties"] is False, name


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_every_object_and_member_is_described_in_a_sentence(kind):
    for name, component in kind.json_schema["$defs"].items():
        assert component["description"].endswith("."), name
        for member, said in component["properties"].items():
            assert said["description"].endswith("."), (name, member)


def test_openapi_takes_the_same_components():
    spec = APISpec("t", "1", "3.1.0", plugins=[plugin()])
    for kind in KINDS.values():
        spec.components.schema(component_name(kind.schema), schema=kind.schema)
    components = spec.to_dict()["components"]["schemas"]
    assert {"Actor", "Event", "EventAccount", "Figure", "FigurePlace", "Source", "When"} <= set(
        components
    )
    assert components["Figure"]["properties"].keys() == KINDS["figures"].schema.fields.keys()
