"""Records by their words, best first, and the words where they stand."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from schemas import KINDS
from schemas.fields import RANKS
from schemas.folding import words
from schemas.kind import Passage
from service.lines.derivation import NAMES
from service.model import Reading
from service.store import Database, searching
from service.store.searching import Wanted, Within, Words

WHOLE = 1
"""Rank of a hit whose name or title is what was looked for."""

MOST_MATCHES = 10
"""Texts that are told of one hit, the most prominent first."""

LONGEST = 300
"""Code points of a text that is told whole; of a longer one a fragment of as many."""

BEFORE = 100
"""Code points of a fragment before the first word that was looked for."""


class Part(NamedTuple):
    """A piece of a text, and whether it is a word that was looked for."""

    text: str
    match: bool


class Match(NamedTuple):
    """A text with words that were looked for, in parts, from the code point `start` on."""

    field: str
    path: str
    start: int
    parts: list[Part]


class Hit(NamedTuple):
    """A record that has all the words. `rank` is of the least prominent place that one needs."""

    rank: int
    kind: str
    id: str
    record: dict[str, Any]
    matches: list[Match]

    @property
    def key(self) -> tuple[str, str, str]:
        """Its place in the order."""
        return str(self.rank), self.kind, self.id


class Hits(NamedTuple):
    """Hits in order, and whether more follow."""

    found: list[Hit]
    more: bool


def page(
    db: Database,
    at: Reading,
    asked: Words,
    kinds: Sequence[str],
    after: tuple[str, ...] | None,
    limit: int,
) -> Hits:
    """Return the hits of some kinds that follow a key, by rank, kind and id.

    A record has rank 1 if the words are all of a name or title, 2 if each stands in some name or
    title, 3 if words as printed have to be taken in, 4 if prose as well.
    """
    found: list[Hit] = []
    for rank, wanted in _wanted(asked, kinds):
        last = _last(rank, wanted.kind, after)
        if last is None:
            continue
        bodies = searching.page(db, at, wanted, last, limit + 1 - len(found))
        found += [_hit(rank, wanted, body) for _, body in bodies]
        if len(found) > limit:
            return Hits(found[:limit], True)
    return Hits(found, False)


def _wanted(asked: Words, kinds: Sequence[str]) -> Iterator[tuple[int, Wanted]]:
    """Yield what to look for in the order of hits: each rank leaves out what those before have."""
    for rank in (WHOLE, *RANKS.values()):
        for kind in sorted(kinds):
            within, before = _within(kind, rank), _within(kind, rank - 1)
            if within.fields and within != before:
                yield rank, Wanted(kind, asked, within, before if before.fields else None)


def _within(kind: str, rank: int) -> Within:
    """Return how a record of a rank, or of one before it, has the words."""
    reached = max(rank, NAMES) if rank else 0
    ranks = KINDS[kind].searchable
    fields = frozenset(field for field in ranks if ranks[field] <= reached)
    return Within(fields, whole=rank == WHOLE)


def _last(rank: int, kind: str, after: tuple[str, ...] | None) -> str | None:
    """Return the id after which a kind goes on at a rank, or None where it was told already."""
    if after is None or (str(rank), kind) > after[:2]:
        return ""
    return after[2] if (str(rank), kind) == after[:2] else None


def _hit(rank: int, wanted: Wanted, body: str) -> Hit:
    record = orjson.loads(body)
    matches = _matches(wanted, record)
    return Hit(rank, wanted.kind, record["id"], record, matches)


def _matches(wanted: Wanted, record: dict[str, Any]) -> list[Match]:
    """Return where the words stand, the most prominent texts first."""
    kind = KINDS[wanted.kind]
    forms = {form for word in wanted.words for form in word}
    passages = sorted(kind.texts(record), key=lambda passage: kind.searchable[passage.field])
    found = (_match(passage, forms) for passage in passages)
    return [match for match in found if match][:MOST_MATCHES]


def _match(passage: Passage, forms: set[str]) -> Match | None:
    """Return the words of a text that have one of the forms, or None where there is none."""
    spans = [
        (word.start, word.end) for word in words(passage.text) if not forms.isdisjoint(word.forms)
    ]
    if not spans:
        return None
    start, end = _window(passage.text, spans[0])
    parts, told = [], start
    for first, last in spans:
        if last > end:
            break
        parts += [Part(passage.text[told:first], False), Part(passage.text[first:last], True)]
        told = last
    parts.append(Part(passage.text[told:end], False))
    return Match(passage.field, passage.path, start, [part for part in parts if part.text])


def _window(text: str, first: tuple[int, int]) -> tuple[int, int]:
    """Return the part of a text that is told: it has the first span whole and cuts no other word
    at its start.
    """
    if len(text) <= LONGEST:
        return 0, len(text)
    start = max(0, first[0] - BEFORE)
    if start:
        space = text.find(" ", start, first[0])
        start = space + 1 if space >= 0 else first[0]
    return start, max(min(len(text), start + LONGEST), first[1])
