"""Records of the four kinds at a revision: a page, one, what became of one, and its proof."""

from dataclasses import replace
from typing import Any

from service.errors import Gone
from service.model import Reading
from service.reading import blame as blaming
from service.reading import proofs, records, selections
from service.reading.blame import Blamed
from service.reading.records import Found, Step
from service.store.selecting import Selection
from service.web import address, answers, asking, cursors, formats, listed, memento, paging
from service.web.address import Address
from service.web.api.revisions import read_from
from service.web.likeness import Single, Walk
from service.web.operation import operation
from service.web.paging import Page
from service.web.question import Question
from service.web.representation import (
    JSON,
    Answer,
    Links,
    Told,
    bare,
    digested,
    enveloped,
    sparse,
    stated,
)

TAG = "Records"
LIST = address.DATASETS + "/{dataset}/{kind}"


def walk(question: Question, reading: Reading, kind: str) -> Walk | None:
    """Return what the pages of a list have in common where it tells whole records, as JSON."""
    if question.cursor is None:
        return None
    if question.format != formats.JSON.name or question.query.keys() & {"fields", "include"}:
        return None
    selection = _selection(question, reading, kind)
    return Walk(
        selections.walk(question.db, reading, selection, question.limit),
        reading.revision.number,
        cursors.binding(question.pinned or question.address),
    )


def single(question: Question, reading: Reading, kind: str, id: str) -> Single:
    """Return what the answers to records of a kind have in common."""
    name = reading.dataset.name
    moving = Address(f"{address.dataset(name)}/{kind}")
    gates = [memento.beside(gate, moving, reading) for gate in ("timegate", "timemap")]
    always = [moving, *gates, moving.below(name, reading.revision.number)]

    def read(id: str) -> Found:
        return records.one_and_before(question.db, reading, kind, id)

    def paths(id: str, earlier: int | None) -> list[str]:
        before = [moving.below(name, earlier)] if earlier else []
        return [f"{place.path}/{id}" for place in (*always, *before)]

    return Single(read, paths)


@operation(
    LIST,
    name="list{Kinds}",
    tag=TAG,
    query=asking.LISTS,
    answers={
        JSON: listed.PAGES,
        formats.NDJSON.media_type: listed.LINES,
        formats.CSV.media_type: listed.TABLES,
        formats.GEOJSON.media_type: listed.FEATURES,
    },
    pinnable=True,
    headers=("Form-Version",),
    like=walk,
)
def page(question: Question, reading: Reading, kind: str) -> Answer:
    """The {kinds}, by id or as `sort` says, those that the filters admit.

    A filter is the path of a field with an operator, as in `value__gte`; several all hold. Of a
    list one value is enough. What does not state a field, and what was redacted, is admitted by no
    filter of that field but `__exists=false`, and a redacted record not by that.

    All forms come in pages; the next one stands in the `Link` header too. `include` and `total` go
    with JSON alone.
    """
    formats.require(question, (formats.JSON.name,), "include", "total")
    formats.escapes(question)
    after, selection = question.after(cursors.ID), _selection(question, reading, kind)
    last = after[0] if after else None
    found = selections.page(question.db, reading, selection, last, question.limit)
    following = (found.last,) if found.more and found.last else None
    versions = memento.versions(question.address, reading)
    links = question.links(**question.walk(reading, following), **versions)
    if question.format == formats.JSON.name:
        meta = {**read_from(reading), **_total(question, reading, selection)}
        return _told(question, reading, kind, found.bodies).enveloped(links, meta)
    return paging.WRITERS[question.format](Page(question, reading, kind, found.bodies, links))


@operation(
    LIST + "/{id}",
    name="get{Kind}",
    tag=TAG,
    query=asking.RECORDS,
    answers={JSON: listed.RECORDS},
    errors=(Gone,),
    pinnable=True,
    headers=("Repr-Digest",),
    like=single,
)
def one(question: Question, reading: Reading, kind: str, id: str) -> Answer:
    """One of the {kinds}: its canonical bytes and nothing else.

    Their sha256 stands in the manifest of the revision; links and the pinned address stand in
    headers. With `fields` or `include` it is `data` of an envelope instead.
    """
    found = records.one_and_before(question.db, reading, kind, id)
    links, version = _links(question, reading, found.earlier), found.version
    if question.query.keys() & {"fields", "include"}:
        told = _told(question, reading, kind, [version.body])
        return digested(told.enveloped(links, read_from(reading), single=True))
    return bare(version.body, version.digest, links)


@operation(
    LIST + "/{id}/history",
    name="get{Kind}History",
    tag=TAG,
    answers={JSON: answers.many(answers.StepSchema)},
    pinnable=True,
)
def history(question: Question, reading: Reading, kind: str, id: str) -> Answer:
    """What became of one of the {kinds}, oldest change first, up to the revision read."""
    steps = records.history(question.db, reading, kind, id)
    meta = {**read_from(reading), "total": len(steps)}
    return enveloped([_step(step) for step in steps], question.links(), meta)


@operation(
    LIST + "/{id}/blame",
    name="get{Kind}Blame",
    tag=TAG,
    answers={JSON: answers.many(answers.BlamedSchema)},
    errors=(Gone,),
    pinnable=True,
)
def blame(question: Question, reading: Reading, kind: str, id: str) -> Answer:
    """Where each field of one of the {kinds} has its value from, by pointer.

    The revision that last set it up to the revision read, the run of the loader that published
    that, and the sources that the value rested on there. A record that was removed and came back
    was set anew.
    """
    found = blaming.of(question.db, reading, kind, id)
    meta = {**read_from(reading), "total": len(found)}
    return enveloped([_blamed(each) for each in found], question.links(), meta)


@operation(
    LIST + "/{id}/proof",
    name="get{Kind}Proof",
    tag=TAG,
    answers={JSON: answers.one(answers.ProofSchema, answers.ReadingSchema)},
    pinnable=True,
)
def proof(question: Question, reading: Reading, kind: str, id: str) -> Answer:
    """The proof that one of the {kinds} is in the revision: the files of sums that lead to it.

    Whoever kept the digest of the revision needs nothing else of it. The body of the record may
    have been erased since: its digest still stands there.
    """
    found = proofs.of(question.db, reading, kind, id)
    sums = [{"path": path, "text": text} for path, text in found.sums]
    data = {"path": found.path, "digest": found.digest, "sums": sums}
    return enveloped(data, question.links(), read_from(reading))


def _links(question: Question, reading: Reading, earlier: int | None) -> Links:
    """Return the links of a record: its versions are those of its own, not of the dataset.

    `earlier` is the last revision that had another, if there is one.
    """
    original = memento.original_of(question.address, reading)
    versions: dict[str, Address] = {
        "latest_version": original,
        "version_history": Address(f"{original.path}/history"),
    }
    if earlier:
        versions["predecessor_version"] = original.below(reading.dataset.name, earlier)
    return question.links(collection=question.home.parent, **versions)


def _selection(question: Question, reading: Reading, kind: str) -> Selection:
    query, more = question.query, []
    if "bbox" in query:
        more.append(selections.located(question.db, reading, kind, query["bbox"]))
    if "voice" in query:
        more.append(selections.voiced(question.db, reading, kind, query["voice"]))
    asked = asking.selection(kind, query)
    return replace(asked, filters=(*asked.filters, *more))


def _total(question: Question, reading: Reading, selection: Selection) -> dict[str, int]:
    """Return the size of the list: known of a whole kind, else counted where that is asked for."""
    if selection.filters and "total" not in question.query:
        return {}
    return {"total": selections.total(question.db, reading, selection)}


def _told(question: Question, reading: Reading, kind: str, bodies: list[str]) -> Told:
    query = question.query
    paths = query.get("include")
    included = paths and selections.included(question.db, reading, kind, bodies, paths)
    shown = [sparse(body, query["fields"]) for body in bodies] if "fields" in query else bodies
    return Told(shown, included)


def _blamed(blamed: Blamed) -> dict[str, Any]:
    return stated(
        {
            "path": blamed.path,
            "revision": blamed.revision,
            "issued": blamed.issued,
            "ingestion": blamed.ingestion,
            "reason": blamed.reason.code,
            "why": blamed.reason.why,
            "sources": blamed.sources or None,
        }
    )


def _step(step: Step) -> dict[str, Any]:
    return stated(
        {
            "revision": step.revision,
            "issued": step.issued,
            "change": step.change,
            "reason": step.reason.code,
            "why": step.reason.why,
            "digest": step.digest,
            "fields": [each.told() for each in step.fields] or None,
            "redacted": step.redacted or None,
        }
    )
