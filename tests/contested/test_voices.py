"""Whose voice a claim is, and which voices count."""

from typing import Any

import pytest

from service.contested import Material, assess
from tests.contested.made import UNNAMED, figure, material

SPEAKS = {"actor_type": "person", "anonymity": "named"}


def test_a_spokesman_and_his_body_are_one_voice():
    actors = {
        "spokesman": {**UNNAMED, "speaks_for": {"actor": "police", "source": "s"}},
        "police": SPEAKS,
    }
    made = material([figure("a", 12, by="spokesman"), figure("b", 12, by="police")], actors=actors)

    assert assess(made).verdict.status == "single_voice"
    assert "police" in assess(made).verdict.reason


@pytest.mark.parametrize("by", [[{"manner": "passive"}], "officials", []])
def test_a_voice_without_a_name_adds_none_beside_a_named_one(by: Any):
    actors = {"officials": UNNAMED}
    made = material([figure("a", 12), figure("b", 12, by=by)], actors=actors)

    assert assess(made).verdict.voices == 1
    assert len(assess(made).live) == 2


def test_all_voices_without_a_name_are_one():
    actors = {"officials": UNNAMED, "authorities": UNNAMED}
    figures = [figure("a", 12, by="officials"), figure("b", 12, by="authorities")]

    assert assess(material(figures, actors=actors)).verdict.voices == 1


def test_without_attribution_the_publisher_speaks():
    sources = {"source-a": {"publisher": "outlet"}, "source-b": {"publisher": "agency"}}
    made = material([figure("a", 12, by=[]), figure("b", 12, by=[])], sources=sources)

    assert assess(made).verdict.status == "agreed"
    assert assess(made).verdict.publishers == 2


def test_a_passive_is_not_the_publisher():
    sources = {"source-a": {"publisher": "outlet"}}
    made = material([figure("a", 12, by=[{"manner": "passive"}])], sources=sources)

    assert assess(made).judged[0].claim.asserter is None


def test_a_relay_is_not_the_voice():
    chain = [
        {"actor": "witnesses", "manner": "observed"},
        {"actor": "agency", "manner": "reported"},
    ]
    made = material([figure("a", 3, by=chain)], actors={"witnesses": UNNAMED})
    claim = assess(made).judged[0].claim

    assert (claim.asserter, claim.through) == ("witnesses", ("agency",))


def test_an_erased_actor_or_source_hides_and_does_not_break():
    erased = {"redacted": {"at": "2022-02-01T00:00:00Z", "why": "A witness."}}
    made = material([figure("a", 12)], actors={"actor-a": {"id": "actor-a", **erased}})
    made = Material(made.figures, {"source-a": {"id": "source-a", **erased}}, made.actors)

    assert assess(made).verdict.voices == 1
