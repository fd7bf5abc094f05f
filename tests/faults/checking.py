"""What must hold of a dataset whatever happened to its loaders."""

import json
from itertools import pairwise

import rfc8785

from service.reading import datasets, diffs, exports, verification
from service.store import Database
from service.store.tables import OPEN, TABLES
from tests.builders import DATASET
from tests.core import recomputation


def examined(db: Database, since: int = 1) -> int:
    """Return the number of the head, after every revision was found whole and in its place.

    From revision `since` on, the digests are also recomputed from the exports.
    """
    dataset = datasets.at(db, DATASET).dataset
    numbers = [number for (number,) in db.rows("SELECT number FROM revisions ORDER BY number")]
    assert numbers == list(range(1, dataset.head.number + 1))
    assert list(verification.faults(db, dataset)) == []
    assert outside(db, dataset.head.number) == {}
    if db.engine == "sqlite":
        assert db.rows("PRAGMA quick_check") == [("ok",)]
    for number in numbers[since - 1 :]:
        at = datasets.at(db, DATASET, number)
        first, *lines, _ = map(json.loads, b"".join(exports.ndjson(db, at)).splitlines())
        records: dict[str, dict[str, bytes]] = {}
        for line in lines:
            records.setdefault(line["kind"], {})[line["record"]["id"]] = rfc8785.dumps(
                line["record"]
            )
        document = rfc8785.dumps(first["dataset"])
        assert recomputation.digest(document, records) == at.revision.digest
    return dataset.head.number


def outside(db: Database, head: int) -> dict[str, int]:
    """Return how many rows of each table belong to a revision after the head; nothing is right."""
    found = {}
    for table in (*TABLES.values(), "links", "terms", "nodes"):
        wrong = f"since > ? OR (until > ? AND until <> {OPEN}) OR until <= since"
        row = db.row(f"SELECT count(*) FROM {table} WHERE {wrong}", (head, head))  # noqa: S608
        if row and row[0]:
            found[table] = int(row[0])
    return found


def added(db: Database) -> list[set[str]]:
    """Return the ids that each revision after the first adds; nothing else may have changed."""
    dataset = datasets.at(db, DATASET).dataset
    found = []
    for old, new in pairwise(range(1, dataset.head.number + 1)):
        page = diffs.between(
            db, datasets.at(db, DATASET, old), datasets.at(db, DATASET, new), limit=1000
        )
        assert {change.change for change in page.changes} == {"added"}
        found.append({change.id for change in page.changes})
    return found
