"""The kind `events`: what happened, by the account of each source."""

from collections.abc import Iterator
from typing import ClassVar

from schemas import edtf
from schemas.attribution import (
    ONE_SOURCE,
    POINTS_TO_ITS_MEMBERS,
    POSITIONS,
    attribution,
    evidence,
    source_of,
    suspected,
)
from schemas.base import StrictSchema
from schemas.canonical import canonical
from schemas.fields import Code, Record, SetOf
from schemas.rules import (
    Condition,
    ExactlyOne,
    Judged,
    Narrowed,
    Object,
    Violation,
    Where,
    unrelated_to_itself,
)
from schemas.shared import PlaceSchema, RecordSchema, WhenSchema
from schemas.standards import ACLED
from schemas.texts import Edtf, Ref, Short, Text
from schemas.vocabularies import (
    ACCOUNT_STATUSES,
    ACTS,
    CERTAINTIES,
    EVENT_RELATIONS,
    EVENT_TYPES,
    OWN_EVENT_TYPES,
    PARTICIPANT_ROLES,
    RELATION_BASES,
    SUB_EVENT_TYPES,
)


class ParticipantSchema(StrictSchema):
    """Who took part in an event, and how."""

    actor = Ref("actors", "Who.", required=True, filterable=True)
    role = Code(PARTICIPANT_ROLES, "In what role.", required=True, filterable=True)


class StatementSchema(StrictSchema):
    """What an utterance does."""

    act = Code(ACTS, "The act of speech.", required=True, filterable=True)


class EventRelationSchema(StrictSchema):
    """How an event stands to another event or to a figure."""

    type = Code(EVENT_RELATIONS, "The relation.", required=True, filterable=True)
    event = Ref(
        "events", "The other event.", filterable=True, typed=True, acyclic=("part_of", "follows")
    )
    figure = Ref("figures", "The figure.", filterable=True, typed=True)
    basis = Code(RELATION_BASES, "Whether a source or an editor relates them.", required=True)
    certainty = Code(CERTAINTIES, "Whether the relation is beyond doubt.")
    why = Text("Why they are related.")
    obeys = (ExactlyOne("event", "figure"),)


class EventAccountSchema(StrictSchema):
    """What one source says of an event, and only that."""

    date = Record(WhenSchema, "When it happened, by this source.")
    place = Record(PlaceSchema, "Where it happened, by this source.")
    participants = SetOf(Record(ParticipantSchema), "Who took part, by this source.")
    sub_event_type = Code(SUB_EVENT_TYPES, "What happened, by this source, in ACLED's words.")
    status = Code(
        ACCOUNT_STATUSES, "How far it had come, by this source.", required=True, filterable=True
    )
    printed = Short("The words of the source that matter.", searchable="printed")
    attribution = attribution()
    evidence = evidence()
    suspected = suspected()
    obeys = (ONE_SOURCE, POINTS_TO_ITS_MEMBERS)


def _covers_the_dates(data: Object) -> Iterator[Violation]:
    dates = [account["date"]["date"] for account in data["accounts"] if "date" in account]
    if dates and "date" not in data:
        yield Violation(("date",), "required where an account has a date: it covers them all")
    if not dates or "date" not in data:
        return
    earliest, latest = edtf.remembered(data["date"])
    for index, account in enumerate(data["accounts"]):
        start, end = (
            edtf.remembered(account["date"]["date"]) if "date" in account else (earliest, latest)
        )
        if start < earliest or end > latest:
            yield Violation(
                ("accounts", index, "date", "date"),
                f"{start} to {end} lies outside the event's own date, {earliest} to {latest}",
            )


def _unites_the_participants(data: Object) -> Iterator[Violation]:
    own = {canonical(member): member for member in data.get("participants", ())}
    told = {
        canonical(member): member
        for account in data["accounts"]
        for member in account.get("participants", ())
    }
    if told and own.keys() != told.keys():
        lacking = ", ".join(told[key]["actor"] for key in sorted(told.keys() - own.keys()))
        beyond = ", ".join(own[key]["actor"] for key in sorted(own.keys() - told.keys()))
        yield Violation(
            ("participants",),
            "participants are those of the accounts, in the same roles; "
            f"missing: {lacking or 'none'}; in no account: {beyond or 'none'}",
        )


class EventSchema(RecordSchema):
    """Something that happened or was said to happen, under an envelope that never chooses."""

    title = Short("A title of our own.", required=True, searchable="name", sortable=True)
    summary = Text("A summary of our own.", searchable="prose")
    event_type = Code(
        EVENT_TYPES,
        "The type: ACLED's label where it has one, else a code of our own.",
        required=True,
        filterable=True,
        sortable=True,
    )
    sub_event_type = Code(
        SUB_EVENT_TYPES, "The sub-event type, in ACLED's words.", filterable=True, sortable=True
    )
    date = Edtf("A date that covers every account.", filterable=True, sortable=True)
    place = Record(PlaceSchema, "A place that covers every account.")
    participants = SetOf(Record(ParticipantSchema), "Everybody who takes part in some account.")
    statement = Record(StatementSchema, "What is done by saying it, where it is an utterance.")
    accounts = SetOf(
        Record(EventAccountSchema),
        "What each source says of it, one account a source.",
        by=("source", source_of),
        required=True,
    )
    relations = SetOf(Record(EventRelationSchema), "How it stands to other events and figures.")
    listed: ClassVar = POSITIONS
    obeys = (
        Where(Condition("event_type", OWN_EVENT_TYPES), refuses=("sub_event_type",)),
        *(
            Narrowed(
                Condition("event_type", (event_type,)),
                ("sub_event_type",),
                {"enum": list(subs)},
                subs.__contains__,
                f"{event_type} has: {', '.join(subs)}",
            )
            for event_type, subs in ACLED.items()
        ),
        Judged(_covers_the_dates),
        Judged(_unites_the_participants),
        unrelated_to_itself("event"),
    )
