"""Records on a map: GeoJSON (RFC 7946), a feature for each record that can state a place.

Its point is where an editor looked its own place up, if there are coordinates; nothing is taken
from the places around. Features are derived, as tables are, and `FORM` counts their changes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import orjson

from schemas import KINDS
from service.model import Reading
from service.reading.records import document
from service.store import Database, records

FORM = 1

PLACED = tuple(name for name, kind in KINDS.items() if "place.id" in kind.filters)
"""The kinds whose records can state a place."""

NEVER_A_CLAIM = "looked up by an editor; never a claim of a source"


class Places:
    """The places of a revision that have coordinates."""

    def __init__(self, db: Database, at: Reading) -> None:
        declared = orjson.loads(document(db, at).body).get("places", ())
        self._known = {
            place["id"]: place for place in declared if "latitude" in place.get("reference", {})
        }

    def of(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the place that a record states, or None where that is nowhere on a map."""
        return self._known.get(record.get("place", {}).get("id"))


def collection(
    at: Reading, features: Iterable[bytes], more: Mapping[str, Any] | None = None
) -> Iterator[bytes]:
    """Yield a FeatureCollection; its closing bracket is its visible end."""
    revision = at.revision
    head = {
        "type": "FeatureCollection",
        "form": FORM,
        "note": f"Coordinates: {NEVER_A_CLAIM}.",
        "dataset": revision.dataset,
        "revision": revision.number,
        "issued": revision.issued,
        "digest": revision.digest,
        **(more or {}),
    }
    yield orjson.dumps(head)[:-1] + b',"features":['
    separator = b""
    for feature in features:
        yield separator + feature
        separator = b","
    yield b"]}"


def of(
    kind: str, bodies: Iterable[str], places: Places, members: Collection[str] | None = None
) -> Iterator[bytes]:
    """Yield the features of records of a kind, with all of their members or some."""
    kept = {"id", "redacted", *members} if members is not None else None
    for record in map(orjson.loads, bodies):
        place = places.of(record)
        told = record
        if kept is not None:
            told = {name: each for name, each in record.items() if name in kept}
        yield orjson.dumps(
            {
                "type": "Feature",
                "id": record["id"],
                "geometry": _point(place),
                "properties": {"kind": kind, **told, **_looked_up(place)},
            }
        )


def whole(db: Database, at: Reading) -> Iterator[bytes]:
    """Yield one collection of all records of a revision that can state a place."""
    return collection(at, _whole(db, at))


def _whole(db: Database, at: Reading) -> Iterator[bytes]:
    places = Places(db, at)
    for kind in PLACED:
        yield from of(kind, (body for _, body in records.stream(db, at, kind)), places)


def _point(place: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if place is None:
        return None
    reference = place["reference"]
    return {"type": "Point", "coordinates": [reference["longitude"], reference["latitude"]]}


def _looked_up(place: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what the coordinates rest on, beside the members of the record."""
    if place is None:
        return {}
    kept = {name: place["reference"][name] for name in ("where_prec", "from")
            if name in place["reference"]}  # fmt: skip
    return {"reference": {"place": place["id"], **kept, "note": NEVER_A_CLAIM}}
