"""A whole revision in one answer."""

from service.model import Reading
from service.reading import exports, lengths
from service.web import address, formats, memento
from service.web.arguments import Query
from service.web.operation import operation
from service.web.problems import Busy
from service.web.question import Question
from service.web.representation import Answer

FORMS = {form.name: form for form in (formats.NDJSON, formats.JSON, formats.ZIP)}

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
}

ExportQuery = Query.from_dict({"format": formats.parameter(*FORMS.values())}, name="ExportQuery")


@operation(
    address.DATASETS + "/{dataset}/export",
    name="getExport",
    tag="Revisions",
    query=ExportQuery(),
    answers=ANSWERS,
    errors=(Busy,),
    pinnable=True,
    headers=("Content-Disposition",),
)
def export(question: Question, reading: Reading) -> Answer:
    """A whole revision, the same bytes as `recension export` writes.

    Sent while it is read. `Content-Length` is declared, so that one that was cut off is seen.
    """
    form = FORMS[question.format]
    revision = reading.revision
    name = f"{revision.dataset}-revision-{revision.number}.{form.name}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    length = lengths.of(question.db, reading, form.name)
    if length is not None:
        headers["Content-Length"] = str(length)
    chunks = exports.STREAMS[form.name](question.db, reading)
    links = question.links(**memento.versions(question.address, reading))
    return Answer(chunks, form.content_type, links, headers)
