"""The kind `actors`: who acts, speaks, publishes or suffers."""

from schemas.attribution import ONE_SOURCE, POINTS_TO_ITS_MEMBERS, evidence, suspected
from schemas.base import StrictSchema
from schemas.fields import Code, Record, SetOf
from schemas.lookup import ReferenceSchema
from schemas.rules import Condition, Where
from schemas.shared import RecordSchema
from schemas.texts import Ref, Short, Text
from schemas.vocabularies import ACTOR_TYPES, ANONYMITIES, NAME_BASES


class NameSchema(StrictSchema):
    """A name as one source prints it."""

    printed = Short("The name as printed.", required=True, searchable="name")
    evidence = evidence()
    suspected = suspected()
    obeys = (ONE_SOURCE, POINTS_TO_ITS_MEMBERS)


class RoleSchema(StrictSchema):
    """An office or function as one source prints it."""

    role = Short("The role as printed.", required=True, searchable="printed")
    body = Ref("actors", "The body in which it is held.", filterable=True)
    evidence = evidence()
    obeys = (ONE_SOURCE,)


class MembershipSchema(StrictSchema):
    """That an actor belongs to another, and who says so."""

    actor = Ref(
        "actors", "The body to which it belongs.", required=True, filterable=True, acyclic=True
    )
    source = Ref("sources", "The source that says so.", required=True, filterable=True)


class SpokesmanshipSchema(StrictSchema):
    """That an actor speaks for another, and who says so."""

    actor = Ref("actors", "For whom it speaks.", required=True, filterable=True, acyclic=True)
    source = Ref("sources", "The source that says so.", required=True)


class WithholdingSchema(StrictSchema):
    """Who keeps a name back, and why."""

    actor = Ref("actors", "Who keeps it back.", required=True, filterable=True)
    why = Text("The reason that is given.")


class ActorSchema(RecordSchema):
    """A person, body or group that acts or speaks, under every name that sources print."""

    actor_type = Code(
        ACTOR_TYPES, "What sort of actor it is.", required=True, filterable=True, sortable=True
    )
    name = Short(
        "The name by which this dataset calls it.",
        required=True,
        searchable="name",
        filterable=True,
        sortable=True,
    )
    name_basis = Code(NAME_BASES, "Why this name was chosen.", required=True)
    names = SetOf(Record(NameSchema), "Its names as printed.")
    roles = SetOf(Record(RoleSchema), "Its roles as printed.")
    member_of = SetOf(Record(MembershipSchema), "The bodies to which it belongs.")
    speaks_for = Record(SpokesmanshipSchema, "The actor whose voice it is.")
    anonymity = Code(ANONYMITIES, "How far sources name it.", required=True, filterable=True)
    withheld_by = Record(WithholdingSchema, "Who keeps its name back.")
    reference = Record(ReferenceSchema, "What an editor looked up; not a claim of a source.")
    obeys = (Where(Condition("anonymity", ("named",)), refuses=("withheld_by",)),)
