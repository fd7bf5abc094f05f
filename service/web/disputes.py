"""How disagreements are told: as members of JSON, as lines, as rows of a table."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from service import table
from service.canonical import canonical
from service.contested import Assessment, EventDispute
from service.model import Reading
from service.reading import disagreements
from service.reading.disagreements import Disagreement
from service.reading.turns import Between, Turned
from service.web import address
from service.web.answers_series import DISPUTES
from service.web.api.series import series_change, span
from service.web.question import Question
from service.web.representation import stated

FORM = 1
"""The version of the table."""


def lines_of(told: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield each as JSON."""
    yield from map(orjson.dumps, told)


def table_of(told: Iterable[Mapping[str, Any]], *, escaped: bool) -> Iterator[bytes]:
    """Return the table: a row for each, lists with spaces between their members."""
    return table.written(DISPUTES, map(_row, told), escaped=escaped)


def _row(of: Mapping[str, Any]) -> list[str]:
    since = of.get("since", {})
    flat = {
        **of.get("span", {}),
        **of,
        "since": since.get("revision"),
        "since_issued": since.get("issued"),
        "aspects": [each["aspect"] for each in of.get("conflicts", ())],
    }
    return [_cell(flat.get(name)) for name in DISPUTES]


def _cell(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return " ".join(value)
    if value is None or isinstance(value, str):
        return value or ""
    return canonical(value).decode()


def contested(question: Question, reading: Reading, found: Disagreement) -> dict[str, Any]:
    """Return what is said of a disagreement."""
    about = found.about
    special = _of_series(about) if isinstance(about, Assessment) else _of_event(about)
    common = {
        "title": found.title,
        "since": found.since._asdict(),
        "links": _links(question, reading, special["about"], special["id"]),
    }
    return stated(special | common)


def turned(question: Question, between: Between, found: Turned) -> dict[str, Any]:
    """Return what is said of what became contested, or was settled."""
    at, _ = between.ends(found.turn)
    what = found.what
    special: dict[str, Any] = {"about": found.about, "id": found.id, "sources": found.sources}
    if isinstance(what, EventDispute):
        special = {k: v for k, v in _of_event(what).items() if k != "accounts"}
    else:
        change = series_change(what)
        special |= {"old": change.get("old"), "new": change.get("new")}
    common = {
        "title": found.title,
        "turn": found.turn,
        "since": found.since._asdict() if found.since else None,
        "by": found.by or None,
        "reason": found.reason,
        "links": _links(question, at, found.about, found.id),
    }
    return stated(special | common)


def _links(question: Question, at: Reading, about: str, name: str) -> dict[str, str]:
    here = address.revision(at.dataset.name, at.revision.number)
    return {"self": question.url(address.Address(f"{here}/{about}/{name}"))}


def _of_series(about: Assessment) -> dict[str, Any]:
    verdict = about.verdict
    claims = [each.claim for each in about.judged if each.claim.figure in verdict.rests_on]
    return {
        "about": "series",
        "id": about.parts.key,
        "reason": verdict.reason,
        "figures": verdict.rests_on,
        "sources": sorted({claim.source for claim in claims}),
        "span": span(verdict.span),
        "voices": verdict.voices,
        "claims": len(about.judged),
    }


def settled(of: EventDispute) -> dict[str, Any]:
    """Return what is said of a dispute that a source alone keeps up."""
    return {name: _of_event(of)[name] for name in ("id", "reason", "conflicts")}


def _of_event(about: EventDispute) -> dict[str, Any]:
    sources = {s for each in about.conflicts for who in each.answers.values() for s in who}
    return {
        "about": "events",
        "id": about.event,
        "reason": " ".join(map(disagreements.conflict_in_words, about.conflicts)),
        "sources": sorted(sources),
        "accounts": about.accounts,
        "conflicts": [
            {
                "aspect": each.aspect,
                "answers": [{"answer": a, "sources": s} for a, s in each.answers.items()],
            }
            for each in about.conflicts
        ],
    }
