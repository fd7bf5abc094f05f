"""A synthetic dataset of any size, for measuring: `python -m tests.benchmarks.dataset FOLDER`.

Records of the four kinds, valid by the schemas, of 600 to 900 bytes each, that refer to each other
as real ones do; then revisions of 1 % change: of a hundred changes eighty modify, ten add, ten
remove. The same numbers give the same bytes. The first release is a snapshot, the others deltas.
Only the first half of each kind is referred to, so that the others can be removed.
"""

import argparse
import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from service.canonical import canonical

NAME = "synthetic"
SHARES = {"sources": 0.10, "actors": 0.15, "events": 0.15, "figures": 0.60}
"""Kind to its part of the records."""

CHANGED = 0.01
LEAST = 10
"""Changes of the smallest revision."""
REMOVED = ADDED = 0.1
FIRST_DAY = date(2022, 1, 1)
SMALLEST, LARGEST = 620, 880
CHARACTERS = 20_000
PROSE = (
    "harbour bridge quay council mayor report evening witness paper crowd market winter archive"
    " edition column river station square letter office printed counted morning district"
)
WORDS = PROSE.split()

DOCUMENT = {
    "title": "A synthetic dataset",
    "licence": "CC0-1.0",
    "schema": 1,
    "places": [{"id": f"place-{number}", "name": f"Place {number}"} for number in range(20)],
    "groups": [{"id": "people", "name": "People"}],
}

Key = tuple[str, int]
"""Kind and number of a record."""


class Release(NamedTuple):
    """The lines of one interchange file, without line ends."""

    number: int
    lines: Iterator[bytes]


class Generator:
    """Draws the releases one after the other; a record follows from its key and its state."""

    def __init__(self, records: int, seed: int = 1, changed: float = CHANGED) -> None:
        self.draw = random.Random(seed)  # noqa: S311 - the data of a measurement
        self.changed = changed
        self.counts = {kind: max(2, round(records * share)) for kind, share in SHARES.items()}
        self.anchors = {kind: count // 2 for kind, count in self.counts.items()}
        self.states: dict[Key, int] = {
            (kind, number): 0 for kind, count in self.counts.items() for number in range(count)
        }

    def releases(self, revisions: int, closing: Sequence[int] = ()) -> Iterator[Release]:
        """Yield the releases; each is to be read before the next.

        `closing` adds others with so many changes, whatever the size of the dataset.
        """
        yield Release(1, self._lines(1, list(self.states), []))
        for number, size in enumerate([0] * (revisions - 1) + [*closing], 2):
            upserts, removals = self._changed(size or round(len(self.states) * self.changed))
            yield Release(number, self._lines(number, upserts, removals))

    def record(self, kind: str, number: int) -> dict[str, Any]:
        """Return a record in its present state."""
        state = self.states[kind, number]
        draw = random.Random(f"{kind} {number} {state}")  # noqa: S311
        fixed = random.Random(f"{kind} {number}")  # noqa: S311
        record = {"id": _id(kind, number), **getattr(self, f"_{kind}")(draw, fixed)}
        return _padded(record, draw)

    def _changed(self, size: int) -> tuple[list[Key], list[Key]]:
        """Draw so many records to modify, remove and add; return upserts, removals."""
        size = max(LEAST, size)
        few = round(size * REMOVED)
        free = [key for key in self.states if key[1] >= self.anchors[key[0]]]
        removals = self.draw.sample(free, few)
        for key in removals:
            del self.states[key]
        modified = self.draw.sample(sorted(self.states), size - 2 * few)
        for key in modified:
            self.states[key] += 1
        added = [self._next() for _ in range(few)]
        return sorted([*modified, *added]), removals

    def _next(self) -> Key:
        (kind,) = self.draw.choices(list(SHARES), list(SHARES.values()))
        key = kind, self.counts[kind]
        self.counts[kind] += 1
        self.states[key] = 0
        return key

    def _lines(self, number: int, upserts: list[Key], removals: list[Key]) -> Iterator[bytes]:
        issued = (FIRST_DAY + timedelta(number)).isoformat()
        mode = "snapshot" if number == 1 else "delta"
        first: dict[str, Any] = {"release": {"complete": True, "issued": issued, "mode": mode}}
        if number == 1:
            first["dataset"] = DOCUMENT
        yield canonical(first)
        for kind, which in upserts:
            yield canonical({"kind": kind, "record": self.record(kind, which)})
        for kind, which in removals:
            yield canonical({"kind": kind, "remove": _id(kind, which)})
        yield canonical({"end": {"records": len(upserts) + len(removals)}})

    def _refer(self, kind: str, draw: random.Random) -> str:
        return _id(kind, draw.randrange(self.anchors[kind]))

    def _evidence(self, draw: random.Random, source: str) -> dict[str, Any]:
        start = draw.randrange(CHARACTERS - 100)
        text = f"{source} {start}"
        end = start + len(text)
        return {"source": source, "part": "body", "start": start, "end": end, "sha256": _sha(text)}

    def _sources(self, draw: random.Random, fixed: random.Random) -> dict[str, Any]:
        name = f"{fixed.getrandbits(64):016x}.txt"
        return {
            "source_type": "news_report",
            "title": _prose(draw, 6),
            "language": fixed.choice(("en", "kk", "ru")),
            "published": {"date": _day(fixed), "basis": "printed"},
            "document": {"name": name, "sha256": _sha(name), "characters": CHARACTERS},
            "standing": "current",
            "condition": ["original"],
        }

    def _actors(self, draw: random.Random, fixed: random.Random) -> dict[str, Any]:
        printed = _prose(fixed, 2).title()
        evidence = [self._evidence(fixed, self._refer("sources", fixed))]
        return {
            "actor_type": "group",
            "name": printed,
            "name_basis": "only_form",
            "names": [{"printed": printed, "evidence": evidence}],
            "anonymity": "named",
            "external_ids": {"register": str(draw.randrange(10**6))},
        }

    def _events(self, draw: random.Random, fixed: random.Random) -> dict[str, Any]:
        account = {
            "status": draw.choice(("happened", "said_not_to_have_happened")),
            "attribution": [],
            "evidence": [self._evidence(fixed, self._refer("sources", fixed))],
        }
        return {
            "title": _prose(fixed, 4),
            "event_type": "background",
            "date": _day(fixed),
            "place": {"id": f"place-{fixed.randrange(20)}"},
            "accounts": [account],
        }

    def _figures(self, draw: random.Random, fixed: random.Random) -> dict[str, Any]:
        value = draw.randrange(1, 500)
        return {
            "measure": fixed.choice(("injured", "killed")),
            "counted": {"group": "people", "fit": "exact"},
            "of": {"event": self._refer("events", fixed)},
            "place": {"id": f"place-{fixed.randrange(20)}", "bearing": "limit"},
            "coverage": "cumulative",
            "asserted": {"date": _day(fixed), "basis": "printed"},
            "stance": "asserts",
            "modality": "actual",
            "value": value,
            "quantifier": "plain",
            "form": "digits",
            "printed": f"{value} people",
            "unit": "persons",
            "attribution": [{"actor": self._refer("actors", fixed), "manner": "said"}],
            "evidence": [self._evidence(draw, self._refer("sources", fixed))],
        }


def write(folder: Path, releases: Iterable[Release]) -> list[Path]:
    """Write releases as interchange files, and return their paths in order."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for release in releases:
        path = folder / f"release-{release.number:03}.ndjson"
        with path.open("wb") as file:
            file.writelines(line + b"\n" for line in release.lines)
        paths.append(path)
    return paths


def arguments(description: str) -> argparse.ArgumentParser:
    """Return a parser of the size of a dataset."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--revisions", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    return parser


def main() -> None:
    """Write the releases into a folder."""
    parser = arguments("Write the releases of a synthetic dataset.")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    drawn = Generator(given.records, given.seed)
    for path in write(given.folder, drawn.releases(given.revisions)):
        print(path)


def _id(kind: str, number: int) -> str:
    return f"{kind[:-1]}-{number:07}"


def _sha(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _day(draw: random.Random) -> str:
    return (FIRST_DAY - timedelta(draw.randrange(365))).isoformat()


def _prose(draw: random.Random, words: int) -> str:
    return " ".join(draw.choices(WORDS, k=words))


def _padded(record: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    """Return the record with a note that gives it a size within the limits."""
    missing = draw.randrange(SMALLEST, LARGEST) - len(canonical(record)) - len('"note":"",')
    note = _prose(draw, 1 + max(0, missing) // 5)[: max(10, missing)].strip()
    return {**record, "note": note}


if __name__ == "__main__":
    main()
