"""A whole revision in one answer."""

from functools import partial

from service.model import Reading
from service.reading import exports, lengths, tables
from service.reading.features import PLACED
from service.web import address, formats, listed, memento
from service.web.arguments import Query
from service.web.operation import operation
from service.web.problems import Busy
from service.web.question import Question
from service.web.representation import Answer

FORMS = {
    form.name: form
    for form in (formats.NDJSON, formats.JSON, formats.ZIP, formats.TABLES, formats.GEOJSON)
}
SUFFIXES = {formats.TABLES.name: "csv.zip"}

ANSWERS = {
    formats.NDJSON.media_type: {
        "type": "string",
        "description": "Interchange, to load again: first `dataset` and `release`, then a line for"
        ' each record, last `{"end": {"records", "digest"}}`: without it, it was cut off.',
    },
    formats.JSON.media_type: {
        "type": "object",
        "description": "`dataset`, and for each kind its records by id; RFC 8785.",
    },
    formats.ZIP.media_type: {
        "type": "string",
        "description": "A folder to check with `sha256sum -c SHA256SUMS`: a file for each record.",
        "contentMediaType": formats.ZIP.media_type,
    },
    formats.TABLES.media_type: {
        "type": "string",
        "description": "A zip of a release folder: a table of each kind, `dataset.json` and"
        " `release.json`. Unpacked and loaded it gives the same digest.",
        "contentMediaType": formats.TABLES.media_type,
    },
    formats.GEOJSON.media_type: listed.features(*PLACED),
}

ExportQuery = Query.from_dict(
    {"format": formats.parameter(*FORMS.values()), "escape": formats.escape()}, name="ExportQuery"
)


@operation(
    address.DATASETS + "/{dataset}/export",
    name="getExport",
    tag="Revisions",
    query=ExportQuery(),
    answers=ANSWERS,
    errors=(Busy,),
    pinnable=True,
    resumable=True,
    headers=("Content-Disposition", "Form-Version"),
)
def export(question: Question, reading: Reading) -> Answer:
    """A whole revision, the same bytes as `recension export` writes.

    Sent while it is read. NDJSON, JSON and zip never change, and declare their `Content-Length`, so
    that one that was cut off is seen; at a pinned address it goes on by `Range`, with its ETag as
    `If-Range`. CSV and GeoJSON are derived; they end visibly too: a zip with its directory, a
    collection with its bracket.
    """
    form, revision, escaped = FORMS[question.format], reading.revision, formats.escapes(question)
    suffix = SUFFIXES.get(form.name, form.name)
    name = f"{revision.dataset}-revision-{revision.number}.{suffix}"
    links = question.links(**memento.versions(question.address, reading))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if form.name in exports.DERIVED:
        version, stream = exports.DERIVED[form.name]
        stream = partial(tables.archive, escaped=True) if escaped else stream
        chunks = stream(question.db, reading)
        return formats.versioned(Answer(chunks, form.content_type, links, headers), version)
    length = lengths.of(question.db, reading, form.name)
    if length is not None:
        headers["Content-Length"] = str(length)
    since = partial(exports.since, form.name, question.db, reading)
    resumed = since if reading.pinned and length is not None else None
    return Answer(since(), form.content_type, links, headers, since=resumed)
