"""What can only be judged over the whole new revision: ids, references, cycles."""

from collections.abc import Collection, Iterator
from graphlib import CycleError, TopologicalSorter

from service.lines.derivation import REPLACED
from service.model import KINDS, Flaw, Place
from service.store import integrity
from service.store.integrity import Dangling, Given
from service.store.staging import Staging
from service.store.tables import DESCRIBED

LIMIT = 1000
"""Flaws of one sort that are looked up; a release with more is refused all the same."""

STEP = 400
"""Records whose edges are read at once."""

NOUNS = {"places": "place of dataset.json", "groups": "group of dataset.json"}


def flaws(stage: Staging, unknown: Collection[str] = ()) -> Iterator[Flaw]:
    """Yield every flaw of ids, references and cycles in the new revision.

    References to what is `unknown` (places and groups of a document that cannot be read) are not
    judged.
    """
    yield from _given_twice(stage)
    for given, other in integrity.in_two_kinds(stage, LIMIT):
        yield Flaw(given.place, f"the id {given.id!r} is taken by one of the {other} of the head")
    for given in integrity.removed_twice(stage, LIMIT):
        yield Flaw(given.place, f"{given.kind}/{given.id} is removed, and also given or removed")
    for dangling in integrity.dangling(stage, LIMIT):
        if dangling.target_kind not in unknown:
            yield _dangling(dangling)
    for dangling in integrity.orphaned(stage, LIMIT):
        yield _dangling(dangling)
    for kind in filter(stage.counts().__contains__, KINDS):
        for field in DESCRIBED[kind].acyclic:
            yield from _cycles(stage, kind, field)


def _given_twice(stage: Staging) -> Iterator[Flaw]:
    """Each later place of an id names the first."""
    first: Given | None = None
    for given in integrity.given_twice(stage, LIMIT):
        if first is None or first.id != given.id:
            first = given
            continue
        yield Flaw(given.place, f"the id {given.id!r} was already given at {first.place}")


def _dangling(found: Dangling) -> Flaw:
    place = found.place or Place(f"{found.kind}/{found.record} of the head")
    if found.target_kind == REPLACED:
        return Flaw(place, f"`replaces` names {found.target!r}, which the revision has")
    noun = NOUNS.get(found.target_kind, f"record among the {found.target_kind}")
    return Flaw(
        place,
        f"{found.kind}/{found.record}: `{found.field}` names {found.target!r},"
        f" but the revision has no such {noun}",
    )


def _cycles(stage: Staging, kind: str, field: str) -> Iterator[Flaw]:
    """A new cycle passes through a record that changes, so the search begins at those."""
    changed = dict(integrity.changed_edges(stage, kind, field))
    graph = _reachable(stage, kind, field, list(changed))
    for ring in _rings(graph):
        place = next((changed[record] for record in ring if record in changed), Place(kind))
        yield Flaw(place, f"`{field}` goes in a circle: {' → '.join([*ring, ring[0]])}")


def _reachable(stage: Staging, kind: str, field: str, start: list[str]) -> dict[str, list[str]]:
    graph: dict[str, list[str]] = {record: [] for record in start}
    frontier = start
    while frontier:
        step, frontier = frontier[:STEP], frontier[STEP:]
        for record, target in integrity.edges(stage, kind, field, step):
            graph[record].append(target)
            if target not in graph:
                graph[target] = []
                frontier.append(target)
    return graph


def _rings(graph: dict[str, list[str]]) -> Iterator[list[str]]:
    """Yield rings until none is left; the records of each are taken out before the next search."""
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            ring = list(error.args[1][1:])
            yield ring
            graph = {record: targets for record, targets in graph.items() if record not in ring}
        else:
            return
