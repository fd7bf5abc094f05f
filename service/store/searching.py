"""Records by their words: what the search index holds, and how it is asked on both engines.

`texts` has a row for each version with a text that is searched: its words as `schemas.folding`
writes them, each behind a letter for the kind and one for the field. So one look finds a word in
some fields of a kind, and nothing in another kind costs anything. SQLite keeps them in FTS5,
PostgreSQL in a GIN index; neither cuts words, weighs hits or sees what a reader wrote. The order
of hits is ours, the same on both.
"""

from typing import NamedTuple

from schemas.folding import wholes
from service.lines.derivation import WHOLE, marked
from service.model import Reading
from service.store.clauses import Clause
from service.store.database import Database
from service.store.records import Body
from service.store.tables import DESCRIBED, TABLES

Words = tuple[tuple[str, ...], ...]
"""Words that are looked for, each by its forms, of which one is enough."""


class _Spelling(NamedTuple):
    word: str
    either: str
    both: str
    without: str


_SPELLINGS = {
    "sqlite": _Spelling('"{}"', " OR ", " AND ", "({}) NOT ({})"),
    "postgresql": _Spelling("'{}'", " | ", " & ", "({}) & !({})"),
}


class Within(NamedTuple):
    """That each word stands in one of some fields; if `whole`, that they are all of a name too."""

    fields: frozenset[str]
    whole: bool = False


class Wanted(NamedTuple):
    """Versions of a kind that have words in one way, and not in another."""

    kind: str
    words: Words
    having: Within
    lacking: Within | None = None


def having(engine: str, at: Reading, wanted: Wanted) -> Clause:
    """Return what follows FROM: the rows `t` of versions in the revision that are wanted."""
    number = at.revision.number
    held = "t.dataset = ? AND t.kind = ? AND t.since <= ? AND t.until > ?"
    values = (_expression(engine, wanted), at.dataset.key, wanted.kind, number, number)
    if engine == "sqlite":
        # The order of a cross join is kept: without statistics SQLite would walk all versions.
        source = "texts_index f CROSS JOIN texts t ON t.id = f.rowid WHERE f.texts_index MATCH ?"
    else:
        source = "texts t WHERE t.words @@ CAST(? AS tsquery)"
    return Clause(f"{source} AND {held}", values)


def saying(engine: str, wanted: Wanted) -> Clause:
    """Return the condition on a row `t` to have the words, which asks no index."""
    if engine == "postgresql":
        return Clause("t.words @@ CAST(? AS tsquery)", (_expression(engine, wanted),))
    needed = _needed(wanted, wanted.having)
    each = [" OR ".join("instr(' ' || t.words || ' ', ?)" for _ in words) for words in needed]
    return Clause(
        " AND ".join(f"({one})" for one in each),
        tuple(f" {word} " for words in needed for word in words),
    )


def page(db: Database, at: Reading, wanted: Wanted, after: str, limit: int) -> list[Body]:
    """Return up to `limit` (id, body) of what is wanted that follow an id, by id."""
    source = having(db.engine, at, wanted)
    # Sorted and cut before a body is read.
    return db.rows(
        f"SELECT r.id, r.body FROM (SELECT t.dataset, t.record, t.since FROM {source.sql}"
        " AND t.record > ? ORDER BY t.record LIMIT ?) found"
        f" JOIN {TABLES[wanted.kind]} r ON r.dataset = found.dataset AND r.id = found.record"
        " AND r.since = found.since ORDER BY r.id",
        (*source.values, after, limit),
    )


def _expression(engine: str, wanted: Wanted) -> str:
    """Return the question in the language of the engine's index, made of folded words alone."""
    spelled = _SPELLINGS[engine]
    having = _within(spelled, wanted, wanted.having)
    if wanted.lacking is None:
        return having
    return spelled.without.format(having, _within(spelled, wanted, wanted.lacking))


def _within(spelled: _Spelling, wanted: Wanted, within: Within) -> str:
    needed = _needed(wanted, within)
    either = [spelled.either.join(map(spelled.word.format, each)) for each in needed]
    return spelled.both.join(f"({each})" for each in either)


def _needed(wanted: Wanted, within: Within) -> list[list[str]]:
    """Return the words of the index that are needed, one of each list."""
    of_field = marked(DESCRIBED[wanted.kind])
    marks = sorted(of_field[field].mark for field in within.fields)
    needed = [[mark + form for mark in marks for form in forms] for forms in wanted.words]
    if within.whole:
        needed.append([wanted.kind[0] + WHOLE + form for form in sorted(wholes(wanted.words))])
    return needed
