"""What can only be judged over the whole new revision: ids, references, cycles, envelopes."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.builders import load_release
from tests.loader.releases import Releases, actor, actors
from tests.schemas import samples

Object = dict[str, Any]


def source(record_id: str, **members: Any) -> Object:
    return samples.minimal_source() | {"id": record_id, **members}


def event(record_id: str, **members: Any) -> Object:
    return samples.minimal_event() | {"id": record_id, **members}


def figure(record_id: str, **members: Any) -> Object:
    return samples.minimal_figure() | {"id": record_id, **members}


WIRE = source("wire-002")
FALL = event("bridge-fall")


def to_actor() -> dict[str, list[Object]]:
    link = {"actor": "nobody", "source": "wire-002"}
    return {"actors": [actor("a", speaks_for=link)], "sources": [WIRE]}


def to_source() -> dict[str, list[Object]]:
    return {"events": [event("e")]}


def to_event() -> dict[str, list[Object]]:
    return {"figures": [figure("f")], "sources": [WIRE]}


def to_figure() -> dict[str, list[Object]]:
    relation = {"type": "rounds", "figure": "nothing", "basis": "editor"}
    return {
        "events": [FALL],
        "figures": [figure("f", relations=[relation])],
        "sources": [WIRE],
    }


def to_place() -> dict[str, list[Object]]:
    return {"events": [event("e", place={"id": "nowhere"})], "sources": [WIRE]}


def to_group() -> dict[str, list[Object]]:
    counted = {"group": "no-one", "fit": "exact"}
    return {"events": [FALL], "figures": [figure("f", counted=counted)], "sources": [WIRE]}


def to_replaced() -> dict[str, list[Object]]:
    return {"actors": [actor("a", replaces=["b"])], "sources": [source("b")]}


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (to_actor, "2/record actors/a: `speaks_for.actor` names 'nobody',"
                   " but the revision has no such record among the actors"),
        (to_source, "2/record events/e: `accounts.evidence.source` names 'wire-002',"
                    " but the revision has no such record among the sources"),
        (to_event, "2/record figures/f: `of.event` names 'bridge-fall',"
                   " but the revision has no such record among the events"),
        (to_figure, "3/record figures/f: `relations.rounds` names 'nothing',"
                    " but the revision has no such record among the figures"),
        (to_place, "2/record events/e: `place.id` names 'nowhere',"
                   " but the revision has no such place of dataset.json"),
        (to_group, "3/record figures/f: `counted.group` names 'no-one',"
                   " but the revision has no such group of dataset.json"),
        (to_replaced, "2/record `replaces` names 'b', which the revision has"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_a_reference_that_the_release_cannot_follow_is_refused(
    releases: Releases, make: Callable[[], dict[str, list[Object]]], expected: str
) -> None:
    assert releases.flaws(make()) == [expected]


def test_the_samples_can_all_be_followed(releases: Releases) -> None:
    # The control of all refusals here.
    assert releases.load(samples.records()).outcome == "published"


def delta(releases: Releases, *removals: tuple[str, str], **records: Any) -> list[str]:
    """Return place and detail of the flaws of a delta on the samples."""
    path = releases.write(records, mode="delta", removals=removals)
    return [f"{flaw.place.line} {flaw.detail}" for flaw in releases.refused(path)]


@pytest.mark.parametrize(
    ("removed", "expected"),
    [
        (("actors", "council"), "None actors/ada-quill: `member_of.actor` names 'council',"
                                " but the revision has no such record among the actors"),
        (("events", "bridge-fall"), "None figures/wire-002-injured: `of.event` names"
                                    " 'bridge-fall', but the revision has no such record among"
                                    " the events"),
        (("figures", "herald-001-hurt"), "None events/clearance: `relations.answers` names"
                                         " 'herald-001-hurt', but the revision has no such record"
                                         " among the figures"),
        (("sources", "wire-002"), "None sources/herald-001: `derived_from.source` names"
                                  " 'wire-002', but the revision has no such record among the"
                                  " sources"),
    ],
)  # fmt: skip
def test_a_removal_that_untouched_records_refer_to_is_refused(
    releases: Releases, removed: tuple[str, str], expected: str
) -> None:
    releases.load(samples.records())

    assert expected in delta(releases, removed)


@pytest.mark.parametrize(("noun", "name"), [("places", "north-quay"), ("groups", "people")])
def test_a_document_without_what_untouched_records_name_is_refused(
    releases: Releases, noun: str, name: str
) -> None:
    releases.load(samples.records())
    document = samples.dataset()
    document[noun] = [member for member in document[noun] if member["id"] != name]
    for member in document[noun]:
        member.pop("parts", None)
        member.pop("broader", None)

    path = releases.write({}, document=document, mode="delta")
    details = [flaw.detail for flaw in releases.refused(path)]

    assert details
    assert all(f"names '{name}'" in detail and noun[:-1] in detail for detail in details)


def test_a_record_that_comes_back_while_another_replaces_it_is_refused(releases: Releases) -> None:
    releases.load(samples.records())

    flaws = delta(releases, sources=[source("herald-draft")])

    assert flaws == ["None `replaces` names 'herald-draft', which the revision has"]


def test_a_reference_is_mended_by_the_same_release(releases: Releases) -> None:
    releases.load(samples.records())
    # Both that refer to the event go with it.
    report = releases.load(
        {"events": [_without_bridge_fall()]},
        mode="delta",
        removals=[
            ("events", "bridge-fall"),
            ("figures", "herald-001-hurt"),
            ("figures", "wire-002-injured"),
        ],
    )

    assert report.changes == {
        "events": {"modified": 1, "removed": 1},
        "figures": {"removed": 2},
    }


def _without_bridge_fall() -> Object:
    clearance = samples.event()
    del clearance["relations"]
    return clearance


def test_an_unchanged_record_of_a_snapshot_is_named_by_its_line(releases: Releases) -> None:
    records = samples.records()
    releases.load(records)
    records["actors"] = [found for found in records["actors"] if found["id"] != "council"]

    flaws = releases.flaws(records)

    assert (
        "2/record actors/ada-quill: `member_of.actor` names 'council',"
        " but the revision has no such record among the actors"
    ) in flaws
    assert not [flaw for flaw in flaws if flaw.startswith("None")]


def test_an_id_that_is_given_twice_names_the_first_place(releases: Releases) -> None:
    path = releases.write(actors("aba"))

    flaws = releases.refused(path)

    assert [str(flaw) for flaw in flaws] == [
        f"{path}:4 /record: the id 'a' was already given at {path}:2 /record"
    ]


def test_an_id_in_two_kinds_of_one_release_is_refused(releases: Releases) -> None:
    flaws = releases.flaws({"actors": [actor("a")], "sources": [source("a")]})

    assert len(flaws) == 1
    assert flaws[0].startswith("3/record the id 'a' was already given at ")


def test_an_id_that_the_head_has_in_another_kind_is_refused(releases: Releases) -> None:
    releases.load(actors("a"))

    flaws = releases.flaws({"sources": [source("a")]}, mode="delta")

    assert flaws == ["2/record the id 'a' is taken by one of the actors of the head"]


def test_an_id_may_go_over_to_another_kind(releases: Releases) -> None:
    releases.load(actors("a"))

    report = releases.load({"sources": [source("a")]}, mode="delta", removals=[("actors", "a")])

    assert report.changes == {"actors": {"removed": 1}, "sources": {"added": 1}}


def member_of(target: str) -> Object:
    return {"member_of": [{"actor": target, "source": "wire-002"}]}


def speaks_for(target: str) -> Object:
    return {"speaks_for": {"actor": target, "source": "wire-002"}}


def derived_from(target: str) -> Object:
    return {"derived_from": {"source": target}}


def relating(relation_type: str, kind: str) -> Callable[[str], Object]:
    def relations(target: str) -> Object:
        return {"relations": [{"type": relation_type, kind: target, "basis": "editor"}]}

    return relations


CIRCULAR = {
    "member_of.actor": ("actors", actor, member_of),
    "speaks_for.actor": ("actors", actor, speaks_for),
    "derived_from.source": ("sources", source, derived_from),
    "relations.part_of": ("events", event, relating("part_of", "event")),
    "relations.follows": ("events", event, relating("follows", "event")),
}
CIRCULAR_FIGURES = {
    f"relations.{name}": ("figures", figure, relating(name, "figure"))
    for name in ("supersedes", "corrects", "part_of")
}
FIELDS = [*CIRCULAR.items(), *CIRCULAR_FIGURES.items()]


def beside(kind: str, records: list[Object]) -> dict[str, list[Object]]:
    """Return a release of records and of what all of them refer to."""
    found = {"sources": [WIRE], "events": [FALL]}
    return found | {kind: [*found.get(kind, []), *records]}


def rings(flaws: list[str]) -> list[str]:
    return [flaw.partition(" ")[2] for flaw in flaws]


@pytest.mark.parametrize(
    ("field", "made"), FIELDS, ids=lambda value: value if isinstance(value, str) else value[0]
)
def test_a_circle_of_each_field_is_refused(releases: Releases, field: str, made: Any) -> None:
    kind, make, link = made
    records = [make("x", **link("y")), make("y", **link("z")), make("z", **link("x"))]

    flaws = rings(releases.flaws(beside(kind, records)))

    assert len(flaws) == 1
    assert flaws[0].startswith(f"`{field}` goes in a circle: ")
    assert set(flaws[0].rpartition(": ")[2].split(" → ")) == {"x", "y", "z"}


@pytest.mark.parametrize(
    ("field", "made"), FIELDS, ids=lambda value: value if isinstance(value, str) else value[0]
)
def test_a_circle_that_closes_through_untouched_records_is_refused(
    releases: Releases, field: str, made: Any
) -> None:
    kind, make, link = made
    records = [make("x", **link("y")), make("y", **link("z")), make("z")]
    releases.load(beside(kind, records))

    flaws = rings(releases.flaws({kind: [make("z", **link("x"))]}, mode="delta"))

    assert len(flaws) == 1
    assert flaws[0].startswith(f"`{field}` goes in a circle: ")


def test_a_circle_of_two_fields_is_none(releases: Releases) -> None:
    records = [actor("x", **member_of("y")), actor("y", **speaks_for("x"))]

    assert releases.load(beside("actors", records)).outcome == "published"


def test_a_circle_that_the_release_opens_is_none(releases: Releases) -> None:
    releases.load(beside("actors", [actor("x", **member_of("y")), actor("y")]))

    turned = [actor("x"), actor("y", **member_of("x"))]

    assert releases.load({"actors": turned}, mode="delta").outcome == "published"


def test_two_circles_are_both_told(releases: Releases) -> None:
    records = [actor(name, **member_of(other)) for name, other in ("ab", "ba", "cd", "dc")]

    flaws = rings(releases.flaws(beside("actors", records)))

    assert len(flaws) == 2


def _accounts(event_place: str | None, account_place: str) -> Object:
    account = samples.minimal_event()["accounts"][0] | {"place": {"id": account_place}}
    placed = {"place": {"id": event_place}} if event_place else {}
    return event("e", accounts=[account], **placed)


@pytest.mark.parametrize("account", ["north-quay", "port-ember"])
def test_an_account_within_the_place_of_its_event_is_fine(releases: Releases, account: str) -> None:
    report = releases.load({"events": [_accounts("port-ember", account)], "sources": [WIRE]})

    assert report.outcome == "published"


def test_an_account_outside_the_place_of_its_event_is_refused(releases: Releases) -> None:
    event = _accounts("north-quay", "port-ember")

    flaws = releases.flaws({"events": [event], "sources": [WIRE]})

    assert flaws == [
        "2/record/accounts/0/place/id 'port-ember' does not lie in the event's place 'north-quay';"
        " the envelope must cover every account"
    ]


def test_an_account_with_a_place_needs_an_event_with_one(releases: Releases) -> None:
    flaws = releases.flaws({"events": [_accounts(None, "port-ember")], "sources": [WIRE]})

    assert flaws == ["2/record/accounts/0/place an account has a place, so the event needs one too"]


def test_a_document_that_takes_a_place_out_of_an_untouched_event_is_refused(
    releases: Releases,
) -> None:
    releases.load({"events": [_accounts("port-ember", "north-quay")], "sources": [WIRE]})
    document = samples.dataset()
    for place in document["places"]:
        place.pop("within", None)
        place.pop("parts", None)

    path = releases.write({}, document=document, mode="delta")
    flaws = releases.refused(path)

    assert [flaw.detail for flaw in flaws] == [
        "events/e: 'north-quay' does not lie in the event's place 'port-ember';"
        " the envelope must cover every account"
    ]


def test_a_place_lies_in_what_declares_it_a_part(releases: Releases) -> None:
    document = samples.dataset()
    for place in document["places"]:
        place.pop("within", None)
    path = releases.write(
        {"events": [_accounts("port-ember", "north-quay")], "sources": [WIRE]}, document=document
    )

    assert load_release(releases.db, path).outcome == "published"
