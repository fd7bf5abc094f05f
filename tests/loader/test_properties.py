"""Properties of whole histories: random releases, loaded as anyone would load them."""

import json
from collections.abc import Iterator, Mapping
from itertools import count, product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from service import canonical
from service.diff import apply
from service.model import DATASET, KINDS, Reading
from service.reading import datasets, diffs, exports, manifests, verification
from service.store import Database, open_database
from service.store.migrate import migrate
from service.store.tables import DESCRIBED
from tests.builders import load_release, write_release
from tests.core import recomputation
from tests.schemas import samples
from tests.steady import steady_store

_names = count(1)

MAKERS = {
    "actors": samples.minimal_actor,
    "events": samples.minimal_event,
    "figures": samples.minimal_figure,
    "sources": samples.minimal_source,
}
BASE = {
    ("events", "bridge-fall"): samples.minimal_event(),
    ("sources", "wire-002"): samples.minimal_source(),
}
"""What the others refer to; it is in every revision."""


class Step(NamedTuple):
    """One release: its mode, and id to a varying number, or to None for what goes."""

    mode: str
    chosen: Mapping[tuple[str, str], int | None]
    title: int


keys = st.tuples(st.sampled_from(KINDS), st.sampled_from("abc")).map(
    lambda key: (key[0], f"{key[0]}-{key[1]}")
)
steps = st.builds(
    Step,
    st.sampled_from(["snapshot", "delta"]),
    st.dictionaries(keys, st.none() | st.integers(1, 2), max_size=6),
    st.integers(1, 2),
)
histories = st.lists(steps, min_size=1, max_size=4)

State = dict[tuple[str, str], dict[str, Any]]


def record(kind: str, name: str, value: int) -> dict[str, Any]:
    """Return a small valid record whose note varies."""
    return MAKERS[kind]() | {"id": name, "note": f"value {value}"}


class Played(NamedTuple):
    """A dataset after a history: for each revision what it must hold, and the release."""

    name: str
    states: list[State]
    releases: list[Path]


def play(db: Database, folder: Path, history: list[Step]) -> Played:
    """Load each step as a release, and note what the revisions must hold."""
    played = Played(f"history-{next(_names)}", [], [])
    state: State = {}
    for number, step in enumerate(history):
        after = _after(state, step)
        path = _write(folder / f"{played.name}-{number}.ndjson", state, after, step)
        report = load_release(db, path, played.name)
        assert (report.outcome == "published") == (after != state)
        if after != state:
            played.states.append(after)
            played.releases.append(path)
        state = after
    return played


def _after(state: State, step: Step) -> State:
    kept = state if step.mode == "delta" and state else {}
    document = {"title": f"Title {step.title}"}
    after = {**kept, **BASE, (DATASET, "-"): samples.dataset() | document}
    for (kind, name), value in step.chosen.items():
        after.pop((kind, name), None)
        if value is not None:
            after[kind, name] = record(kind, name, value)
    return after


def _write(path: Path, before: State, after: State, step: Step) -> Path:
    given: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for (kind, name), found in after.items():
        if kind != DATASET and (step.mode == "snapshot" or before.get((kind, name)) != found):
            given[kind].append(found)
    gone = before.keys() - after.keys() if step.mode == "delta" else set()
    # Each release has bytes of its own: one that was published before is not published again.
    said = {"mode": step.mode, "message": path.stem}
    return write_release(path, given, after[DATASET, "-"], sorted(gone), **said)


def readings(db: Database, played: Played) -> Iterator[tuple[Reading, State]]:
    for number, state in enumerate(played.states, 1):
        yield datasets.at(db, played.name, number), state


def bodies(state: State, name: str) -> dict[tuple[str, str], str]:
    return {
        (kind, name if kind == DATASET else record_id): canonical.canonical(found).decode()
        for (kind, record_id), found in _arranged(state).items()
    }


def _arranged(state: State) -> State:
    """Sort the sets of the samples, as the loader does."""
    return {key: DESCRIBED[key[0]].arranged(found) for key, found in state.items()}


@steady_store
@given(histories)
def test_the_diff_of_any_two_revisions_leads_from_one_to_the_other(
    db: Database, tmp_path: Path, history: list[Step]
) -> None:
    played = play(db, tmp_path, history)

    for (old, before), (new, after) in product(readings(db, played), repeat=2):
        page = diffs.between(db, old, new, limit=1000)
        assert apply(page.changes, bodies(before, played.name)) == bodies(after, played.name)
        assert sum(sum(words.values()) for words in page.counts.values()) == len(page.changes)
        assert not page.more


@steady_store
@given(histories)
def test_every_digest_and_chain_is_what_a_stranger_recomputes(
    db: Database, tmp_path: Path, history: list[Step]
) -> None:
    played = play(db, tmp_path, history)

    chain = "0" * 64
    for at, _ in readings(db, played):
        document, records = _read_back(b"".join(exports.ndjson(db, at)))
        tree = recomputation.tree(document, records)
        told = at.revision
        chain = recomputation.chain(played.name, told.number, told.issued, told.digest, chain)
        assert recomputation.digest(document, records) == told.digest
        assert {path: manifests.node(db, at, path) for path in manifests.paths(db, at)} == tree
        assert told.chain == chain


def _read_back(export: bytes) -> tuple[bytes, dict[str, dict[str, bytes]]]:
    """Return the canonical bytes of an export's document and records, made with the reference."""
    first, *lines, _ = map(json.loads, export.splitlines())
    records: dict[str, dict[str, bytes]] = {}
    for line in lines:
        found = line["record"]
        records.setdefault(line["kind"], {})[found["id"]] = rfc8785.dumps(found)
    return rfc8785.dumps(first["dataset"]), records


@steady_store
@given(histories)
def test_an_export_makes_the_same_digest_in_another_dataset(
    db: Database, tmp_path: Path, history: list[Step]
) -> None:
    played = play(db, tmp_path, history)

    for at, _ in readings(db, played):
        path = tmp_path / "export.ndjson"
        path.write_bytes(b"".join(exports.ndjson(db, at)))
        report = load_release(db, path, f"copy-{next(_names)}")
        assert (report.digest, report.issued) == (at.revision.digest, at.revision.issued)


def test_an_export_of_every_format_makes_the_same_digest_in_an_empty_database(
    db: Database, tmp_path: Path
) -> None:
    path = write_release(tmp_path / "r.ndjson", samples.records(), samples.dataset())
    digest = load_release(db, path).digest
    at = datasets.at(db, "example")
    (tmp_path / "one.ndjson").write_bytes(b"".join(exports.ndjson(db, at)))
    (tmp_path / "one.json").write_bytes(b"".join(exports.json(db, at)))
    exports.folder(db, at, tmp_path / "one")

    for number, name in enumerate(("one.ndjson", "one.json", "one")):
        empty = tmp_path / f"empty-{number}.db"
        assert _digest_in(f"sqlite:///{empty}", tmp_path / name) == digest


def _digest_in(url: str, release: Path) -> str | None:
    empty = open_database(url)
    migrate(empty)
    report = load_release(empty, release, "another")
    empty.close()
    return report.digest


@steady_store
@given(histories)
def test_a_replay_of_any_release_is_unchanged(
    db: Database, tmp_path: Path, history: list[Step]
) -> None:
    played = play(db, tmp_path, history)

    for number, path in enumerate(played.releases, 1):
        report = load_release(db, path, played.name)
        assert report.outcome == "unchanged"
        said = report.message.partition(";")[0]
        assert said == f"this release was published before, as revision {number}"


@steady_store
@given(histories)
def test_verification_finds_nothing_in_what_was_loaded(
    db: Database, tmp_path: Path, history: list[Step]
) -> None:
    played = play(db, tmp_path, history)

    dataset = datasets.at(db, played.name).dataset
    assert dataset.head.number == len(played.states)
    assert list(verification.faults(db, dataset)) == []


TAMPERED = {
    "a byte of a body": (
        "UPDATE actors SET body = replace(body, 'value 1', 'value 7') WHERE id = 'actors-a'",
        "manifest/actors.sums and the content differ at actors/actors-a.json",
    ),
    "the digest of a record": (
        "UPDATE sources SET digest = (SELECT digest FROM actors WHERE id = 'actors-a')"
        " WHERE id = 'wire-002'",
        "sources/wire-002 is kept with another digest",
    ),
    "the document": (
        "UPDATE documents SET body = replace(body, 'Title', 'title')",
        "SHA256SUMS and the content differ at dataset.json",
    ),
    "the digest of a revision": (
        "UPDATE revisions SET digest = chain WHERE number = 1",
        "revision 1: its content does not have the digest",
    ),
    "a chain": (
        "UPDATE revisions SET chain = digest WHERE number = 1",
        "its chain does not follow from revision",
    ),
    "an instant": (
        "UPDATE revisions SET issued = '1999-01-01T00:00:00Z' WHERE number = 1",
        "revision 1: its chain does not follow",
    ),
    "a node": (
        "UPDATE nodes SET text = replace(text, '0', '1') WHERE path = 'manifest/actors.sums'",
        "manifest/actors.sums",
    ),
    "a lost node": (
        "DELETE FROM nodes WHERE path = 'manifest/actors.sums'",
        "manifest/actors.sums is missing",
    ),
    "what is kept of a change": (
        "UPDATE figures SET fields = '[]' WHERE fields IS NOT NULL",
        "revision 3: figures/figures-a is kept with a change that is not between its bodies",
    ),
    "a lost record": (
        "DELETE FROM actors WHERE id = 'actors-a'",
        "0 actors, but it declares 1",
    ),
    "an interval": (
        "UPDATE actors SET until = 1 WHERE id = 'actors-a'",
        "0 actors, but it declares 1",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_verification_names_what_was_tampered_with(db: Database, tmp_path: Path, what: str) -> None:
    first = Step("snapshot", {("actors", "actors-a"): 1}, 1)
    second = Step("delta", {("figures", "figures-a"): 1}, 1)
    third = Step("delta", {("figures", "figures-a"): 2}, 1)
    played = play(db, tmp_path, [first, second, third])
    sql, expected = TAMPERED[what]

    with db.writing():
        assert db.run(sql) > 0
    faults = list(verification.faults(db, datasets.at(db, played.name).dataset))

    assert any(expected in fault for fault in faults), faults
