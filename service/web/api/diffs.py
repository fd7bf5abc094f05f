"""What changed between two revisions of a dataset, in four forms."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from service import table
from service.errors import Gone
from service.model import ChangeCounts, Reading
from service.reading import datasets, diffs, series
from service.store.changes import Only
from service.web import address, answers, cursors, formats, telling
from service.web.answers_series import DIFF
from service.web.api.series import series_change
from service.web.arguments import DiffQuery
from service.web.operation import operation
from service.web.problems import Busy
from service.web.question import Question
from service.web.representation import Answer, enveloped


class Asked(NamedTuple):
    """A question for what changed from one revision to another."""

    question: Question
    old: Reading
    new: Reading
    only: Only

    @property
    def ends(self) -> dict[str, Any]:
        """What an answer says of the two revisions."""
        return {"from": _end(self.old), "to": _end(self.new)}

    def page(self, *, whole: bool) -> tuple[diffs.DiffPage, dict[str, str]]:
        """Return a page of changes, and the links of its list."""
        question = self.question
        after = question.after(cursors.KIND, cursors.ID)
        kind_and_id = (after[0], after[1]) if after else None
        found = diffs.between(question.db, *self[1:], kind_and_id, question.limit, whole=whole)
        last = (found.changes[-1].kind, found.changes[-1].id) if found.more else None
        return found, question.links(**question.walk(self.new, last))


@operation(
    address.DATASETS + "/{dataset}/diff",
    name="getDiff",
    tag="Changes",
    query=DiffQuery(),
    answers={
        formats.JSON.media_type: DIFF,
        formats.NDJSON.media_type: answers.DIFF_LINES,
        formats.CSV.media_type: answers.DIFF_TABLE,
        formats.PATCH.media_type: answers.JSON_PATCH,
    },
    errors=(Gone, Busy),
    pinned_by="to",
    headers=("Change-Counts",),
)
def diff(question: Question, new: Reading) -> Answer:
    """Net changes between two revisions, record by record and field by field.

    `dataset` first, then by kind and id. A later `from` than `to` gives the inverse. Without `to`
    the diff ends at the newest revision and moves with it.

    The last page of the JSON ends with the series that came to something else, where nothing
    narrows the diff: that 12 became 18 is a fact of the series, not of a record.

    JSON and JSON Patch come in pages; NDJSON and CSV are one stream and take neither `limit` nor
    `cursor`. The pages of a JSON Patch, applied in order to the JSON export of `from`, give that of
    `to`; where a redaction erased what it would have to say, the answer is 410.
    """
    formats.escapes(question)
    old = datasets.at(question.db, new.dataset.name, question.query["from"])
    return WRITERS[question.format](Asked(question, old, new, _narrowed(question.query)))


def _narrowed(query: Mapping[str, Any]) -> Only:
    """Return which changes are asked for."""
    kinds = (query["kind"],) if "kind" in query else answers.ORDER
    return Only(kinds, query.get("change"), query.get("id"), query.get("path"), query.get("source"))


def _json(asked: Asked) -> Answer:
    found, links = asked.page(whole=False)
    data = [telling.told(change, asked.only.path) for change in found.changes]
    meta = {"dataset": asked.new.dataset.name, **asked.ends, "counts": found.counts}
    is_end = asked.only == diffs.EVERYTHING and not found.more
    more = _series(asked) if is_end else {}
    return _counted(enveloped(data, links, meta, **more), found.counts)


def _series(asked: Asked) -> dict[str, Any]:
    """Return the series that came to something else: a fact of the series, not of a record."""
    found = series.changes(asked.question.db, asked.old, asked.new)
    told = {
        "series": [series_change(each) for each in found.told],
        "series_unjudged": found.unjudged,
    }
    return {name: value for name, value in told.items() if value}


def _patch(asked: Asked) -> Answer:
    if untold := diffs.erased(asked.question.db, *asked[1:]):
        raise Gone(
            f"{untold.kind}/{untold.id} was redacted: a JSON Patch cannot tell how it changed"
            " between these revisions; take format=json, or leave it out by kind, id or source"
        )
    found, links = asked.page(whole=True)
    told = (telling.operations(change, asked.only.path) for change in found.changes)
    body = b"[" + b",".join(chain.from_iterable(told)) + b"]"
    return _counted(Answer(body, formats.PATCH.content_type, links), found.counts)


def _ndjson(asked: Asked) -> Answer:
    changes = diffs.Stream(asked.question.db, *asked[1:], whole=False)
    return _streamed(asked, formats.NDJSON, changes, _lines(asked, changes))


def _csv(asked: Asked) -> Answer:
    changes = diffs.Stream(asked.question.db, *asked[1:], whole=False)
    rows = (row for change in changes for row in telling.rows(change, asked.only.path))
    told = table.written(telling.COLUMNS, rows, escaped=formats.escapes(asked.question))
    return _streamed(asked, formats.CSV, changes, told)


WRITERS: Mapping[str, Callable[[Asked], Answer]] = {
    formats.JSON.name: _json,
    formats.NDJSON.name: _ndjson,
    formats.CSV.name: _csv,
    formats.PATCH.name: _patch,
}


def _lines(asked: Asked, changes: diffs.Stream) -> Iterator[bytes]:
    """Yield each change as JSON, then the end with the counts of what was told."""
    counts: dict[str, dict[str, int]] = {}
    for change in changes:
        words = counts.setdefault(change.kind, {})
        words[change.change] = words.get(change.change, 0) + 1
        yield telling.line(telling.told(change, asked.only.path))
    yield telling.line({"end": {**asked.ends, "counts": counts}})


def _streamed(
    asked: Asked, form: formats.Format, changes: diffs.Stream, body: Iterator[bytes]
) -> Answer:
    formats.unpaged(asked.question)
    answer = Answer(body, form.content_type, asked.question.links())
    return _counted(answer, changes.counts)


def _counted(answer: Answer, counts: ChangeCounts) -> Answer:
    return answer.saying("Change-Counts", telling.counted(counts))


def _end(reading: Reading) -> dict[str, Any]:
    revision = reading.revision
    return {"revision": revision.number, "issued": revision.issued, "digest": revision.digest}
