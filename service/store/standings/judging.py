"""Make the standings that are missing: of what was touched since they were last made.

`judged` says up to which revision of a dataset they are there, by which rule, and, while more are
made, up to which. Processes that work at once do the same work, so that what one writes the other
may write again; nothing is written once the work is not what it was. What a redaction took out
waits in `unjudged`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from threading import Lock

import orjson

from service.contested import RECENSION_1
from service.errors import Unavailable, Unjudged
from service.model import Dataset, Reading
from service.store import Database, revisions, series
from service.store.series import Window
from service.store.standings import making, touching
from service.store.standings.hands import share, wanted
from service.store.standings.making import Batch, Overtaken, Task

BATCH = 200
"""Series or events of one batch."""

JUDGED_BY = f"{RECENSION_1.name}/1"
"""The rule, and the version of what is kept: another word has everything made again."""

LITTLE = 2000
"""Changes of records, and series that a redaction touched, for which a reader makes what lacks."""

_turns: dict[tuple[str, str], Lock] = defaultdict(Lock)
"""Of each store and dataset: threads that find something missing do not all make it."""


def keep(db: Database, name: str, processes: int = 1) -> bool:
    """Make what is missing of a dataset's standings. Return whether anything was.

    `processes` may do it where it is much, 0 for one for each processor.
    """
    done = False
    with _turns[db.place, name]:
        while task := _claim(db, revisions.dataset(db, name)):
            done = True
            try:
                _carry_out(db, task, processes)
            except Overtaken:
                continue
    return done


def keep_if_possible(db: Database, name: str, processes: int = 1) -> None:
    """Keep after a publication, which stands in any case: who reads can make what lacks."""
    with suppress(Unavailable):
        keep(db, name, processes)


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
        return Task(of, JUDGED_BY, low, high, found[0] if found else 0)


def _carry_out(db: Database, task: Task, processes: int) -> None:
    """Make and store all that is missing. Raises `Overtaken`."""
    within = Window(task.dataset, task.low, task.high)
    unjudged = _unjudged(db, task.dataset)
    # One after the other: of a million records there are some hundred thousand of each.
    for about, find in (("series", series.touched), ("events", touching.events)):
        anew = {name for of, name in unjudged if of == about}
        touched = find(db, within)
        touched -= anew
        for some, low in ((anew, 0), (touched, task.low)):
            batches = (Batch(about, low, names) for names in _batches(some))
            share(db, task, batches, wanted(processes, len(some)))
    with db.alone():
        making.require(db, task)
        db.run("DELETE FROM unjudged WHERE dataset = ?", (task.dataset.key,))
        db.run(
            "UPDATE judged SET revision = ?, target = NULL WHERE dataset = ?",
            (task.high, task.dataset.key),
        )


def _unjudged(db: Database, of: Dataset) -> list[tuple[str, str]]:
    rows = db.rows("SELECT about, id FROM unjudged WHERE dataset = ?", (of.key,))
    return [(about, name) for about, name in rows]


def _batches(some: Iterable[str]) -> Iterator[list[str]]:
    names = sorted(some)
    for start in range(0, len(names), BATCH):
        yield names[start : start + BATCH]
