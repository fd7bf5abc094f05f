"""Counts for dashboards: how many records have each value, or fall on each day."""

from typing import Any

from schemas import KINDS
from schemas.filters import Filterable
from service.model import Reading
from service.reading import facets as counting
from service.reading import selections
from service.reading.facets import Facet, Histogram
from service.store.tallies import Chosen, total
from service.web import address, answers
from service.web.api.revisions import read_from
from service.web.asking import FacetQuery
from service.web.listed import FacetReadingSchema, FacetSchema
from service.web.operation import operation
from service.web.question import Question
from service.web.representation import JSON, Answer, enveloped


@operation(
    address.DATASETS + "/{dataset}/facets",
    name="listFacets",
    tag="Records",
    query=FacetQuery(),
    answers={JSON: answers.many(FacetSchema, FacetReadingSchema)},
    pinnable=True,
)
def facets(question: Question, reading: Reading) -> Answer:
    """How many records of a kind have each value of some fields, and fall on each day of a date.

    Filters are those of the kind's list. A record counts once for each value of a list. Of each
    field the 100 most frequent values are told, and how many more there are. What was redacted is
    not counted.
    """
    chosen = _chosen(question, reading)
    fields = [KINDS[chosen.kind].filters[name] for name in question.query["field"]]
    data = [_counted(question, chosen, each) for each in fields]
    meta = {**read_from(reading), "kind": chosen.kind, "total": total(question.db, chosen)}
    return enveloped(data, question.links(), meta)


def _chosen(question: Question, reading: Reading) -> Chosen:
    query = question.query
    filters = query["filters"]
    if "bbox" in query:
        filters += (selections.located(question.db, reading, query["kind"], query["bbox"]),)
    return Chosen(reading, query["kind"], filters)


def _counted(question: Question, chosen: Chosen, of: Filterable) -> dict[str, Any]:
    if of.type == "date":
        days = question.query.get("days")
        return _histogram(counting.by_day(question.db, chosen, of, days))
    return _facet(counting.by_value(question.db, chosen, of))


def _facet(facet: Facet) -> dict[str, Any]:
    return {
        "field": facet.field,
        "values": [{"value": value, "count": count} for value, count in facet.values],
        "more": facet.more,
        "absent": facet.absent,
    }


def _histogram(histogram: Histogram) -> dict[str, Any]:
    return {
        "field": histogram.field,
        "days": [{"day": day, "count": count} for day, count in histogram.days],
        "absent": histogram.absent,
    }
