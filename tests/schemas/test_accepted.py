"""The quick verdict and the two validators: one accepts what the others do, and writes the same."""

import re
import sys
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import decomposition

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from schemas import KINDS, Kind, kind_of
from schemas.canonical import canonical
from schemas.texts import Plain
from schemas.walks import rest
from service.loader import open_release, releases_in
from service.loader.release import Item
from tests.schemas import samples
from tests.schemas.cases import MINIMAL, SAMPLES, changed
from tests.schemas.test_agreement import mutate, places, values
from tests.steady import steady

ROOT = Path(__file__).parents[2]
EXAMPLES = max(500, steady.max_examples)
TEXTS = ["e\u0301", "\u00e9", "\u212b", "a\n\u0301b", 'a"\u0301', "a\\\u0301", "<\u0338", "\ud800"]
DATES = ["2022-02-30", "2022/2021", "../2022", "2022-01-05/2022-01-09", "0000", "9999-12-31"]
NUMBERS = [12.0, 0.5, 1e16, 1e-5, 0.1 + 0.2, -0.0, 10**15, 10**15 - 1, True, float("nan")]


@cache
def valid():
    """Return every record that is known to be valid: of the bundled dataset and of the samples."""
    found = [(kind, record) for kind, records in samples.records().items() for record in records]
    found += [(kind, record()) for kind, record in MINIMAL.items() if kind in KINDS]
    for folder in releases_in(str(ROOT / "seeds" / "kazakhstan-2022")):
        with open_release(folder) as release:
            found += [(p.kind, p.record) for p in release.items() if isinstance(p, Item)]
    return found


@cache
def stated():
    """Return member name to what stands under it somewhere: what a fault may look like."""
    found = {}
    for _, record in valid():
        for place in places(record):
            *way, name = place[1:].split("/")
            value = record
            for step in (*way, name):
                value = value[int(step)] if isinstance(value, list) else value[step]
            found.setdefault(name, []).append(value)
    return found


class Mutation(NamedTuple):
    """A kind and what may be a record of it; a failure prints the beginning."""

    kind: Kind
    record: Any

    def __repr__(self):
        return f"{self.kind.name}: {str(self.record)[:2000]}"


def one_of(draw, members):
    """Draw a member of a list that is too long to be shown with the example."""
    return members[draw(st.integers(0, len(members) - 1))]


@st.composite
def mutations(draw):
    """Draw a kind and a valid record of it with up to three changes, some of which do no harm."""
    name, record = deepcopy(one_of(draw, valid()))
    for _ in range(draw(st.integers(0, 3))):
        if draw(st.booleans()):
            mutate(draw, record)
            continue
        place = draw(st.sampled_from([*places(record)]))
        name_there = place.rpartition("/")[2]
        other = st.just(one_of(draw, stated().get(name_there, [None])))
        odd = st.sampled_from([*TEXTS, *DATES, *NUMBERS])
        changed(record, {place: deepcopy(draw(st.one_of(other, other, odd, values)))})
    return Mutation(kind_of(name), record)


def disagreement(kind, record, accepted):
    """Return how the quick verdict differs from the careful one, or None."""
    problems = kind.problems(record)
    if accepted is None:
        # A line feed is written as two characters, the last of which can bear an accent.
        odd = re.search(r"[\n\"\\][\u0300-\u036f]", str(list(record.values())).replace("\\n", "\n"))
        return None if problems or odd else "the quick verdict refuses a valid record"
    if problems:
        return f"the quick verdict accepts: {problems}"
    same = accepted == canonical(kind.arranged(record))
    return None if same else "the quick verdict writes other bytes"


def test_every_valid_record_is_accepted_at_once():
    assert len(valid()) > 100
    for name, record in valid():
        assert disagreement(kind_of(name), record, kind_of(name).accepted(record)) is None
        assert kind_of(name).accepted(record)


@settings(steady, max_examples=EXAMPLES)
@given(mutations())
def test_the_quick_verdict_is_that_of_both_validators(mutation):
    kind, record = mutation
    assert disagreement(kind, record, kind.accepted(record)) is None


UNSAID = {
    "a whole number with a fraction": ("sources", {"/document/bytes": 12.0}),
    "too many digits": ("figures", {"/measure": "price", "/value": 0.1 + 0.2}),
    "a day that no month has": ("figures", {"/reference_period": "2022-02-30"}),
    "an interval that ends before it starts": ("figures", {"/reference_period": "2022/2021"}),
    "two accounts of one source": ("events", {"/accounts/1/evidence/0/source": "herald-001"}),
    "bounds in the wrong order": ("figures", {"/low": 10**14}),
    "an end before the start": ("figures", {"/evidence/0/end": 1}),
    "too long a run": ("figures", {"/evidence/0/end": 10**6}),
    "evidence of two sources": ("figures", {"/evidence/0/source": "wire-002"}),
    "a doubt of nothing": ("figures", {"/suspected": [{
        "field": "/nothing", "printed": "x", "error": "misdated", "use": "doubt", "why": "x"}]}),
    "a relation to itself": ("figures", {"/relations/0/figure": samples.figure()["id"]}),
    "an account outside the envelope": ("events", {"/date": "1800-01-01"}),
    "a participant of no account": ("events", {"/participants": [
        {"actor": "nobody", "role": "witness"}]}),
}  # fmt: skip


@pytest.mark.parametrize("fault", sorted(UNSAID))
def test_what_json_schema_cannot_say_is_judged_all_the_same(fault):
    name, changes = UNSAID[fault]
    record = changed(SAMPLES[name](), changes)

    assert kind_of(name).problems(record)
    assert kind_of(name).accepted(record) is None


def test_the_comparison_notices_a_quick_verdict_that_leaves_the_rest_out():
    noticed = 0
    for name, changes in UNSAID.values():
        kind, record = kind_of(name), changed(SAMPLES[name](), changes)
        unjudged = canonical(kind.arranged(record)) if kind._quick.is_valid(record) else None
        noticed += unjudged is not None and disagreement(kind, record, unjudged) is not None
    assert noticed >= len(UNSAID) - 2


def test_the_property_finds_a_verdict_that_leaves_the_rest_out():
    @settings(steady, max_examples=EXAMPLES, phases=[Phase.generate])
    @given(mutations())
    def is_the_same(mutation):
        kind, record = mutation
        if kind._quick.is_valid(record):
            assert disagreement(kind, record, canonical(kind.arranged(record))) is None

    with pytest.raises(AssertionError):
        is_the_same()


def test_a_field_that_json_schema_cannot_say_is_among_the_rest(monkeypatch):
    record = SAMPLES["figures"]() | {"reference_period": "2022-02-30"}
    schema = KINDS["figures"].schema
    assert not rest(schema)(record)

    monkeypatch.setattr(type(schema.fields["reference_period"]), "is_said", True)

    assert rest(schema)(record), "the planted fault"


@pytest.mark.parametrize("text", TEXTS)
def test_the_normal_form_of_the_whole_stands_for_each_text(text):
    record = SAMPLES["actors"]() | {"note": f"a{text}b"}
    accepted = KINDS["actors"].accepted(record)
    assert disagreement(KINDS["actors"], record, accepted) is None


def test_nothing_that_separates_texts_composes_with_what_follows():
    parts = filter(None, map(decomposition, map(chr, range(sys.maxunicode + 1))))
    firsts = {chr(int(part.split()[0], 16)) for part in parts if not part.startswith("<")}
    assert not firsts & set('"\\\n')
    assert "<" in firsts, "which composes with a stroke"


def test_a_stub_is_left_to_the_careful_verdict():
    for kind in KINDS.values():
        assert kind.accepted(samples.stub()) is None
        assert kind.problems(samples.stub()) == []


def test_every_field_says_whether_json_schema_can_say_all_of_it():
    assert Plain.is_said
    assert {type(leaf.field).__name__ for kind in KINDS.values() for leaf in kind._leaves
            if not leaf.field.is_said} == {"Edtf", "Integer", "Number"}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_links_are_the_references_without_their_places(kind):
    for name, record in valid():
        if name == kind.name:
            told = {(r.field, r.kind, r.id) for r in kind.references(record)}
            assert set(kind.stated(record).references) == told
