"""Runs of the loader on a dataset."""

from typing import NamedTuple

from service.errors import NotFound
from service.model import Ingestion
from service.store import Database, ingestions


class Runs(NamedTuple):
    """A page of runs, whether more follow, and how many there are in all."""

    runs: list[Ingestion]
    more: bool
    total: int


def page(db: Database, dataset: str, before: tuple[str, str] | None, limit: int) -> Runs:
    """Return runs, newest first, from before the start and id of one."""
    found = ingestions.page(db, dataset, before, limit + 1)
    return Runs(found[:limit], len(found) > limit, ingestions.count(db, dataset))


def one(db: Database, dataset: str, run: str) -> Ingestion:
    """Return one run. Raises `NotFound` also for a run on another dataset."""
    found = ingestions.find(db, run)
    if found is None or found.dataset != dataset:
        raise NotFound(f"there is no ingestion {run!r} of {dataset}")
    return found


def outcomes(db: Database) -> dict[str, int]:
    """Return how many runs there were of each outcome, on whatever dataset."""
    return ingestions.outcomes(db)
