"""The objects that records of several kinds share: when, where, and what every record has."""

from schemas.base import StrictSchema
from schemas.fields import Code, ExternalIds, SetOf
from schemas.rules import ExactlyOne
from schemas.texts import Edtf, Ref, Short, Slug, Text
from schemas.vocabularies import BEARINGS, DATE_BASES, DAY_PARTS


class RecordSchema(StrictSchema):
    """A record that is referred to by its id."""

    id = Slug("The id of the record, the same in every revision.", required=True)
    replaces = SetOf(Slug(), "Ids of former records that were merged or split into this one.")
    external_ids = ExternalIds(
        Slug(), Short(), "Ids of the same thing in other collections, by scheme."
    )
    note = Text("What an editor has to add.", searchable="prose")


class WhenSchema(StrictSchema):
    """A local date, how it is known, and the part of the day."""

    date = Edtf(
        "The date in EDTF, local to the place.", required=True, filterable=True, sortable=True
    )
    day_part = Code(DAY_PARTS, "The part of the day, where a source says it.")
    basis = Code(DATE_BASES, "What in the source the date rests on.", required=True)


class PlaceSchema(StrictSchema):
    """A declared place, and how the source names it."""

    id = Ref("places", "A place declared in the dataset.", required=True, filterable=True)
    printed = SetOf(Short(searchable="printed"), "The names of the place as printed.")


class FigurePlaceSchema(PlaceSchema):
    """A declared place, and what it does for a figure."""

    bearing = Code(
        BEARINGS,
        "Whether the claim counts only there, is set there, or only its claimant belongs there.",
        required=True,
        filterable=True,
    )


class ParticularSchema(StrictSchema):
    """One record of any kind, or one place."""

    source = Ref("sources", "A source.")
    actor = Ref("actors", "An actor.")
    event = Ref("events", "An event.")
    figure = Ref("figures", "A figure.")
    place = Ref("places", "A place.")
    obeys = (ExactlyOne("source", "actor", "event", "figure", "place"),)
