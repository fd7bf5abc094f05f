"""The tree of sums: what it says, what it costs to change, and that `sha256sum` agrees."""

import subprocess
from collections.abc import Iterable, Mapping
from hashlib import sha256
from itertools import islice
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from service import sums
from service.canonical import canonical, digest
from tests.core import recomputation
from tests.schemas import samples
from tests.steady import steady

Tree = dict[str, sums.Node]
Digests = Mapping[str, str | None]

IDS = [f"r{number}" for number in range(700)]
CROWDED = list(
    islice((i for i in map(str, range(10**6)) if sums.position(i).startswith("00")), 260)
)
"""Ids of one prefix: two levels of the tree have a single child."""


def bodies(ids: Iterable[str], salt: str = "") -> dict[str, bytes]:
    return {name: f"{name}{salt}".encode() for name in ids}


def digests(found: Mapping[str, bytes]) -> dict[str, str]:
    return {name: digest(body) for name, body in found.items()}


def revised(tree: Tree, changed: Digests, kind: str = "actors") -> Tree:
    """Return the tree after a change, made only from what `revise` yields."""
    after = dict(tree)
    for path, node in sums.revise(kind, changed.items(), tree.get):
        if node is None:
            after.pop(path, None)
        else:
            after[path] = node
    return after


def built(found: Digests, kind: str = "actors") -> Tree:
    return revised({}, found, kind)


def texts(tree: Tree) -> dict[str, str]:
    return {path: node.text for path, node in tree.items()}


def recomputed(found: Mapping[str, bytes], kind: str = "actors") -> dict[str, str]:
    files = recomputation.tree(b"", {kind: found})
    del files["SHA256SUMS"]
    return files


steps = st.lists(
    st.tuples(
        st.integers(0, len(IDS)),
        st.sampled_from([1, 2, 64, 127, 128, 129, 130, 300, 700]),
        st.sampled_from(["one", "two", None]),
    ),
    max_size=8,
)
"""(first, how many, a salt or None to remove) of each change in turn."""


@pytest.mark.parametrize("size", [0, 1, 127, 128, 129, 130, 700])
def test_the_tree_is_what_a_stranger_recomputes(size: int) -> None:
    found = bodies(IDS[:size])

    assert texts(built(digests(found))) == recomputed(found)


@steady
@given(steps)
def test_the_tree_depends_on_the_records_alone(changes: list[tuple[int, int, str | None]]) -> None:
    tree: Tree = {}
    records: dict[str, bytes] = {}

    for first, size, salt in changes:
        ids = IDS[first : first + size]
        changed: Digests = dict.fromkeys(ids) if salt is None else digests(bodies(ids, salt))
        tree = revised(tree, changed)
        if salt is None:
            records = {name: body for name, body in records.items() if name not in changed}
        else:
            records |= bodies(ids, salt)

    assert tree == built(digests(records))
    assert texts(tree) == recomputed(records)


def test_a_lost_node_is_noticed() -> None:
    found = bodies(IDS[:300])
    tree = texts(built(digests(found)))

    del tree["manifest/actors/a.sums"]

    assert tree != recomputed(found)


def test_128_ids_are_one_file_and_129_are_files_by_digit() -> None:
    leaf, split = built(digests(bodies(IDS[:128]))), built(digests(bodies(IDS[:129])))

    assert list(leaf) == ["manifest/actors.sums"]
    assert set(split) == {"manifest/actors.sums"} | {
        f"manifest/actors/{digit}.sums" for digit in {sums.position(name)[0] for name in IDS[:129]}
    }


def test_going_back_to_128_ids_folds_the_files_into_one() -> None:
    tree = built(digests(bodies(IDS[:129])))

    shrunk = revised(tree, {IDS[128]: None})

    assert shrunk == built(digests(bodies(IDS[:128])))


def test_shrinking_folds_all_levels_at_once() -> None:
    tree = built(digests(bodies(IDS)))
    deep = built(digests(bodies(CROWDED)))

    shrunk = revised(tree, dict.fromkeys(IDS[1:]))
    shallow = revised(deep, dict.fromkeys(CROWDED[128:]))

    assert shrunk == built(digests(bodies(IDS[:1])))
    assert list(shallow) == ["manifest/actors.sums"]


def test_a_kind_without_records_has_no_file() -> None:
    tree = built(digests(bodies(IDS)))

    assert revised(tree, dict.fromkeys(IDS)) == {}


def test_ids_of_one_prefix_go_down_until_they_part() -> None:
    tree = built(digests(bodies(CROWDED)))

    assert texts(tree) == recomputed(bodies(CROWDED))
    assert sums.path("actors", "00") in tree
    assert {path.count("/") for path in tree} == {1, 2, 3, 4}


def test_removing_what_is_not_there_changes_nothing() -> None:
    tree = built(digests(bodies(IDS[:300])))

    assert revised(tree, {"unknown": None}) == tree


def test_lines_of_records_stand_by_id_and_not_by_path() -> None:
    text = built(digests(bodies(["a-b", "a", "a0"])))["manifest/actors.sums"].text

    names = [name for _, name in sums.lines(text)]

    assert names == ["actors/a.json", "actors/a-b.json", "actors/a0.json"]


def test_a_change_reads_and_makes_only_the_nodes_on_its_path() -> None:
    ids = [f"r{number}" for number in range(5000)]
    tree = built(digests(bodies(ids)))
    read: list[str] = []

    def reading(path: str) -> sums.Node | None:
        read.append(path)
        return tree.get(path)

    made = [node.path for node in sums.revise("actors", [("r7", "0" * 64)], reading)]

    place = sums.position("r7")
    on_the_path = {sums.path("actors", place[:depth]) for depth in range(4)} & tree.keys()
    assert len(on_the_path) == 3
    assert set(made) == on_the_path
    assert sorted(read) == sorted(on_the_path)


def test_a_change_of_nothing_reads_nothing() -> None:
    def reading(path: str) -> sums.Node | None:
        raise AssertionError(path)

    assert list(sums.revise("actors", [], reading)) == []


def test_the_root_has_a_line_for_each_kind_that_has_records_in_their_order() -> None:
    tops = {"sources": sums.Node(1, "s\n"), "actors": sums.Node(2, "a\n"), "events": None}

    root = sums.root("d" * 64, tops)

    assert root.ids == 3
    assert root.text == (
        f"{'d' * 64}  dataset.json\n"
        f"{sha256(b'a' + bytes([10])).hexdigest()}  manifest/actors.sums\n"
        f"{sha256(b's' + bytes([10])).hexdigest()}  manifest/sources.sums\n"
    )


def test_a_root_without_records_names_the_document_alone() -> None:
    assert sums.root("d" * 64, {}).text == f"{'d' * 64}  dataset.json\n"


def many_records() -> dict[str, dict[str, bytes]]:
    """Return the sample records and more sources than one sums file lists, canonical."""
    found = samples.records()
    source = samples.minimal_source()
    found["sources"] += [source | {"id": f"copy-{number}"} for number in range(200)]
    return {kind: {r["id"]: rfc8785.dumps(r) for r in records} for kind, records in found.items()}


def test_an_independent_recomputation_gives_the_same_digest() -> None:
    document = samples.dataset()
    records = many_records()

    tops = {
        kind: built(digests(found), kind).get(sums.path(kind)) for kind, found in records.items()
    }
    root = sums.root(digest(canonical(document)), tops)

    assert digest(root.text.encode()) == recomputation.digest(rfc8785.dumps(document), records)


def lay_out(folder: Path) -> list[str]:
    """Write an export folder from our own trees, and return the paths of its sums files."""
    document, records = rfc8785.dumps(samples.dataset()), many_records()
    files = {"dataset.json": document}
    tree: Tree = {}
    for kind, found in records.items():
        files |= {f"{kind}/{name}.json": body for name, body in found.items()}
        tree |= built(digests(found), kind)
    tops = {kind: tree.get(sums.path(kind)) for kind in records}
    tree[sums.ROOT] = sums.root(digest(document), tops)
    files |= {path: node.text.encode() for path, node in tree.items()}
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return sorted(tree)


def sha256sum(folder: Path, paths: Iterable[str]) -> subprocess.CompletedProcess[str]:
    command = ["sha256sum", "--check", "--strict", "--quiet", *paths]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_sha256sum_accepts_the_root_and_every_node(tmp_path: Path) -> None:
    paths = lay_out(tmp_path)

    checked = sha256sum(tmp_path, paths)

    assert len(paths) > 15
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_sha256sum_refuses_a_record_that_was_altered(tmp_path: Path) -> None:
    paths = lay_out(tmp_path)
    record = tmp_path / "actors" / "council.json"
    record.write_bytes(record.read_bytes().replace(b"Council", b"council"))

    checked = sha256sum(tmp_path, paths)

    assert checked.returncode == 1
    assert checked.stdout == "actors/council.json: FAILED\n"
