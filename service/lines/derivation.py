"""What the schemas make of a record beside its body: columns, links, terms and words."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from string import ascii_lowercase
from typing import Any, NamedTuple

from schemas.fields import RANKS
from schemas.folding import Marked, distinct, wholes
from schemas.kind import Kind
from service.model import DATASET

REPLACED = "replaced"
"""Target kind of the links of `replaces`: ids that the revision must lack."""

NAMES = min(RANKS.values())
"""Rank of the fields whose texts may be a whole name."""

WHOLE = "0"
"""Stands in the place of a field's letter before a whole name."""


class Derived(NamedTuple):
    """What one body gives: a value for each filter column, links, terms, and what is searched."""

    values: tuple[Any, ...]
    links: list[tuple[str, str, str]]
    terms: list[tuple[str, str]]
    words: str


def derive(described: Kind, record: Mapping[str, Any]) -> Derived:
    """Return what a record gives: values, (field, target kind, target), (field, value) and
    words.
    """
    # dataset.json refers to its own places and groups only, which its schema judges.
    stated = described.stated(record)
    links = [] if described.name == DATASET else [*stated.references]
    links += [("replaces", REPLACED, replaced) for replaced in record.get("replaces", ())]
    words = indexed(described, stated.texts)
    return Derived(tuple(stated.values.values()), sorted(links), sorted(stated.terms), words)


def indexed(described: Kind, texts: Iterable[tuple[str, str]]) -> str:
    """Return what the index holds of a record with some (field, text): its words with their kinds
    and fields, by name.
    """
    marks, whole = marked(described), described.name[0] + WHOLE
    found: set[str] = set()
    for field, text in texts:
        if field in marks:
            found.update(*marks[field].of(text))
            if described.searchable[field] == NAMES:
                found.update([whole + form for form in wholes(distinct(text))])
    return " ".join(sorted(found))


@lru_cache
def marked(described: Kind) -> dict[str, Marked]:
    """Return for each field of a kind what marks the words of its texts."""
    return {
        field: Marked(described.name[0] + letter)
        for field, letter in zip(described.searchable, ascii_lowercase, strict=False)
    }
