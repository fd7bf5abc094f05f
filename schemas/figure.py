"""The kind `figures`: one source's claim of one quantity."""

import re
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

from schemas.attribution import (
    ONE_SOURCE,
    POINTS_TO_ITS_MEMBERS,
    POSITIONS,
    attribution,
    evidence,
    suspected,
)
from schemas.base import StrictSchema
from schemas.fields import Code, Record, SetOf, Truth
from schemas.numbers import Number
from schemas.rules import (
    Condition,
    ExactlyOne,
    Judged,
    Narrowed,
    Object,
    Rule,
    Violation,
    Where,
    unrelated_to_itself,
)
from schemas.shared import FigurePlaceSchema, RecordSchema, WhenSchema
from schemas.texts import Edtf, Ref, Short, Text
from schemas.vocabularies import (
    COUNTING,
    COVERAGES,
    FIGURE_RELATIONS,
    FITS,
    FORMS,
    INDEFINITE,
    MAGNITUDES,
    MEASURES,
    MISSING,
    MODALITIES,
    QUANTIFIERS,
    RELATION_BASES,
    STANCES,
    UNITS,
    VALUED,
)


class CountedSchema(StrictSchema):
    """Who or what is counted."""

    group = Ref(
        "groups",
        "A group declared in the dataset.",
        required=True,
        filterable=True,
        sortable=True,
    )
    fit = Code(FITS, "How well the printed words fit the group.", required=True, filterable=True)
    label = Short("The printed words for those counted.", searchable="printed")
    label_by = Ref("actors", "The claimant whose words they are.")
    obeys = (Where(Condition("label_by"), requires=("label",)),)


class SubjectSchema(StrictSchema):
    """The event or the actor whose quantity it is."""

    event = Ref("events", "An event.", filterable=True)
    actor = Ref("actors", "An actor.", filterable=True)
    obeys = (ExactlyOne("event", "actor"),)


class EnumerationSchema(StrictSchema):
    """The members that a source lists in place of a number."""

    actors = SetOf(Ref("actors", filterable=True), "Those who are listed.")
    complete = Truth("Whether the source lists all of them.")


class FigureRelationSchema(StrictSchema):
    """How a figure stands to another figure."""

    type = Code(FIGURE_RELATIONS, "The relation.", required=True, filterable=True)
    figure = Ref(
        "figures",
        "The other figure.",
        required=True,
        filterable=True,
        typed=True,
        acyclic=("supersedes", "corrects", "part_of"),
    )
    basis = Code(RELATION_BASES, "Whether a source or an editor relates them.", required=True)
    why = Text("Why they are related.")


def series_key(figure: Object) -> str:
    """Return the key of the series: figures that have it count the same thing."""
    parts = [figure["measure"]]
    if "counted" in figure:
        parts.append(figure["counted"]["group"])
    parts.extend(figure["of"].values())
    if figure.get("place", {}).get("bearing") == "limit":
        parts.append(figure["place"]["id"])
    return ".".join(parts)


_NUMBERS = ("value", "low", "high")
_QUANTITY = (*_NUMBERS, "magnitude")


def _is_ordered(data: Object) -> Iterator[Violation]:
    stated = [name for name in ("low", "value", "high") if name in data]
    for lesser, greater in pairwise(stated):
        if data[lesser] > data[greater]:
            yield Violation((greater,), f"{data[greater]} is less than {lesser}, {data[lesser]}")


def _unit_rules() -> Iterator[Rule]:
    for dimension, unit in UNITS.items():
        measures = tuple(name for name in MEASURES if MEASURES[name].dimension == dimension)
        yield Narrowed(
            Condition("measure", measures),
            ("unit",),
            {"pattern": f"^(?:{unit.pattern})$"},
            partial(_matches, unit.pattern),
            unit.words,
        )


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


def _is_whole(value: Any) -> bool:
    return isinstance(value, int)


class FigureSchema(RecordSchema):
    """One source's claim of one quantity, as it prints it."""

    measure = Code(MEASURES, "What is measured.", required=True, filterable=True, sortable=True)
    counted = Record(CountedSchema, "Who or what is counted.")
    of = Record(SubjectSchema, "The event or actor whose quantity it is.", required=True)
    place = Record(FigurePlaceSchema, "Where, and what the place does for the claim.")
    reference_period = Edtf(
        "The time that the figure covers; its end is the as-of.", filterable=True, sortable=True
    )
    coverage = Code(
        COVERAGES, "Whether it is a running total or for a time.", required=True, filterable=True
    )
    asserted = Record(WhenSchema, "When the claimant said it.")
    stance = Code(STANCES, "What the claimant does with it.", required=True, filterable=True)
    modality = Code(MODALITIES, "Whether it is so, or was planned.", required=True, filterable=True)
    value = Number("The number.", filterable=True, sortable=True)
    low = Number("The lower bound as printed.", filterable=True, sortable=True)
    high = Number("The upper bound as printed.", filterable=True, sortable=True)
    quantifier = Code(QUANTIFIERS, "The word that qualifies the number.", filterable=True)
    magnitude = Code(MAGNITUDES, "The order of size, where only words stand.", filterable=True)
    form = Code(FORMS, "In what form the number is printed.", filterable=True)
    printed = Short("The phrase that states it, as printed.", required=True, searchable="printed")
    unit = Short("The unit, by ISO 4217 and UCUM.", required=True, filterable=True)
    missing = Code(MISSING, "Why there is no number.", filterable=True)
    withheld_by = Ref("actors", "Who keeps the number back.", filterable=True)
    enumerated = Record(EnumerationSchema, "Those who are listed in place of a number.")
    attribution = attribution()
    suspected = suspected()
    relations = SetOf(Record(FigureRelationSchema), "How it stands to other figures.")
    evidence = evidence()

    derived: ClassVar = {"series": series_key}
    listed: ClassVar = POSITIONS
    obeys = (
        Where(Condition("missing"), refuses=(*_QUANTITY, "quantifier", "form")),
        Where(Condition("missing", holds=False), ("quantifier", "form"), ("withheld_by",)),
        Where(Condition("quantifier", VALUED), ("value",), ("magnitude",)),
        Where(Condition("quantifier", ("between",)), ("low", "high"), ("value", "magnitude")),
        Where(Condition("quantifier", ("in_words",)), ("magnitude",), _NUMBERS),
        Judged(_is_ordered),
        Where(Condition("measure", COUNTING), requires=("counted",)),
        Where(Condition("measure", COUNTING, holds=False), refuses=("counted",)),
        Narrowed(
            Condition("measure", COUNTING),
            _NUMBERS,
            {"type": "integer"},
            _is_whole,
            "persons and things are counted in whole numbers",
        ),
        Narrowed(
            Condition("measure", COUNTING, holds=False),
            ("magnitude",),
            {"not": {"const": INDEFINITE}},
            INDEFINITE.__ne__,
            "only persons and things may be many without an order of size",
        ),
        *_unit_rules(),
        Where(Condition("form", ("enumerated",), holds=False), refuses=("enumerated",)),
        Where(Condition("form", ("implied",)), requires=("note",)),
        ONE_SOURCE,
        POINTS_TO_ITS_MEMBERS,
        unrelated_to_itself("figure"),
    )
