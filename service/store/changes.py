"""Net changes between two revisions, from the ends of intervals.

A version that holds at the older revision and ended by the newer one is the old side; one that
began after the older and holds at the newer is the new side. A record with equal digests on both
sides (changed and changed back) is no change. So the cost follows the changes, not the dataset.

First the ids are found, by the ends of intervals, then the versions of some of them by their key:
whoever reads on does not search again for what was found.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from service.diff import invert
from service.model import DATASET, KINDS, Change, ChangeCounts, ChangeWord, Dataset, Step
from service.store import narrowing
from service.store.database import Database
from service.store.narrowing import Condition
from service.store.records import reason
from service.store.redactions import erased
from service.store.tables import OPEN, TABLES

ORDER = (DATASET, *KINDS)
"""The order in which changes of one revision are told."""


@dataclass(frozen=True)
class Span:
    """From one revision of a dataset to another, in either direction."""

    dataset: Dataset
    old: int
    new: int


@dataclass(frozen=True)
class Only:
    """Which changes are asked for; None admits all.

    `path` is a JSON pointer at or below which a field differs; `source` is the id of a source that
    either side has evidence of, or that the record is; `erased` admits only what cannot be told.
    """

    kinds: tuple[str, ...] = ORDER
    change: ChangeWord | None = None
    id: str | None = None
    path: str | None = None
    source: str | None = None
    erased: bool = False


# One row for each id that either side has. A plus keeps an index out of the choice: each side is
# found by the end of an interval that lies in the span, and looks up the other by its key.
_SIDES = """
FROM (
    SELECT o.id AS id, o.since AS old_since, o.digest AS old_digest, o.body AS old,
        n.since AS new_since, n.digest AS new_digest, n.body AS new
    FROM {table} o LEFT JOIN {table} n
    ON n.dataset = o.dataset AND n.id = o.id AND n.since > ? AND n.since <= ? AND +n.until > ?
    WHERE o.dataset = ? AND +o.since <= ? AND o.until > ? AND o.until <= ? AND o.until < {open}
    AND {old_id}
    UNION ALL
    SELECT n.id, NULL, NULL, NULL, n.since, n.digest, n.body FROM {table} n
    WHERE n.dataset = ? AND n.since > ? AND n.since <= ? AND +n.until > ? AND {new_id}
    AND NOT EXISTS (
        SELECT 1 FROM {table} o
        WHERE o.dataset = n.dataset AND o.id = n.id AND o.since <= ? AND +o.until > ?
    )
) c
WHERE (c.old_digest IS NULL OR c.new_digest IS NULL OR c.old_digest <> c.new_digest)
"""

# Every version of some records from the older revision to the newer.
_VERSIONS = """
SELECT id, since, until, digest, body, reason, why, end_reason, end_why FROM {table}
WHERE dataset = ? AND id IN ({marks}) AND since <= ? AND +until > ? ORDER BY id, since
"""


def between(
    db: Database, span: Span, only: Only, after: tuple[str, str] | None, limit: int
) -> list[Change]:
    """Return up to `limit` changes that follow a (kind, id), by kind in `ORDER` and id."""
    changes: list[Change] = []
    for kind in ordered(only.kinds):
        start = _start(kind, after)
        if start is None or len(changes) >= limit:
            continue
        found = words(db, span, only, kind, start, limit - len(changes))
        changes += told(db, span, kind, list(found))
    return changes


def counts(db: Database, span: Span, only: Only) -> ChangeCounts:
    """Return how many changes there are by kind and change word; kinds without any are left out."""
    told: dict[str, dict[ChangeWord, int]] = {}
    for kind in ordered(only.kinds):
        sql, parameters = _sides(db, span, kind, only)
        rows = db.rows(f"SELECT {_WORD} AS word, count(*) {sql} GROUP BY 1", parameters)
        words = {_inverse(word) if _backward(span) else word: n for word, n in rows}
        if words:
            told[kind] = dict(sorted(words.items()))
    return told


def words(
    db: Database, span: Span, only: Only, kind: str, start: str, limit: int
) -> dict[str, ChangeWord]:
    """Return up to `limit` ids of a kind that changed and follow `start`, in order, and how."""
    sql, parameters = _sides(db, span, kind, only, start)
    rows = db.rows(f"SELECT c.id, {_WORD} {sql} ORDER BY 1 LIMIT ?", (*parameters, limit))
    return {name: _inverse(word) for name, word in rows} if _backward(span) else dict(rows)


def told(db: Database, span: Span, kind: str, changed: Sequence[str]) -> Iterator[Change]:
    """Yield the changes of records that `words` found, in order of id."""
    if not changed:
        return
    low, high = sorted((span.old, span.new))
    sql = _VERSIONS.format(table=TABLES[kind], marks=", ".join("?" * len(changed)))
    rows = map(_Version._make, db.rows(sql, (span.dataset.key, *changed, high, low)))
    for record_id, versions in groupby(rows, key=itemgetter(0)):
        change = _change(kind, record_id, list(versions), low, high)
        yield invert(change) if _backward(span) else change


class _Version(NamedTuple):
    id: str
    since: int
    until: int
    digest: bytes
    body: str
    reason: str | None
    why: str | None
    end_reason: str | None
    end_why: str | None


def _change(kind: str, record_id: str, versions: list[_Version], low: int, high: int) -> Change:
    first, last = versions[0], versions[-1]
    old, old_digest = _side(first) if first.since <= low else (None, None)
    new, new_digest = _side(last) if last.until > high else (None, None)
    is_one_step = len(versions) == (old is not None) + (new is not None) and (
        first is last or first.until == last.since
    )
    return Change(
        kind,
        record_id,
        old,
        new,
        reason(last.end_reason, last.end_why) if new is None else reason(last.reason, last.why),
        _erased(old, old_digest) or _erased(new, new_digest),
        old_digest,
        new_digest,
        () if is_one_step else tuple(_steps(versions, low, high)),
    )


def _steps(versions: Iterable[_Version], low: int, high: int) -> Iterator[Step]:
    """Yield what each revision after `low` and up to `high` made of one record."""
    ended = None
    for version in versions:
        if ended and ended.until < version.since:
            yield Step(ended.until, "removed", reason(ended.end_reason, ended.end_why))
        if version.since > low:
            is_next = ended is not None and ended.until == version.since
            word: ChangeWord = "modified" if is_next else "added"
            yield Step(version.since, word, reason(version.reason, version.why))
        ended = version
    if ended and ended.until <= high:
        yield Step(ended.until, "removed", reason(ended.end_reason, ended.end_why))


def _side(version: _Version) -> tuple[str, str]:
    return version.body, bytes(version.digest).hex()


def _erased(body: str | None, hexdigest: str | None) -> bool:
    return body is not None and hexdigest is not None and erased(body, hexdigest)


_WORD = (
    "CASE WHEN c.old_digest IS NULL THEN 'added' WHEN c.new_digest IS NULL THEN 'removed'"
    " ELSE 'modified' END"
)
_WORDS: dict[ChangeWord, str] = {
    "added": " AND c.old_digest IS NULL",
    "removed": " AND c.new_digest IS NULL",
    "modified": " AND c.old_digest IS NOT NULL AND c.new_digest IS NOT NULL",
}


def _sides(
    db: Database, span: Span, kind: str, only: Only, start: str = ""
) -> tuple[str, tuple[Any, ...]]:
    """Return the rows that the filters admit, of ids after `start`, and their parameters."""
    low, high = sorted((span.old, span.new))
    key = span.dataset.key
    of_old, of_new = "o.id > ?", "n.id > ?"
    named = [start]
    if only.id is not None:
        of_old, of_new = f"{of_old} AND o.id = ?", f"{of_new} AND n.id = ?"
        named.append(only.id)
    parts = [_SIDES.format(table=TABLES[kind], open=OPEN, old_id=of_old, new_id=of_new)]
    parameters: list[Any] = [low, high, high, key, low, low, high, *named]
    parameters += [key, low, high, high, *named, low, low]
    if only.change:
        parts.append(_WORDS[_inverse(only.change) if _backward(span) else only.change])
    for condition, values in _conditions(db, only, kind, key, (low, high)):
        parts.append(f" AND {condition}")
        parameters += values
    return "".join(parts), tuple(parameters)


def _conditions(
    db: Database, only: Only, kind: str, key: int, ends: tuple[int, int]
) -> Iterator[Condition]:
    if only.path is not None:
        yield narrowing.at_path(db.engine, only.path)
    if only.source is not None:
        yield narrowing.of_source(kind, key, *ends, only.source)
    if only.erased:
        yield narrowing.erased(kind, key)


def ordered(kinds: Collection[str]) -> Iterator[str]:
    """Yield kinds in `ORDER`."""
    return (kind for kind in ORDER if kind in kinds)


def _backward(span: Span) -> bool:
    return span.old > span.new


def _inverse(word: ChangeWord) -> ChangeWord:
    inverses: dict[ChangeWord, ChangeWord] = {"added": "removed", "removed": "added"}
    return inverses.get(word, word)


def _start(kind: str, after: tuple[str, str] | None) -> str | None:
    """Return the id after which a kind begins, or None where the kind lies before."""
    if after is None or ORDER.index(kind) > ORDER.index(after[0]):
        return ""
    return after[1] if kind == after[0] else None


class Position(NamedTuple):
    """A place in the feed of a dataset: the change that was told last."""

    revision: int
    kind: str
    id: str


def feed(
    db: Database, dataset: Dataset, after: Position | None, limit: int
) -> list[tuple[int, ChangeWord, str, str, str | None, str | None]]:
    """Return up to `limit` (revision, change, kind, id, digest, body) that follow a position."""
    told: list[tuple[int, ChangeWord, str, str, str | None, str | None]] = []
    first = after.revision if after else 1
    for number in range(first, dataset.head.number + 1):
        begun = (after.kind, after.id) if after and number == after.revision else None
        for kind in ORDER:
            start = _start(kind, begun)
            if start is not None and len(told) < limit:
                told += _fed(db, dataset, number, kind, start, limit - len(told))
        if len(told) >= limit:
            break
    return told


_FED = """
SELECT n.id, CASE WHEN EXISTS (
    SELECT 1 FROM {table} o WHERE o.dataset = n.dataset AND o.id = n.id AND o.until = n.since
) THEN 'modified' ELSE 'added' END, n.digest, n.body
FROM {table} n WHERE n.dataset = ? AND n.since = ? AND n.id > ?
UNION ALL
SELECT o.id, 'removed', NULL, NULL
FROM {table} o WHERE o.dataset = ? AND o.until = ? AND o.id > ? AND o.until < {open}
AND NOT EXISTS (
    SELECT 1 FROM {table} n WHERE n.dataset = o.dataset AND n.id = o.id AND n.since = o.until
)
ORDER BY 1 LIMIT ?
"""


def _fed(
    db: Database, dataset: Dataset, number: int, kind: str, start: str, limit: int
) -> Iterator[tuple[int, ChangeWord, str, str, str | None, str | None]]:
    place = (dataset.key, number, start)
    sql = _FED.format(table=TABLES[kind], open=OPEN)
    for record_id, word, hexdigest, body in db.rows(sql, (*place, *place, limit)):
        kept = bytes(hexdigest).hex() if hexdigest is not None else None
        yield number, word, kind, record_id, kept, body
