"""What a record is: one marshmallow schema for each kind, and all that follows from it."""

from collections.abc import Mapping
from types import MappingProxyType

from schemas.actor import ActorSchema
from schemas.dataset import DatasetSchema
from schemas.event import EventSchema
from schemas.figure import FigureSchema, series_key
from schemas.kind import Column, Kind, Reference, described
from schemas.problems import Misspelled, Problem
from schemas.source import SourceSchema

__all__ = [
    "DATASET",
    "KINDS",
    "Column",
    "Kind",
    "Misspelled",
    "Problem",
    "Reference",
    "kind_of",
    "series_key",
]

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "actors": described("actors", "actor", ActorSchema()),
        "events": described("events", "event", EventSchema()),
        "figures": described("figures", "figure", FigureSchema()),
        "sources": described("sources", "source", SourceSchema()),
    }
)
DATASET: Kind = described("dataset", "dataset", DatasetSchema(), redactable=False)


def kind_of(name: str) -> Kind:
    """Return the kind of a name in the plural, or `dataset`; raise KeyError for any other."""
    return DATASET if name == DATASET.name else KINDS[name]
