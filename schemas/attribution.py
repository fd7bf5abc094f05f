"""Who says it, where it is printed, and whether the print can be trusted."""

from collections.abc import Iterable, Iterator
from typing import Any

from schemas.base import StrictSchema
from schemas.fields import Chain, Code, Record, SetOf
from schemas.numbers import Integer
from schemas.rules import Judged, Object, Rule, Violation
from schemas.shared import ParticularSchema
from schemas.texts import Edtf, Pointer, Ref, Sha256, Short, Text
from schemas.vocabularies import ERRORS, LONGEST_EVIDENCE, MANNERS, PARTS, SUPPORTED, USES


class AttributionSchema(StrictSchema):
    """One link of the chain of voices between a claim's origin and its source."""

    actor = Ref("actors", "Who speaks; absent where nobody is named.", filterable=True)
    manner = Code(MANNERS, "How the voice gives it.", required=True, filterable=True)
    date = Edtf("When it was said.")


def attribution() -> Chain:
    """Return the field that lists the voices from the origin to the last before the source."""
    return Chain(
        Record(AttributionSchema),
        "The voices from the origin to the last before the source; empty where it is the source's.",
        required=True,
    )


def _selects_a_short_run(data: Object) -> Iterator[Violation]:
    length = data["end"] - data["start"]
    if length <= 0:
        yield Violation(("end",), "the end is exclusive and must lie after the start")
    elif length > LONGEST_EVIDENCE:
        yield Violation(("end",), f"{length} characters are too many: select {LONGEST_EVIDENCE}")


class EvidenceSchema(StrictSchema):
    """A run of characters of a source that carries a claim (W3C TextPositionSelector)."""

    source = Ref("sources", "The source that prints it.", required=True, filterable=True)
    part = Code(PARTS, "The part of the text in which it stands.", required=True)
    start = Integer(0, "The first selected code point, counted from 0.", required=True)
    end = Integer(1, "The code point after the last selected one.", required=True)
    sha256 = Sha256("The sha256 of the selected text in UTF-8.", required=True)
    supports = SetOf(Code(SUPPORTED), "What of the claim this run carries.")
    obeys = (Judged(_selects_a_short_run),)


def evidence() -> SetOf:
    """Return the field that lists the runs that carry a claim."""
    return SetOf(Record(EvidenceSchema), "Where the source prints it.", required=True)


def source_of(claim: Object) -> str:
    """Return the source of a claim: that of its evidence."""
    return str(claim["evidence"][0]["source"])


def _claims(record: Object) -> Iterable[Object]:
    """Return what is asserted: a figure itself, of an event each account."""
    accounts: Iterable[Object] = record.get("accounts", (record,))
    return accounts


def _asserters(record: Object) -> Iterator[str]:
    chains = (claim.get("attribution") for claim in _claims(record))
    yield from (chain[0]["actor"] for chain in chains if chain and "actor" in chain[0])


def _own_voices(record: Object) -> Iterator[str]:
    yield from (source_of(claim) for claim in _claims(record) if claim.get("attribution") == [])


def _relays(record: Object) -> Iterator[str]:
    links = (link for claim in _claims(record) for link in claim.get("attribution", ())[1:])
    yield from (link["actor"] for link in links if "actor" in link)


ASSERTER, OWN_VOICE, THROUGH = "asserter", "own_voice", "through"
POSITIONS = {ASSERTER: _asserters, OWN_VOICE: _own_voices, THROUGH: _relays}
"""Who stands where in chains: first; nobody, so that the source speaks; or further on."""


def _names_one_source(data: Object) -> Iterator[Violation]:
    for index, item in enumerate(data["evidence"]):
        if item["source"] != source_of(data):
            yield Violation(
                ("evidence", index, "source"),
                f"all evidence here is of one source, and the first is of {source_of(data)}",
            )


ONE_SOURCE: Rule = Judged(_names_one_source)


class SuspicionSchema(StrictSchema):
    """A doubt that a printed value is what its author meant; the printed value stays."""

    field = Pointer("The doubted member, as a pointer from the object here.", required=True)
    printed = Short("The doubted words as printed.", required=True)
    reading = Short("What may have been meant, where that can be named.")
    error = Code(ERRORS, "The kind of error.", required=True, filterable=True)
    against = Record(ParticularSchema, "The record with which it clashes.")
    use = Code(USES, "Whether the value still takes part.", required=True, filterable=True)
    why = Text("Why it is doubted.", required=True, searchable="prose")


def suspected() -> SetOf:
    """Return the field that lists doubts; its object obeys `POINTS_TO_ITS_MEMBERS`."""
    return SetOf(Record(SuspicionSchema), "What is doubted, and why.")


def _points_to_members(data: Object) -> Iterator[Violation]:
    for index, suspicion in enumerate(data.get("suspected", ())):
        fault = _pointer_fault(data, suspicion["field"])
        if fault:
            yield Violation(("suspected", index, "field"), fault)


def _pointer_fault(value: Any, text: str) -> str | None:
    name = ""
    for step in text[1:].split("/"):
        if isinstance(value, list):
            if name != "attribution":
                return f"{name} has no order: let the pointer end there"
            value = {str(index): member for index, member in enumerate(value)}
        if not isinstance(value, dict) or step not in value:
            return f"{text} points to nothing that is stated here"
        value, name = value[step], step
    return None


POINTS_TO_ITS_MEMBERS: Rule = Judged(_points_to_members)
