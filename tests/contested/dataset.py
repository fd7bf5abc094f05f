"""The first dataset as the loader publishes it, cut into what each series needs."""

from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from service.contested import Known, Material, parts_of
from service.contested.plain import Record
from service.loader import Request, load, open_release, releases_in
from service.model import KINDS, Reading
from service.store import open_database, records, revisions
from service.store.migrate import migrate

ROOT = Path(__file__).parent.parent.parent
SEEDS = ROOT / "seeds" / "kazakhstan-2022"
NAME = SEEDS.name


class State(NamedTuple):
    """One revision: records by kind and id, `dataset.json`, and since when figures are known."""

    records: dict[str, dict[str, Record]]
    document: Record
    known: dict[str, Known]


def published(folder: Path) -> dict[int, State]:
    """Load the seeds into a new database, and return revision number to its state."""
    database = open_database(f"sqlite:///{folder / 'recension.db'}")
    migrate(database)
    try:
        for release in releases_in(str(SEEDS)):
            load(database, open_release(release), Request(NAME))
        return _states(database)
    finally:
        database.close()


def _states(database: Any) -> dict[int, State]:
    dataset = revisions.dataset(database, NAME)
    known: dict[str, Known] = {}
    states = {}
    for number in range(1, dataset.head.number + 1):
        revision = revisions.revision(database, dataset, number)
        at = Reading(dataset, revision, pinned=True)
        held = {
            kind: {name: orjson.loads(body) for name, body in records.stream(database, at, kind)}
            for kind in KINDS
        }
        for name in held["figures"]:
            known.setdefault(name, Known(number, revision.issued))
        document = records.one(database, at, "dataset", NAME)
        assert document is not None
        states[number] = State(held, orjson.loads(document.body), dict(known))
    return states


def materials(state: State) -> dict[str, Material]:
    """Return series key to what judging it needs."""
    figures = defaultdict(list)
    for figure in state.records["figures"].values():
        figures[parts_of(figure).key].append(figure)
    return {
        key: Material(
            figures=members,
            sources=state.records["sources"],
            actors=state.records["actors"],
            retracted=retracted(state),
            known=state.known,
        )
        for key, members in figures.items()
    }


def retracted(state: State) -> set[str]:
    """Return the figures that an event retracts."""
    return {
        relation["figure"]
        for event in state.records["events"].values()
        for relation in event.get("relations", ())
        if relation["type"] == "retracts" and "figure" in relation
    }
