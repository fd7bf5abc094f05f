"""Addresses of pages that all differ: each begins after another record, by a cursor as the service
makes it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from service.store.tables import AT, TABLES
from service.web import cursors
from service.web.address import Address
from tests.benchmarks.dataset import NAME
from tests.benchmarks.stage import DATASET, Stage

LIMIT = 100
MOST_WALKED = 4000


def ids(stage: Stage, kind: str, number: int | None = None) -> list[str]:
    """Return the ids of a kind at a revision, in order, but for those of the last page."""
    at = stage.at(number)
    found = stage.db.rows(
        f"SELECT id FROM {TABLES[kind]} WHERE dataset = ? AND {AT} ORDER BY id",  # noqa: S608
        (at.dataset.key, at.revision.number, at.revision.number),
    )
    return [record_id for (record_id,) in found][:-LIMIT]


def pages(
    stage: Stage,
    kind: str,
    after: Iterable[str],
    number: int | None = None,
    **query: Any,
) -> Iterator[str]:
    """Yield the address of the page after each id; without a number, the moving one."""
    head = stage.at().revision.number
    pinned = Address(f"{DATASET}/{kind}").asking(**query).below(NAME, number or head)
    place = pinned if number else Address(f"{DATASET}/{kind}").asking(**query)
    for record_id in after:
        cursor = cursors.encode(number or head, (record_id,), pinned)
        yield str(place.asking(cursor=cursor))


def filtered(stage: Stage, kind: str, **query: str) -> list[str]:
    """Return the ids that a filter admits, as its walk tells them, but for the last page."""
    found: list[str] = []
    path: str | None = str(Address(f"{DATASET}/{kind}").asking(limit=1000, fields="id", **query))
    while path and len(found) < MOST_WALKED:
        told = stage.get(path).json()
        found += [record["id"] for record in told["data"]]
        following = told["links"].get("next")
        path = following and following.removeprefix(stage.service)
    return found[:-LIMIT]
