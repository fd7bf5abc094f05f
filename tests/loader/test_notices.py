"""What the loader notes of a revision, and publishes all the same."""

from typing import Any

import pytest

from service.loader import notices
from service.store import Database, ingestions
from tests.contested.made import figure, related
from tests.loader.releases import Releases
from tests.schemas import samples
from tests.store.states import at, publish

DAY = {"date": "2022-01-06", "basis": "printed"}
SOURCES: dict[tuple[str, str], Any] = {
    ("sources", "s"): {"id": "s", "published": DAY},
    ("actors", "a"): {"id": "a", "anonymity": "named"},
}
PLACES = {"places": [{"id": "country"}, {"id": "city", "within": ["country"]}]}
FIRST = {"reference_period": "../2022-01-05"}
LATER = {"reference_period": "../2022-01-07"}


def state(*figures: dict[str, Any], place: str = "city") -> dict[tuple[str, str], Any]:
    """Return a state with some figures of an event at a place."""
    event = {"id": "clash", "place": {"id": place}, "accounts": []}
    made = {("figures", each["id"]): each for each in figures}
    return {**SOURCES, ("dataset", "example"): PLACES, ("events", "clash"): event, **made}


def claim(name: str, value: int, **more: Any) -> dict[str, Any]:
    return figure(name, value, source="s", by="a", **more)


def limited(place: str) -> dict[str, Any]:
    return {"place": {"id": place, "bearing": "limit"}}


FALL = [claim("one", 20, **FIRST), claim("two", 12, **LATER)]
PART = [claim("all", 12), claim("some", 18, relations=related("part_of", "all"), **limited("city"))]


@pytest.mark.parametrize(("figures", "place", "told"), [
    (FALL, "city", "killed.people.clash: a running total fell: two"),
    (PART, "country", "figures/some: it is greater than figures/all, of which it is a part"),
    ([claim("here", 3, **limited("city"))], "city",
     "figures/here: it counts only at city, which is not narrower than city, the place of"
     " events/clash"),
    ([claim("here", 3, **limited("country"))], "city",
     "figures/here: it counts only at country, which is not narrower than city, the place of"
     " events/clash"),
    ([claim("here", 3, **limited("city"))], "country", None),
    ([claim("one", 12, **FIRST), claim("two", 20, **LATER)], "city", None),
    ([claim("all", 18), claim("some", 12, relations=related("part_of", "all"), **limited("city"))],
     "country", None),
])  # fmt: skip
def test_what_looks_wrong_is_noted_and_nothing_else(
    db: Database, figures: list[dict[str, Any]], place: str, told: str | None
) -> None:
    publish(db, state(*figures, place=place))

    assert notices.of(db, at(db)) == ([told] if told else [])


def test_only_what_a_revision_touched_is_looked_at(db: Database) -> None:
    publish(db, state(*FALL))
    publish(db, state(*FALL, claim("other", 1, of={"event": "riot"})))

    assert notices.of(db, at(db, 1)) != []
    assert notices.of(db, at(db, 2)) == []


def test_a_load_is_published_with_its_notices(releases: Releases) -> None:
    records = samples.records()
    for each in records["events"]:
        if each["id"] == "bridge-fall":
            each["place"] = {"id": "north-quay"}

    report = releases.load(records)

    assert report.outcome == "published"
    assert any("is not narrower than north-quay" in notice for notice in report.notices)
    kept = ingestions.find(releases.db, report.ingestion)
    assert kept is not None
    assert kept.report["notices"] == list(report.notices)
