"""What of a record the checks need: its evidence, wherever it stands, and its number."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from marshmallow import Schema, fields

from schemas import KINDS
from schemas.attribution import EvidenceSchema
from schemas.base import members
from schemas.paths import Path, found
from schemas.problems import pointer
from service.loader.evidence.quantities import Quantity, quantity_of
from service.loader.release import Item, place_of
from service.model import Place


class Selection(NamedTuple):
    """One item of evidence, and where it stands in the release."""

    place: Place
    source: str
    start: int
    end: int
    sha256: str
    supports: tuple[str, ...]


class Bearer(NamedTuple):
    """A record with its evidence; `members` are the places of its numbers."""

    selections: tuple[Selection, ...]
    quantity: Quantity | None
    places: Mapping[str, Place]

    @property
    def sources(self) -> set[str]:
        """The ids of the sources of its evidence."""
        return {selection.source for selection in self.selections}

    @property
    def carrying(self) -> list[Selection]:
        """The evidence that supports the value; all of it where none says so."""
        return [s for s in self.selections if "value" in s.supports] or list(self.selections)


def evidence_paths(schema: Schema) -> Iterator[Path]:
    """Yield the path of each member of a schema that holds evidence."""
    for name, field in members(schema):
        inner: Any = field.inner if isinstance(field, fields.List) else field
        if not isinstance(inner, fields.Nested):
            continue
        if isinstance(inner.schema, EvidenceSchema):
            yield (name,)
        else:
            yield from ((name, *below) for below in evidence_paths(inner.schema))


_PATHS = {name: tuple(evidence_paths(kind.schema)) for name, kind in KINDS.items()}
_NUMBERS = ("value", "low", "high", "magnitude", "form", "enumerated/actors")


def bearer_of(item: Item) -> Bearer | None:
    """Return what a valid record bears, or None where it has no evidence."""
    selections = tuple(_selections(item))
    if not selections:
        return None
    quantity = quantity_of(item.record) if item.kind == "figures" else None
    places = {name: place_of(item, f"/{name}") for name in _NUMBERS} if quantity else {}
    return Bearer(selections, quantity, places)


def _selections(item: Item) -> Iterator[Selection]:
    for path in _PATHS[item.kind]:
        for evidence in found(item.record, path):
            selected = evidence.value
            yield Selection(
                place_of(item, pointer(evidence.pointer)),
                selected["source"],
                selected["start"],
                selected["end"],
                selected["sha256"],
                tuple(selected.get("supports", ())),
            )
