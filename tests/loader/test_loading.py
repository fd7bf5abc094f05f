"""What a release does to its dataset: all of it, or nothing."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from service.errors import HeadMoved, RecensionError, Refused, Unavailable
from service.loader import Request, load, loading, open_release
from service.model import Change, Outcome, Reason
from service.reading import datasets, diffs, exports, records
from service.store import Database, ingestions
from service.store.publishing import Publication, publish
from tests.builders import DATASET, load_release, write_release
from tests.loader.releases import Releases, actor, actors, numbered
from tests.schemas import samples
from tests.store.states import census


def test_the_first_release_is_revision_1(releases: Releases) -> None:
    report = releases.load(samples.records(), issued="2022-01-06", message="The first.")

    head = releases.head().revision
    assert (report.outcome, report.revision, head.number) == ("published", 1, 1)
    assert (head.digest, head.chain, head.issued) == (report.digest, report.chain, report.issued)
    assert head.message == "The first."
    assert head.records == {"actors": 3, "events": 2, "figures": 2, "sources": 2}


def test_the_same_release_again_is_unchanged_and_names_its_revision(releases: Releases) -> None:
    path = releases.write(actors("ab"))
    load_release(releases.db, path)
    releases.load(actors("abc"))

    again = load_release(releases.db, path)

    assert again.outcome == "unchanged"
    assert again.message.startswith("this release was published before, as revision 1; the head is")
    assert "another --issued" in again.message
    assert again.revision is None
    assert releases.head().revision.number == 2


def test_the_same_content_in_other_bytes_differs_in_nothing(releases: Releases) -> None:
    releases.load(actors("ab"))

    again = releases.load(actors("ba"))

    assert (again.outcome, again.message) == ("unchanged", "nothing differs from the head")
    assert releases.head().revision.number == 1


def test_a_set_in_another_order_is_the_same_content(releases: Releases) -> None:
    records = samples.records()
    releases.load(records)

    records["sources"][1]["condition"].reverse()
    again = releases.load(records)

    assert again.outcome == "unchanged"


def test_an_attribution_in_another_order_is_another_content(releases: Releases) -> None:
    records = samples.records()
    releases.load(records)

    records["figures"][0]["attribution"].reverse()
    again = releases.load(records)

    assert again.changes == {"figures": {"modified": 1}}


def test_the_same_bytes_with_another_issued_are_another_release(releases: Releases) -> None:
    releases.load(actors("ab"), issued="2022-01-06")

    again = releases.load(actors("ab"), issued="2022-01-07")

    assert again.message == "nothing differs from the head"


def test_a_snapshot_removes_what_it_does_not_hold(releases: Releases) -> None:
    releases.load(actors("abc"))

    report = releases.load(actors("bc"))

    assert report.changes == {"actors": {"removed": 1}}
    page = records.page(releases.db, releases.head(), "actors", None, 10)
    assert [json.loads(body)["id"] for body in page.bodies] == ["b", "c"]


def test_a_delta_changes_what_it_names_and_nothing_else(releases: Releases) -> None:
    releases.load(actors("abc"))

    report = releases.load(
        {"actors": [actor("b", name="New"), actor("d")]},
        mode="delta",
        removals=[("actors", "c")],
    )

    assert report.changes == {"actors": {"added": 1, "modified": 1, "removed": 1}}
    page = records.page(releases.db, releases.head(), "actors", None, 10)
    names = {record["id"]: record["name"] for record in map(json.loads, page.bodies)}
    council = samples.minimal_actor()["name"]
    assert names == {"a": council, "b": "New", "d": council}


def test_a_delta_without_a_document_keeps_that_of_the_head(releases: Releases) -> None:
    releases.load(actors("a"))
    before = records.document(releases.db, releases.head())

    releases.load(actors("b"), mode="delta")

    assert records.document(releases.db, releases.head()) == before


def test_a_delta_with_a_document_replaces_it(releases: Releases) -> None:
    releases.load(actors("a"))

    report = releases.load({}, mode="delta", document=samples.dataset() | {"title": "New"})

    assert report.changes == {"dataset": {"modified": 1}}


def test_the_removal_of_an_absent_record_is_refused(releases: Releases) -> None:
    releases.load(actors("a"))

    flaws = releases.flaws({}, mode="delta", removals=[("actors", "b")])

    assert flaws == ["2 there is no actors/b in the head to remove"]


def test_a_record_that_is_removed_twice_or_also_given_is_refused(releases: Releases) -> None:
    releases.load(actors("ab"))

    flaws = releases.flaws(
        {"actors": [actor("b", name="New")]},
        mode="delta",
        removals=[("actors", "a"), ("actors", "a"), ("actors", "b")],
    )

    assert sorted(flaws) == [
        "3 actors/a is removed, and also given or removed",
        "4 actors/a is removed, and also given or removed",
        "5 actors/b is removed, and also given or removed",
    ]


def test_a_snapshot_that_names_removals_is_refused(releases: Releases) -> None:
    releases.load(actors("ab"))

    flaws = releases.flaws(actors("a"), removals=[("actors", "b")])

    assert len(flaws) == 1
    assert flaws[0].startswith("3/remove a snapshot removes what it does not hold")


@pytest.mark.parametrize("mode", ["snapshot", "delta"])
def test_a_first_release_without_a_document_is_refused_once(
    releases: Releases, tmp_path: Path, mode: str
) -> None:
    path = write_release(tmp_path / "bare.ndjson", actors("a"), mode=mode)

    flaws = releases.refused(path)

    assert len(flaws) == 1
    assert "snapshot" in flaws[0].detail


def test_a_snapshot_without_a_document_is_refused_once(releases: Releases, tmp_path: Path) -> None:
    releases.load(actors("a"))
    path = write_release(tmp_path / "bare.ndjson", actors("ab"))

    flaws = releases.refused(path)

    assert [flaw.place.line for flaw in flaws] == [1]


def test_a_release_that_names_no_dataset_is_refused(db: Database, tmp_path: Path) -> None:
    path = write_release(tmp_path / "r.ndjson", actors("a"), samples.dataset())

    with pytest.raises(Refused, match="name it with --dataset"):
        load(db, open_release(str(path)))


def test_a_release_goes_to_the_dataset_that_is_named_for_it(db: Database, tmp_path: Path) -> None:
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "release.yaml").write_text("dataset: its-own\n")
    (folder / "dataset.json").write_text(json.dumps(samples.dataset()))

    load(db, open_release(str(folder)), Request("another"))
    load(db, open_release(str(folder)))

    assert [found.name for found in datasets.every(db)] == ["another", "its-own"]


@pytest.mark.parametrize("name", ["Upper", "a/b", "", "a" * 61, "a--b", "ä"])
def test_a_dataset_name_that_cannot_stand_in_an_address_is_refused(
    db: Database, tmp_path: Path, name: str
) -> None:
    path = write_release(tmp_path / "r.ndjson", actors("a"), samples.dataset())

    with pytest.raises(Refused):
        load_release(db, path, name)

    assert datasets.every(db) == []


def test_a_base_that_is_the_head_is_followed(releases: Releases) -> None:
    head = releases.load(actors("a"))

    report = releases.load(actors("b"), mode="delta", base={"number": 1, "digest": head.digest})

    assert report.revision == 2


@pytest.mark.parametrize(("number", "digest"), [(2, None), (1, "ab" * 32)])
def test_a_base_that_is_not_the_head_is_refused(
    releases: Releases, number: int, digest: str | None
) -> None:
    head = releases.load(actors("a"))
    before = census(releases.db)

    with pytest.raises(HeadMoved, match=r"but the head is revision 1 "):
        releases.load(
            actors("b"), mode="delta", base={"number": number, "digest": digest or head.digest}
        )

    assert census(releases.db) == before | {"ingestions": before["ingestions"] + 1}


def test_a_base_before_the_first_revision_is_refused(releases: Releases) -> None:
    with pytest.raises(HeadMoved, match="made for revision 1"):
        releases.load(actors("b"), base={"number": 1, "digest": "ab" * 32})


def end_of(path: Path, **end: Any) -> Path:
    """Append the line that ends an interchange file."""
    with path.open("a") as file:
        file.write(json.dumps({"end": end}) + "\n")
    return path


def test_an_end_with_the_digest_of_the_revision_is_published(releases: Releases) -> None:
    digest = load_release(releases.db, releases.write(actors("ab")), "elsewhere").digest
    path = end_of(releases.write(actors("ab")), records=2, digest=digest)

    assert load_release(releases.db, path).digest == digest


def test_an_end_with_another_digest_is_refused(releases: Releases) -> None:
    path = end_of(releases.write(actors("ab")), records=2, digest="ab" * 32)

    flaws = releases.refused(path)

    assert [flaw.place.pointer for flaw in flaws] == ["/end/digest"]
    assert "it was altered, or is a delta for another head" in flaws[0].detail


def test_an_end_with_another_digest_is_refused_where_nothing_differs(releases: Releases) -> None:
    releases.load(actors("ab"))
    path = end_of(releases.write(actors("ab")), records=2, digest="ab" * 32)

    flaws = releases.refused(path)

    assert [flaw.place.pointer for flaw in flaws] == ["/end/digest"]


def test_an_end_that_counts_other_lines_is_refused(releases: Releases) -> None:
    path = end_of(releases.write(actors("ab")), records=3)

    flaws = releases.refused(path)

    assert [str(flaw.place.line) + flaw.place.pointer for flaw in flaws] == ["4/end/records"]


def test_reasons_of_changes_are_kept(releases: Releases) -> None:
    releases.load(actors("abc"))

    path = releases.folder_of(
        {"actors": [actor("a", name="New"), actor("b", name="New")]},
        reasons=[
            {"kind": "actors", "id": "a", "reason": "reading_corrected", "why": "Misread."},
            {"kind": "actors", "id": "c", "reason": "withdrawn"},
        ],
    )

    load_release(releases.db, path)

    old, new = (datasets.at(releases.db, DATASET, number) for number in (1, 2))
    told = {change.id: change.reason for change in diffs.between(releases.db, old, new).changes}
    assert told == {
        "a": Reason("reading_corrected", "Misread."),
        "b": Reason(),
        "c": Reason("withdrawn"),
    }


def test_a_reason_on_a_line_of_a_delta_is_kept(releases: Releases, tmp_path: Path) -> None:
    releases.load(actors("ab"))
    lines: list[dict[str, Any]] = [
        {"release": {"mode": "delta"}},
        {"kind": "actors", "record": actor("a", name="New"), "reason": "merged", "why": "One."},
        {"kind": "actors", "remove": "b", "reason": "split"},
    ]
    path = tmp_path / "delta.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))

    load_release(releases.db, path)

    old, new = (datasets.at(releases.db, DATASET, number) for number in (1, 2))
    reasons = [change.reason for change in diffs.between(releases.db, old, new).changes]
    assert reasons == [Reason("merged", "One."), Reason("split")]


def test_a_dry_run_publishes_nothing_and_tells_what_would_be(releases: Releases) -> None:
    releases.load(actors("ab"))
    path = releases.write({"actors": [actor("b", name="New"), actor("c")]})
    before = census(releases.db)

    dry = load_release(releases.db, path, dry_run=True)

    assert census(releases.db) == before | {"ingestions": before["ingestions"] + 1}
    assert (dry.outcome, dry.revision, dry.chain) == ("dry_run", None, None)
    told = [(change.kind, change.id, change.change) for change in dry.diff]
    assert told == [
        ("actors", "a", "removed"),
        ("actors", "b", "modified"),
        ("actors", "c", "added"),
    ]
    assert load_release(releases.db, path).digest == dry.digest


def test_the_changes_of_a_dry_run_are_those_that_the_publication_makes(releases: Releases) -> None:
    releases.load(samples.records())
    path = releases.write({"actors": [actor("b")]}, document=samples.dataset() | {"title": "New"})

    dry = load_release(releases.db, path, dry_run=True)
    load_release(releases.db, path, approve=dry.digest)

    old, new = (datasets.at(releases.db, DATASET, number) for number in (1, 2))
    made = diffs.between(releases.db, old, new, limit=100)
    assert list(dry.diff) == made.changes
    assert dry.changes == made.counts
    assert isinstance(dry.diff[0], Change)


def test_every_outcome_is_in_the_account(releases: Releases) -> None:
    path = releases.write(numbered(2))
    load_release(releases.db, path, dry_run=True)
    load_release(releases.db, path)
    load_release(releases.db, path)
    releases.flaws({"actors": [{"id": "bad"}]})
    with pytest.raises(RecensionError):
        releases.load({})
    with pytest.raises(HeadMoved):
        releases.load(numbered(3), base={"number": 7, "digest": "ab" * 32})

    runs = ingestions.every(releases.db, DATASET)

    outcomes: list[Outcome] = ["dry_run", "held", "published", "refused", "refused", "unchanged"]
    assert sorted(run.outcome for run in runs) == outcomes
    assert [run.revision for run in runs if run.outcome == "published"] == [1]
    assert {run.revision for run in runs if run.outcome != "published"} == {None}
    assert all(run.started_at <= run.finished_at for run in runs)
    refused = [run for run in runs if run.report.get("problems")]
    assert refused[0].report["problems"][0]["line"] == 2


def test_a_load_that_loses_the_race_says_that_it_published_nothing(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases.load(actors("a"))
    ours, theirs = releases.write(actors("ab")), releases.write(actors("ac"))
    check = "service.loader.loading.guard.check"

    def overtaken(*arguments: Any) -> None:
        monkeypatch.undo()
        _load_elsewhere(releases.db, theirs)

    monkeypatch.setattr(check, overtaken)
    with pytest.raises(HeadMoved, match="another load published revision 2"):
        load_release(releases.db, ours)

    lost = [run for run in ingestions.every(releases.db, DATASET) if run.outcome == "refused"]
    assert [
        (run.revision, run.report.get("revision"), run.report.get("chain")) for run in lost
    ] == [(None, None, None)]
    assert load_release(releases.db, ours).revision == 3


def test_a_publication_that_was_committed_before_the_store_was_lost_is_told_as_published(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    def losing(db: Database, publication: Publication) -> None:
        publish(db, publication)
        raise Unavailable("lost")

    monkeypatch.setattr(loading, "publish", losing)
    report = releases.load(actors("a"))

    assert (report.outcome, report.revision) == ("published", 1)
    assert [run.outcome for run in ingestions.every(releases.db, DATASET)] == ["published"]


def test_a_publication_that_was_lost_before_it_was_committed_is_told_as_lost(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    def losing(db: Database, publication: Publication) -> None:
        raise Unavailable("lost")

    monkeypatch.setattr(loading, "publish", losing)
    with pytest.raises(Unavailable, match="lost"):
        releases.load(actors("a"))

    assert datasets.every(releases.db) == []
    assert [run.outcome for run in ingestions.every(releases.db, DATASET)] == ["refused"]


def _load_elsewhere(db: Database, path: Path) -> None:
    """Load a release on a connection of its own, as another process does."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(load_release, db, path).result()


def test_to_go_back_the_export_of_a_revision_is_loaded_again(
    releases: Releases, tmp_path: Path
) -> None:
    first = releases.load(actors("ab"), issued="2022-01-06")
    releases.load(actors("bc"), issued="2022-01-07")
    path = tmp_path / "export.ndjson"
    at = datasets.at(releases.db, DATASET, 1)
    path.write_bytes(b"".join(exports.ndjson(releases.db, at)))

    release = open_release(str(path), issued="2022-01-08")
    back = load(releases.db, release, Request(DATASET))

    assert (back.revision, back.digest) == (3, first.digest)
