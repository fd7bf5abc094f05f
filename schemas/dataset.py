"""`dataset.json`: what a dataset is, and the places and groups that its records refer to."""

from collections.abc import Iterator, Mapping
from operator import itemgetter

from schemas import edtf
from schemas.base import StrictSchema
from schemas.fields import Code, Record, SetOf
from schemas.lookup import PlaceReferenceSchema
from schemas.numbers import Integer
from schemas.rules import Judged, Object, Rule, Violation
from schemas.standards import COUNTRIES
from schemas.texts import Edtf, Language, Licence, Ref, Short, Slug, Text
from schemas.vocabularies import MODEL_VERSION

_BY_ID = ("id", itemgetter("id"))


def _starts_before_it_ends(data: Object) -> Iterator[Violation]:
    if edtf.bounds(data["start"])[0] > edtf.bounds(data["end"])[1]:
        yield Violation(("end",), "the extent ends before it starts")


class ExtentSchema(StrictSchema):
    """The time and the countries that a dataset covers."""

    start = Edtf("Where it begins.", required=True)
    end = Edtf("Where it ends.", required=True)
    countries = SetOf(Code(COUNTRIES), "The countries, by ISO 3166-1 alpha-2.")
    obeys = (Judged(_starts_before_it_ends),)


class EditorialRuleSchema(StrictSchema):
    """A rule by which editors of the dataset decide."""

    id = Slug("The id of the rule.", required=True)
    text = Text("The rule.", required=True)


class DeclaredPlaceSchema(StrictSchema):
    """A place that records may refer to."""

    id = Slug("The id of the place.", required=True)
    name = Short("Its name in this dataset.", required=True)
    within = SetOf(Ref("places"), "The wider places in which it lies.")
    parts = SetOf(Ref("places"), "The places of which it is made.")
    reference = Record(PlaceReferenceSchema, "What an editor looked up; not a claim of a source.")


class GroupSchema(StrictSchema):
    """A group of persons or things that can be counted."""

    id = Slug("The id of the group.", required=True)
    name = Short("Its name in this dataset.", required=True)
    broader = Ref("groups", "The wider group to which it belongs.")


def _is_a_hierarchy(declared: str, member: str) -> Rule:
    """Return the rule that a member refers to declared ids and leads from none back to it."""

    def violations(data: Object) -> Iterator[Violation]:
        items = data.get(declared, [])
        graph = {item["id"]: _as_list(item.get(member, [])) for item in items}
        for index, item in enumerate(items):
            unknown = [name for name in graph[item["id"]] if name not in graph]
            if unknown:
                detail = f"not declared among {declared}: {', '.join(unknown)}"
                yield Violation((declared, index, member), detail)
            elif item["id"] in _reached(graph, item["id"]):
                detail = f"leads from {item['id']} back to it: a {member} may not go in a circle"
                yield Violation((declared, index, member), detail)

    return Judged(violations)


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _reached(graph: Mapping[str, list[str]], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(graph.get(name, ()))
    return reached


class DatasetSchema(StrictSchema):
    """What a dataset is about, by which rules it is edited, and what it can refer to."""

    title = Short("The title of the dataset.", required=True)
    description = Text("What it holds and for whom.")
    licence = Licence("The licence of the data, by its SPDX identifier.", required=True)
    extent = Record(ExtentSchema, "The time and the countries that it covers.")
    languages = SetOf(Language(), "The languages of its sources.")
    rules = SetOf(Record(EditorialRuleSchema), "The rules by which editors decide.", by=_BY_ID)
    schema = Integer(
        MODEL_VERSION, "The version of the record model.", most=MODEL_VERSION, required=True
    )
    places = SetOf(Record(DeclaredPlaceSchema), "The places records may refer to.", by=_BY_ID)
    groups = SetOf(Record(GroupSchema), "The groups that can be counted.", by=_BY_ID)
    obeys = (
        _is_a_hierarchy("places", "within"),
        _is_a_hierarchy("places", "parts"),
        _is_a_hierarchy("groups", "broader"),
    )
