"""The tables of `docs/dataset.md`, counted in the bundled dataset as the loader publishes it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from service.model import KINDS
from tests.contested.dataset import State, published


@cache
def states() -> dict[int, State]:
    """Return the revisions of the bundled dataset."""
    with TemporaryDirectory(prefix="recension-") as folder:
        return published(Path(folder))


def revisions() -> str:
    """Return a row for each revision: its records by kind."""
    rows = [
        [str(number), *(str(len(state.records[kind])) for kind in KINDS)]
        for number, state in states().items()
    ]
    return _table(["revision", *KINDS], rows)


def reports() -> str:
    """Return a row for each report: what it brings to the newest revision."""
    records = states()[max(states())].records
    figures = Counter(_source(figure) for figure in records["figures"].values())
    events = {name: {_source(a) for a in e["accounts"]} for name, e in records["events"].items()}
    actors = {name: {_source(n) for n in a["names"]} for name, a in records["actors"].items()}
    evidence = Counter(
        item["source"]
        for kind in records.values()
        for record in kind.values()
        for item in _evidence(record)
    )
    rows = [
        [
            f"`{report}`",
            str(figures[report]),
            *_told(report, events),
            *_told(report, actors),
            str(evidence[report]),
        ]
        for report in sorted(records["sources"])
    ]
    total = [figures.total(), len(events), _alone(events), len(actors), _alone(actors)]
    rows.append(["all", *map(str, (*total, evidence.total()))])
    head = ["report", "figures", "events", "of these alone", "actors", "of these alone"]
    return _table([*head, "evidence items"], rows)


def _source(cited: Mapping[str, Any]) -> str:
    return str(cited["evidence"][0]["source"])


def _told(report: str, by: dict[str, set[str]]) -> list[str]:
    return [
        str(sum(report in each for each in by.values())),
        str(list(by.values()).count({report})),
    ]


def _alone(by: dict[str, set[str]]) -> int:
    return sum(len(each) == 1 for each in by.values())


def _evidence(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield from value.get("evidence", ())
        for inner in value.values():
            yield from _evidence(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _evidence(inner)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n" + "".join(f"| {' | '.join(cells)} |\n" for cells in lines) + "\n"
