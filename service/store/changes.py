"""Net changes between two revisions, from the ends of intervals.

A version that holds at the older revision and ended by the newer one is the old side; one that
began after the older and holds at the newer is the new side. A record with equal digests on both
sides (changed and changed back) is no change. So the cost follows the changes, not the dataset.

First the ids are found, by the ends of intervals, then the versions of some of them by their key:
whoever reads on does not search again for what was found.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from service.diff import expanded, invert
from service.model import DATASET, KINDS, Change, ChangeCounts, ChangeWord, Dataset, Step
from service.store import narrowing
from service.store.database import Database
from service.store.narrowing import Condition, Sides
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


Found = tuple[str, int, int]
"""The id of a record that changed, and the first and the last event of it: twice the revision, and
one more where a version began. A row as it comes: a span may have hundreds of thousands.
"""


# A group for each id of which an interval begins or ends in the span. Of what happens at once the
# end comes before the beginning: so an even first event tells that the older revision has the
# record, an odd last one that the newer has it. All that is from indexes; no row is read for it.
_EVENTS = """
FROM (
    SELECT id, 2 * since + 1 AS at FROM {table}
    WHERE dataset = ? AND since > ? AND since <= ? AND {named}
    UNION ALL
    SELECT id, 2 * until FROM {table}
    WHERE dataset = ? AND {until} > ? AND {until} <= ? AND {until} < {open} AND {named}
) c GROUP BY id HAVING
"""
_WORD = (
    "CASE WHEN min(at) & 1 = 1 THEN 'added' WHEN max(at) & 1 = 0 THEN 'removed' ELSE 'modified' END"
)

# What changed in several steps may be as it was; each single step makes a difference.
_DIFFERS = (
    "CASE WHEN min(at) & 1 = 0 AND max(at) & 1 = 1 AND min(at) / 2 <> max(at) / 2"
    " THEN {differs} ELSE min(at) & 1 = 0 OR max(at) & 1 = 1 END"
)

# Every version of some records from the older revision to the newer.
_VERSIONS = """
SELECT id, since, until, digest, body, reason, why, end_reason, end_why FROM {table}
WHERE dataset = ? AND {among} AND since <= ? AND +until > ? ORDER BY id, since
"""

# Those that began in between alone.
_BEGUN = """
SELECT id, digest, body, fields, reason, why FROM {table}
WHERE dataset = ? AND {among} AND since > ? AND since <= ?
"""

Teller = Callable[[Database, Span, str, Sequence[Found]], Iterator[Change]]
"""What yields the changes of records of a kind that were found."""


def between(
    db: Database,
    span: Span,
    only: Only,
    after: tuple[str, str] | None,
    limit: int,
    tell: Teller | None = None,
) -> list[Change]:
    """Return up to `limit` changes that follow a (kind, id), by kind in `ORDER` and id.

    They come with their bodies, unless another than `whole` is to tell them.
    """
    changes: list[Change] = []
    for kind in ordered(only.kinds):
        start = _start(kind, after)
        if start is None or len(changes) >= limit:
            continue
        of_kind = found(db, span, only, kind, start, limit - len(changes))
        changes += (tell or whole)(db, span, kind, of_kind)
    return changes


def counts(db: Database, span: Span, only: Only) -> ChangeCounts:
    """Return how many changes there are by kind and change word; kinds without any are left out."""
    told: dict[str, Mapping[ChangeWord, int]] = {}
    for kind in ordered(only.kinds):
        sql, parameters = _sides(db, span, kind, only)
        words = f"SELECT {_WORD} AS word {sql}"
        rows = db.rows(f"SELECT word, count(*) FROM ({words}) w GROUP BY 1", parameters)
        if rows:
            told[kind] = _worded(span, dict(rows))
    return told


def summed(span: Span, changed: Sequence[Found]) -> Mapping[ChangeWord, int]:
    """Return how many changes of each word were found; words without any are left out."""
    added = sum([first & 1 for _, first, _ in changed])
    begun = sum([last & 1 for _, _, last in changed])
    numbers: dict[ChangeWord, int] = {
        "added": added,
        "modified": begun - added,
        "removed": len(changed) - begun,
    }
    return _worded(span, {word: number for word, number in numbers.items() if number})


def _worded(span: Span, numbers: Mapping[ChangeWord, int]) -> Mapping[ChangeWord, int]:
    """Return numbers of what went forward by the words of the direction, in order."""
    told = {_inverse(word) if _backward(span) else word: n for word, n in numbers.items()}
    return dict(sorted(told.items()))


def found(db: Database, span: Span, only: Only, kind: str, start: str, limit: int) -> list[Found]:
    """Return up to `limit` records of a kind that changed and follow the id `start`, in order."""
    sql, parameters = _sides(db, span, kind, only, start)
    return db.rows(f"SELECT id, min(at), max(at) {sql} ORDER BY id LIMIT ?", (*parameters, limit))


def told(db: Database, span: Span, kind: str, changed: Sequence[Found]) -> Iterator[Change]:
    """Yield the changes of records that were found, in order of id, as they have to be told.

    What came in one step is told by its version alone: what that modified was compared with the
    version before when it was published.
    """
    kept = {} if _backward(span) else _kept(db, span, kind, changed)
    rest = whole(db, span, kind, [each for each in changed if each[0] not in kept])
    for name, _, _ in changed:
        yield kept.get(name) or next(rest)


def whole(db: Database, span: Span, kind: str, changed: Sequence[Found]) -> Iterator[Change]:
    """Yield the changes of records that were found, in order of id, with their bodies."""
    if not changed:
        return
    low, high = sorted((span.old, span.new))
    among, ids = _among(db, [name for name, _, _ in changed])
    sql = _VERSIONS.format(table=TABLES[kind], among=among)
    rows = map(_Version._make, db.rows(sql, (span.dataset.key, ids, high, low)))
    for record_id, versions in groupby(rows, key=itemgetter(0)):
        change = _change(kind, record_id, list(versions), low, high)
        yield invert(change) if _backward(span) else change


def _kept(db: Database, span: Span, kind: str, changed: Iterable[Found]) -> dict[str, Change]:
    """Return the changes that one version tells: it came anew, or it was compared."""
    begun = [name for name, first, last in changed if last & 1 and first >> 1 == last >> 1]
    if not begun:
        return {}
    among, ids = _among(db, begun)
    sql = _BEGUN.format(table=TABLES[kind], among=among)
    added = {name for name, first, _ in changed if first & 1}
    told: dict[str, Change] = {}
    rows = db.rows(sql, (span.dataset.key, ids, span.old, span.new))
    for name, digest, body, fields, code, why in rows:
        hexdigest, stated = bytes(digest).hex(), reason(code, why)
        if fields is not None:
            differing = expanded(fields, body)
            told[name] = Change(kind, name, "", body, stated, False, None, hexdigest, (), differing)
        elif name in added:
            is_erased = erased(body, hexdigest)
            told[name] = Change(kind, name, None, body, stated, is_erased, None, hexdigest)
    return told


def _among(db: Database, ids: list[str]) -> tuple[str, Any]:
    """Return what holds for records of these ids, with one parameter and that: so the statement is
    the same for each step of a stream, and parsed once.
    """
    if db.engine == "sqlite":
        return "id IN (SELECT value FROM json_each(?))", orjson.dumps(ids).decode()
    return "id = ANY(?)", ids


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


def _sides(
    db: Database, span: Span, kind: str, only: Only, start: str = ""
) -> tuple[str, tuple[Any, ...]]:
    """Return the groups that the filters admit, of ids after `start`, and their parameters."""
    low, high = sorted((span.old, span.new))
    key, table = span.dataset.key, TABLES[kind]
    named, names, until = "id > ?", [start], "until"
    if only.id is not None:
        named, names, until = "id > ? AND id = ?", [start, only.id], "+until"
    sides = Sides(table, key, low, high)
    differs, digests = sides.compared("v.digest", "{} <> {}")
    parts = [
        _EVENTS.format(table=table, open=OPEN, named=named, until=until),
        _DIFFERS.format(differs=differs),
    ]
    parameters: list[Any] = [key, low, high, *names, key, low, high, *names, *digests]
    if only.change:
        parts.append(f" AND {_WORD} = ?")
        parameters.append(_inverse(only.change) if _backward(span) else only.change)
    for condition, values in _conditions(db, only, kind, sides):
        parts.append(f" AND {condition}")
        parameters += values
    return "".join(parts), tuple(parameters)


def _conditions(db: Database, only: Only, kind: str, sides: Sides) -> Iterator[Condition]:
    if only.path is not None:
        yield narrowing.at_path(db.engine, sides, only.path)
    if only.source is not None:
        yield narrowing.of_source(kind, sides, only.source)
    if only.erased:
        yield narrowing.erased(kind, sides)


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
