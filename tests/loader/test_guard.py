"""A snapshot that suddenly lacks much waits for an approval."""

import pytest

from service.errors import ApprovalNeeded
from service.loader import guard
from service.store import ingestions
from tests.builders import DATASET, load_release
from tests.loader.releases import Releases, actors, numbered
from tests.store.states import census

DIGEST = "ab" * 32


@pytest.mark.parametrize(
    ("before", "removed", "is_held"),
    [
        (100, 0, False),
        (100, 50, False),
        (100, 51, True),
        (255, 51, False),
        (254, 51, True),
        (1000, 199, False),
        (1000, 200, False),
        (1000, 201, True),
        (1000, 790, True),
        (10, 9, False),
        (10, 10, True),
        (1, 1, True),
        (0, 0, False),
    ],
)
def test_more_than_a_fifth_and_more_than_50_records_or_all_are_held(
    before: int, removed: int, is_held: bool
) -> None:
    changes = {"actors": {"removed": removed}} if removed else {}

    def check() -> None:
        guard.check({"actors": before}, changes, DIGEST, None)

    if is_held:
        with pytest.raises(ApprovalNeeded) as caught:
            check()
        assert caught.value.digest == DIGEST
        assert f"would remove {removed} of {before} records" in caught.value.message
    else:
        check()


def test_removals_of_all_kinds_are_counted_together() -> None:
    changes = {"actors": {"removed": 30}, "sources": {"removed": 30}}

    with pytest.raises(ApprovalNeeded, match="60 of 100"):
        guard.check({"actors": 50, "sources": 50}, changes, DIGEST, None)


@pytest.mark.parametrize("left", [0, 9])
def test_a_held_snapshot_changes_nothing_and_is_in_the_account(
    releases: Releases, left: int
) -> None:
    releases.load(numbered(60))
    before = census(releases.db)

    with pytest.raises(ApprovalNeeded):
        releases.load(numbered(left))

    assert census(releases.db) == before | {"ingestions": before["ingestions"] + 1}
    outcomes = [run.outcome for run in ingestions.every(releases.db, DATASET)]
    assert sorted(outcomes) == ["held", "published"]


def test_a_snapshot_that_removes_little_is_published(releases: Releases) -> None:
    releases.load(numbered(60))

    assert releases.load(numbered(10)).changes == {"actors": {"removed": 50}}


def test_an_approval_of_another_digest_is_none(releases: Releases) -> None:
    releases.load(numbered(60))
    path = releases.write(numbered(2))

    with pytest.raises(ApprovalNeeded):
        load_release(releases.db, path, approve=DIGEST)

    assert releases.head().revision.number == 1


def test_the_digest_that_a_dry_run_shows_approves(releases: Releases) -> None:
    releases.load(numbered(60))
    path = releases.write(numbered(2))

    dry = load_release(releases.db, path, dry_run=True)
    with pytest.raises(ApprovalNeeded) as held:
        load_release(releases.db, path)
    approved = load_release(releases.db, path, approve=dry.digest)

    assert held.value.digest == dry.digest == approved.digest
    assert approved.changes == {"actors": {"removed": 58}}


def test_an_approval_is_of_the_head_that_it_was_given_for(releases: Releases) -> None:
    releases.load(numbered(60))
    dry = load_release(releases.db, releases.write(numbered(2)), dry_run=True)
    releases.load(numbered(60, note="Changed."))

    path = releases.write(numbered(2, note="Changed."))

    with pytest.raises(ApprovalNeeded):
        load_release(releases.db, path, approve=dry.digest)


def test_a_delta_names_what_it_removes_and_is_not_held(releases: Releases) -> None:
    releases.load(actors("ab"))

    report = releases.load({}, mode="delta", removals=[("actors", "a"), ("actors", "b")])

    assert report.outcome == "published"
