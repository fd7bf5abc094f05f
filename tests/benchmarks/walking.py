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
MOST = 40_000
"""Addresses of one list: the driver holds them all, and does not come to the end of as many."""


def ids(stage: Stage, kind: str, number: int | None = None) -> list[str]:
    """Return ids of a kind at a revision, in order, but for those of the last page.

    Of many every second, third and so on: from the first to the last all the same.
    """
    at = stage.at(number)
    found = stage.db.rows(
        f"SELECT id FROM {TABLES[kind]} WHERE dataset = ? AND {AT} ORDER BY id",  # noqa: S608
        (at.dataset.key, at.revision.number, at.revision.number),
    )
    some = [record_id for (record_id,) in found][:-LIMIT]
    return some[:: len(some) // MOST + 1]


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
