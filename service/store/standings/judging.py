"""Make the standings that are missing: of what was touched since they were last made.

`judged` says up to which revision of a dataset they are there, by which rule, and, while more are
made, up to which. Processes that work at once do the same work, so that what one writes the other
may write again; nothing is written once the work is not what it was. What a redaction took out
waits in `unjudged`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock
from typing import NamedTuple

import orjson

from service.contested import RECENSION_1, assess
from service.errors import Unavailable, Unjudged
from service.model import Dataset, Reading
from service.store import Database, revisions, series
from service.store.series import Window
from service.store.standings import touching
from service.store.standings.accounts import Accounts
from service.store.standings.materials import Materials
from service.store.standings.rows import Content, Row, insert, of_dispute, of_series, standing
from service.store.tables import OPEN

BATCH = 200
"""Series or events that are judged at once, and stored in one transaction."""

JUDGED_BY = f"{RECENSION_1.name}/1"
"""The rule, and the version of what is kept: another word has everything made again."""

Contents = list[tuple[int, Content | None]]
"""What something comes to from a revision on, or None where it is not there or not contested."""

LITTLE = 2000
"""Changes of records, and series that a redaction touched, for which a reader makes what lacks."""

_turns: dict[tuple[str, str], Lock] = defaultdict(Lock)
"""Of each store and dataset: threads that find something missing do not all make it."""


class Task(NamedTuple):
    """Work to do: what changed after `low`, by `high`; and how much was redacted before it."""

    dataset: Dataset
    low: int
    high: int
    redactions: int


@dataclass(frozen=True)
class Made:
    """What became of one: the row that stood at the beginning, where it ends now, what follows."""

    name: str
    closed: int
    rows: tuple[Row, ...]


class Overtaken(Exception):
    """The work was done by another, or a redaction changed what it is."""


def keep(db: Database, name: str) -> bool:
    """Make what is missing of a dataset's standings. Return whether anything was."""
    done = False
    with _turns[db.place, name]:
        while task := _claim(db, revisions.dataset(db, name)):
            done = True
            try:
                _carry_out(db, task)
            except Overtaken:
                continue
    return done


def keep_if_possible(db: Database, name: str) -> None:
    """Keep after a publication, which stands in any case: who reads can make what lacks."""
    with suppress(Unavailable):
        keep(db, name)


def require(db: Database, at: Reading) -> None:
    """See to it that the standings of a revision are there.

    Raises `Unjudged` where that would take too long for a question.
    """
    row = db.row("SELECT rule, revision FROM judged WHERE dataset = ?", (at.dataset.key,))
    there = row[1] if row and row[0] == JUDGED_BY else 0
    waiting = len(_unjudged(db, at.dataset))
    if there >= at.revision.number and not waiting:
        return
    following = db.rows(
        "SELECT changes FROM revisions WHERE dataset = ? AND number > ? ORDER BY number LIMIT ?",
        (at.dataset.key, there, LITTLE),
    )
    changes = (orjson.loads(counts) for (counts,) in following)
    lacking = sum(n for kinds in changes for words in kinds.values() for n in words.values())
    if lacking + waiting > LITTLE:
        raise Unjudged(
            f"the series of revision {at.revision.number} of {at.dataset.name} are being judged:"
            " ask again, or have `recension migrate` do it"
        )
    keep(db, at.dataset.name)


def forget(db: Database, of: Dataset, kind: str, record_id: str) -> None:
    """Take out what rests on a record that is being erased, and note that it is to be made again.

    Belongs into the transaction that erases it, before anything of it is gone.
    """
    resting = {
        "series": series.resting_on(db, of, kind, record_id),
        "events": touching.resting_on(db, of, kind, record_id),
    }
    for about, ids in resting.items():
        keys = [(of.key, about, each) for each in sorted(ids)]
        where = "WHERE dataset = ? AND about = ? AND id = ?"
        db.many(f"DELETE FROM standings {where}", keys)
        db.many(f"DELETE FROM unjudged {where}", keys)
        db.many("INSERT INTO unjudged (dataset, about, id) VALUES (?, ?, ?)", keys)


def _claim(db: Database, of: Dataset) -> Task | None:
    """Return the work to do, begun by another or now; None where all is there."""
    with db.alone():
        row = db.row("SELECT rule, revision, target FROM judged WHERE dataset = ?", (of.key,))
        if row is None or row[0] != JUDGED_BY:
            for table in ("judged", "standings", "unjudged"):
                db.run(f"DELETE FROM {table} WHERE dataset = ?", (of.key,))
            db.run(
                "INSERT INTO judged (dataset, rule, revision) VALUES (?, ?, 0)",
                (of.key, JUDGED_BY),
            )
            row = (JUDGED_BY, 0, None)
        _, low, high = row
        if high is None:
            if low == of.head.number and not _unjudged(db, of):
                return None
            high = of.head.number
            db.run("UPDATE judged SET target = ? WHERE dataset = ?", (high, of.key))
        found = db.row("SELECT redactions FROM datasets WHERE id = ?", (of.key,))
        return Task(of, low, high, found[0] if found else 0)


def _carry_out(db: Database, task: Task) -> None:
    """Make and store all that is missing. Raises `Overtaken`."""
    within = Window(task.dataset, task.low, task.high)
    unjudged = _unjudged(db, task.dataset)
    # One after the other: of a million records there are some hundred thousand of each.
    for about, find in (("series", series.touched), ("events", touching.events)):
        anew = {name for of, name in unjudged if of == about}
        touched = find(db, within)
        touched -= anew
        for some, low in ((anew, 0), (touched, task.low)):
            for names in _batches(some):
                _store(db, task, about, list(_made(db, task, about, names, low)), low)
    with db.alone():
        _require(db, task)
        db.run("DELETE FROM unjudged WHERE dataset = ?", (task.dataset.key,))
        db.run(
            "UPDATE judged SET revision = ?, target = NULL WHERE dataset = ?",
            (task.high, task.dataset.key),
        )


def _store(db: Database, task: Task, about: str, made: list[Made], low: int) -> None:
    """Put rows in the place of all that followed `low`. Raises `Overtaken`."""
    key = task.dataset.key
    with db.alone():
        _require(db, task)
        names = [(key, about, each.name, low) for each in made]
        of_one = "WHERE dataset = ? AND about = ? AND id = ?"
        db.many(f"DELETE FROM standings {of_one} AND since > ?", names)
        closed = [(each.closed, key, about, each.name, low) for each in made]
        db.many(f"UPDATE standings SET until = ? {of_one} AND until > ?", closed)
        insert(db, key, about, [row for each in made for row in each.rows])


def _require(db: Database, task: Task) -> None:
    """Raise `Overtaken` unless the work is still what was claimed."""
    row = db.row(
        "SELECT j.rule, j.revision, j.target, d.redactions FROM judged j"
        " JOIN datasets d ON d.id = j.dataset WHERE j.dataset = ?",
        (task.dataset.key,),
    )
    if row is None or tuple(row) != (JUDGED_BY, task.low, task.high, task.redactions):
        raise Overtaken


def _unjudged(db: Database, of: Dataset) -> list[tuple[str, str]]:
    rows = db.rows("SELECT about, id FROM unjudged WHERE dataset = ?", (of.key,))
    return [(about, name) for about, name in rows]


def _batches(some: Iterable[str]) -> Iterator[list[str]]:
    names = sorted(some)
    for start in range(0, len(names), BATCH):
        yield names[start : start + BATCH]


def _made(db: Database, task: Task, about: str, names: list[str], low: int) -> Iterator[Made]:
    within = Window(task.dataset, low + 1, task.high)
    before = {row.id: row for row in standing(db, task.dataset, about, names, low)}
    told = _series(db, within, names) if about == "series" else _events(db, within, names)
    for name, contents in told:
        yield _spans(name, before.get(name), contents)


def _series(db: Database, within: Window, keys: list[str]) -> Iterator[tuple[str, Contents]]:
    """Yield what each series comes to, at each revision where that may change."""
    materials = Materials(db, within, keys)
    for key in keys:
        found = ((number, materials.at(key, number)) for number in materials.turns(key))
        yield key, [(n, of_series(assess(material)) if material else None) for n, material in found]


def _events(db: Database, within: Window, names: list[str]) -> Iterator[tuple[str, Contents]]:
    accounts = Accounts(db, within, names)
    for name in names:
        found = ((number, accounts.dispute(name, number)) for number in accounts.turns(name))
        yield name, [(number, of_dispute(each) if each else None) for number, each in found]


def _spans(name: str, before: Row | None, contents: Contents) -> Made:
    """Join revisions in which it is the same; what is contested without a break began once."""
    closed, rows = OPEN, list[Row]()
    last, contested = before and before.content, before.contested if before else None
    for number, content in contents:
        if content == last:
            continue
        if rows and rows[-1].until == OPEN:
            rows[-1] = replace(rows[-1], until=number)
        elif not rows:
            closed = min(closed, number)
        is_contested = content is not None and content.status == "contested"
        contested = (contested or number) if is_contested else None
        if content:
            rows.append(Row(name, number, OPEN, content, contested))
        last = content
    return Made(name, closed, tuple(rows))
