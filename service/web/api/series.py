"""The series of a revision, and one of them with its points and steps."""

from collections.abc import Mapping
from typing import Any

import orjson

from schemas.fields import Code
from schemas.texts import Slug
from schemas.vocabularies import MEASURES
from service import table
from service.canonical import canonical
from service.contested import RECENSION_1, RESOLUTIONS, Point, Resolution, SeriesChange, Span
from service.errors import NotFound
from service.model import Reading
from service.reading import series
from service.reading.judging import Only
from service.reading.series import Series, View
from service.web import address, answers, cursors, formats, memento
from service.web.answers_series import (
    PARTS,
    POINTS_TABLE,
    SERIES_LINES,
    SERIES_TABLE,
    STATUSES,
    SeriesListReadingSchema,
    SeriesReadingSchema,
    SeriesSchema,
)
from service.web.api.revisions import read_from
from service.web.arguments import PageQuery, Query
from service.web.asking import Listed
from service.web.operation import operation
from service.web.problems import BadArguments
from service.web.question import Question
from service.web.representation import JSON, Answer, enveloped, stated

TAG = "Contested facts"
LIST = address.DATASETS + "/{dataset}/series"
FORM = 1
"""The version of the table of all series."""
MOST_SOURCES = 20
MOST_WITH_POINTS = 100


def without() -> Listed:
    """Return the parameter that leaves sources out of view."""

    def read(text: str) -> str:
        if fault := Slug().fault(text):
            raise ValueError(fault)
        return text

    told = (
        "Judges as if these sources had not been read: their ids with commas between, up to"
        f" {MOST_SOURCES}. What repeats one of them keeps its voice."
    )
    return Listed(read, Slug.pattern, MOST_SOURCES, told, examples=["report-002"])


def _resolve() -> Code:
    told = "; ".join(f"`{name}`, {words}" for name, (_, words) in RESOLUTIONS.items())
    return Code(tuple(RESOLUTIONS), f"Chooses one value, under `resolved`, by: {told}.")


def positions() -> dict[str, Slug]:
    """Return the parameters that ask where an actor stands in the chains of claims."""
    return {
        "asserter": Slug(
            "Only where this actor asserts some claim: it stands first in the chain or, where that"
            " is empty, publishes the source."
        ),
        "through": Slug("Only where this actor passed some claim on; of a series, the same one."),
        "voice": Slug("Only where some claim is in the end the word of this actor."),
    }


SeriesQuery = PageQuery.from_dict(
    {
        "measure": Code(MEASURES, "Only series of this measure."),
        "group": Slug("Only series that count this group; broader and narrower ones are others."),
        "of": Slug("Only series of this event or actor."),
        "place": Slug("Only series whose claims count only at this place."),
        "status": Code(STATUSES, "Only series of this status."),
        **positions(),
        "points": Code(
            ("true",),
            f"`true` adds `points` and `steps`; then `limit` is at most {MOST_WITH_POINTS}.",
        ),
        "resolve": _resolve(),
        "without": without(),
        "format": formats.parameter(formats.JSON, formats.NDJSON, formats.CSV),
        "escape": formats.escape(),
    },
    name="SeriesQuery",
)

OneSeriesQuery = Query.from_dict(
    {
        "resolve": _resolve(),
        "without": without(),
        "format": formats.parameter(formats.JSON, formats.CSV),
        "escape": formats.escape(),
    },
    name="OneSeriesQuery",
)


@operation(
    LIST,
    name="listSeries",
    tag=TAG,
    query=SeriesQuery(),
    answers={
        JSON: answers.many(SeriesSchema, SeriesListReadingSchema),
        formats.NDJSON.media_type: SERIES_LINES,
        formats.CSV.media_type: SERIES_TABLE,
    },
    pinnable=True,
    headers=("Form-Version",),
)
def page(question: Question, reading: Reading) -> Answer:
    """The series of a revision, by key: what counts the same thing, and what the claims come to.

    Points and steps come only with `points=true`. No value is ever chosen unless `resolve` asks.
    The CSV has a row for each point of each series. All forms come in pages; the next one stands in
    the `Link` header too.
    """
    _require_few(question)
    formats.require(question, (formats.JSON.name, formats.NDJSON.name), "points", "resolve")
    escaped = formats.escapes(question)
    after = question.after(cursors.SERIES)
    key = after[0] if after else None
    found = series.page(question.db, reading, asked(question), view(question), key, question.limit)
    last = (found.series[-1].key,) if found.more else None
    others = memento.versions(question.address, reading)
    links = question.links(**question.walk(reading, last), **others)
    if question.format == formats.CSV.name:
        rows = ((*_parts(each), *map(_cell, p)) for each in found.series for p in each.points or ())
        body = b"".join(table.written((*PARTS, *Point._fields), rows, escaped=escaped))
        return formats.versioned(Answer(body, formats.CSV.content_type, links), FORM)
    data = [told(question, reading, each) for each in found.series]
    if question.format == formats.NDJSON.name:
        body = b"".join(formats.lines(map(orjson.dumps, data)))
        return Answer(body, formats.NDJSON.content_type, links)
    return enveloped(data, links, {**judged_by(question, reading), "total": found.total})


@operation(
    LIST + "/{key}",
    name="getSeries",
    tag=TAG,
    query=OneSeriesQuery(),
    answers={
        JSON: answers.one(SeriesSchema, SeriesReadingSchema),
        formats.CSV.media_type: POINTS_TABLE,
    },
    errors=(NotFound,),
    pinnable=True,
)
def one(question: Question, reading: Reading, key: str) -> Answer:
    """A series whole: its status and why, its claims as points, and the steps to it.

    The CSV has the points alone, with the same columns. Nothing is chosen unless `resolve` asks.
    """
    escaped = formats.escapes(question)
    found = series.one(question.db, reading, key, view(question))
    links = question.links(collection=question.home.parent, figures=_figures(reading, key))
    if question.format == formats.CSV.name:
        rows = (tuple(map(_cell, point)) for point in found.points or ())
        body = b"".join(table.written(Point._fields, rows, escaped=escaped))
        return Answer(body, formats.CSV.content_type, links)
    return enveloped(told(question, reading, found), links, judged_by(question, reading))


def _require_few(question: Question) -> None:
    """Raise `BadArguments` where each series is read through all revisions, and they are many."""
    if "points" in question.query and question.limit > MOST_WITH_POINTS:
        due = f"may be at most {MOST_WITH_POINTS} with points=true, which reads every revision"
        raise BadArguments({"limit": due})


def asked(question: Question) -> Only:
    """Return which series are asked for."""
    return Only(**{name: question.query.get(name) for name in Only._fields})


def view(question: Question) -> View:
    """Return how series are asked to be looked at."""
    query = question.query
    wanted = "points" in query
    points = wanted or question.format == formats.CSV.name
    return View(query.get("without", ()), query.get("resolve"), points, wanted)


def judged_by(question: Question, reading: Reading) -> dict[str, Any]:
    """Return what an answer says of the revision and the rule, and of what was left out."""
    left_out = {"without": question.query["without"]} if "without" in question.query else {}
    return {**read_from(reading), "rule": RECENSION_1.parameters(), **left_out}


def _figures(reading: Reading, key: str) -> address.Address:
    dataset = reading.dataset.name
    here = address.revision(dataset, reading.revision.number)
    return address.Address(f"{here}/figures").asking(series=key)


def told(question: Question, reading: Reading, found: Series) -> dict[str, Any]:
    """Return what is said of a series."""
    assessment, verdict = found.assessment, found.assessment.verdict
    parts = assessment.parts
    here = address.revision(reading.dataset.name, reading.revision.number)
    return stated(
        {
            "key": parts.key,
            "title": found.title,
            "measure": parts.measure,
            "group": parts.group,
            "subject": parts.subject,
            "of": parts.of,
            "place": parts.place,
            "nature": assessment.nature,
            "unit": assessment.unit,
            "status": verdict.status,
            "revised": verdict.revised,
            "reason": verdict.reason,
            "rests_on": verdict.rests_on,
            "span": span(verdict.span),
            "span_all": span(verdict.span_all),
            "voices": verdict.voices,
            "publishers": verdict.publishers,
            "claims": len(assessment.judged),
            "fall": verdict.fall or None,
            "standing": found.standing or None,
            "family": found.family,
            "resolved": _resolved(found.resolution),
            "points": _rows(found),
            "steps": _steps(found),
            "links": {
                "self": question.url(address.Address(f"{here}/series/{parts.key}")),
                "figures": question.url(_figures(reading, parts.key)),
            },
        }
    )


def span(of: Span | None) -> dict[str, Any] | None:
    """Return what is said of a span."""
    if of is None:
        return None
    return stated({"min": of.min, "max": of.max, "ratio": of.ratio, "open": of.open})


def _resolved(of: Resolution | None) -> dict[str, Any] | None:
    if of is None:
        return None
    told = {name: getattr(of, name) for name in vars(of) if name != "parameters"}
    return stated(told | {"rejected": [vars(each) for each in of.rejected]})


def _rows(found: Series) -> list[Mapping[str, Any]] | None:
    return None if found.points is None else [point._asdict() for point in found.points]


def _steps(found: Series) -> list[Mapping[str, Any]] | None:
    if found.steps is None:
        return None
    return [{**each.step._asdict(), "issued": each.issued} for each in found.steps]


def _parts(of: Series) -> tuple[str, ...]:
    """Return what a row of the table says of its series, under the names in `PARTS`."""
    parts = of.assessment.parts
    where = (parts.measure, parts.group or "", parts.of, parts.place or "")
    return (parts.key, of.title, *where, of.assessment.status)


def _cell(value: str | float | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return canonical(value).decode()


def series_change(of: SeriesChange) -> dict[str, Any]:
    """Return what is said of a series that came to something else."""
    return stated(
        {
            "key": of.key,
            "old": _side(of.old_status, of.old_span),
            "new": _side(of.new_status, of.new_span),
            "came_live": of.came_live or None,
            "no_longer_live": of.no_longer_live or None,
            "turn": of.turn,
            "by": of.by or None,
        }
    )


def _side(status: str | None, of: Span | None) -> dict[str, Any] | None:
    return stated({"status": status, "span": span(of)}) if status else None
