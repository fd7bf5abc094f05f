"""Records of all kinds by their words."""

from typing import Any

from marshmallow import ValidationError, fields

from schemas import KINDS
from schemas.fields import Code
from schemas.folding import MOST_WORDS, wanted
from service.model import Reading
from service.reading import search as searching
from service.reading.search import Hit, Match
from service.store.searching import Words
from service.web import address, answers, cursors, memento, patterns
from service.web.api.revisions import read_from
from service.web.arguments import PageQuery
from service.web.listed import HitSchema
from service.web.operation import operation
from service.web.question import Question
from service.web.representation import JSON, Answer, enveloped, stated

RANK = "[1-4]"

TITLES = ("name", "title", "printed")
"""The member that a hit is shown by: the first that it has."""


class WordsField(fields.Field[Words]):
    """Words to look for, in any characters."""

    default_error_messages = {"required": "is missing; give one word or several"}  # noqa: RUF012

    def _deserialize(self, value: str, attr: Any, data: Any, **kwargs: Any) -> Words:
        try:
            return wanted(value)
        except ValueError as error:
            raise ValidationError(str(error)) from None


class SearchQuery(PageQuery):
    """The query of a search."""

    q = WordsField(
        required=True,
        metadata={
            **patterns.WORDS,
            "description": f"The words to look for, up to {MOST_WORDS}: a record has to have all of"
            " them. Letter case, diacritics and script do not count, nor how a name is romanised."
            " Any character may stand here; what is no letter or digit parts words.",
            "examples": ["Токаев"],
        },
    )
    kind = Code(tuple(KINDS), "Only records of this kind.")


@operation(
    address.DATASETS + "/{dataset}/search",
    name="search",
    tag="Records",
    query=SearchQuery(),
    answers={JSON: answers.many(HitSchema, answers.ReadingSchema)},
    pinnable=True,
)
def page(question: Question, reading: Reading) -> Answer:
    """The records of all kinds that have all the words, with the words where they stand.

    First come those whose name or title they are, then those that have them in names and titles,
    then in words as printed, then in prose (summaries, notes, reasons of doubts); within these by
    kind and id. What was redacted is never
    found, in no revision.
    """
    query = question.query
    kinds = [query["kind"]] if "kind" in query else list(KINDS)
    after = question.after(RANK, cursors.KIND, cursors.ID)
    found = searching.page(question.db, reading, query["q"], kinds, after, question.limit)
    walk = question.walk(reading, found.found[-1].key if found.more else None)
    links = question.links(**walk, **memento.versions(question.address, reading))
    data = [_told(question, reading, hit) for hit in found.found]
    return enveloped(data, links, read_from(reading))


def _told(question: Question, reading: Reading, hit: Hit) -> dict[str, Any]:
    here = address.revision(reading.dataset.name, reading.revision.number)
    place = address.Address(f"{here}/{hit.kind}/{hit.id}")
    title = next((hit.record[name] for name in TITLES if name in hit.record), None)
    told = {
        "kind": hit.kind,
        "id": hit.id,
        "rank": hit.rank,
        "title": title,
        "matches": list(map(_match, hit.matches)),
        "links": {"self": question.url(place)},
    }
    return stated(told)


def _match(match: Match) -> dict[str, Any]:
    parts = [{"text": text, **({"match": True} if hit else {})} for text, hit in match.parts]
    return {"field": match.field, "path": match.path, "start": match.start, "parts": parts}
