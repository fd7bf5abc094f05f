"""Who stands where in a chain of attribution, asked of the bundled dataset on both engines."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.api.walking import walk
from tests.contested.dataset import SEEDS

HERE = f"/v1/datasets/{SEEDS.name}"
REVISIONS = (1, 2, 3)


def records(client: FlaskClient, kind: str, revision: int, query: str = "") -> dict[str, Any]:
    return {r["id"]: r for r in walk(client, f"{HERE}/revisions/{revision}/{kind}?{query}")}


def chains(record: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """Return the chain of each claim; one that is empty begins with the publisher."""
    return [claim["attribution"] for claim in record.get("accounts", [record])]


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("kind", ["events", "figures"])
def test_all_that_a_ministry_asserted_is_one_question(
    real: FlaskClient, kind: str, revision: int
) -> None:
    said = {
        name
        for name, record in records(real, kind, revision).items()
        if any(chain and chain[0].get("actor") == "interior-ministry" for chain in chains(record))
    }

    assert said or revision < max(REVISIONS)
    assert records(real, kind, revision, "asserter=interior-ministry").keys() == said


@pytest.mark.parametrize("kind", ["events", "figures"])
def test_a_publisher_asserts_what_its_source_says_in_its_own_voice(
    real: FlaskClient, kind: str
) -> None:
    own = {
        name
        for name, record in records(real, kind, 3).items()
        for claim in record.get("accounts", [record])
        if not claim["attribution"] and claim["evidence"][0]["source"] == "report-004"
    }

    assert own
    assert records(real, kind, 3, "asserter=the-journal").keys() == own
    assert not own & records(real, kind, 3, "through=the-journal").keys()


def test_who_passes_on_is_not_who_asserts(real: FlaskClient) -> None:
    passed = records(real, "figures", 3, "through=khabar-24")

    assert passed
    assert not passed.keys() & records(real, "figures", 3, "asserter=khabar-24").keys()
    for record in passed.values():
        assert "khabar-24" in [link.get("actor") for link in record["attribution"][1:]]


def test_a_voice_is_whoever_speaks_in_the_end(real: FlaskClient) -> None:
    both = {
        *records(real, "figures", 3, "asserter=almaty-police"),
        *records(real, "figures", 3, "asserter=saltanat-azirbek"),
    }

    assert records(real, "figures", 3, "voice=almaty-police").keys() == both
    assert records(real, "figures", 3, "voice=saltanat-azirbek") == {}
