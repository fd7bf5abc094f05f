"""What some series or events come to in each revision of a task, made and stored."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from service.contested import assess
from service.model import Dataset
from service.store import Database
from service.store.series import Window
from service.store.standings.accounts import Accounts
from service.store.standings.materials import Materials
from service.store.standings.rows import Content, Row, insert, of_dispute, of_series, standing
from service.store.tables import OPEN

Contents = list[tuple[int, Content | None]]
"""What something comes to from a revision on, or None where it is not there or not contested."""


class Task(NamedTuple):
    """Work to do: what changed after `low`, by `high`; by which rule, after how many redactions."""

    dataset: Dataset
    rule: str
    low: int
    high: int
    redactions: int


class Batch(NamedTuple):
    """Some series or events, judged at once and stored in one transaction: from after `low` on."""

    about: str
    low: int
    names: list[str]


@dataclass(frozen=True)
class Made:
    """What became of one: the row that stood at the beginning, where it ends now, what follows."""

    name: str
    closed: int
    rows: tuple[Row, ...]


class Overtaken(Exception):
    """The work was done by another, or a redaction changed what it is."""


def make(db: Database, task: Task, batch: Batch) -> None:
    """Put what a batch comes to in the place of all that followed. Raises `Overtaken`."""
    about, low, _ = batch
    made, key = list(_made(db, task, batch)), task.dataset.key
    with db.alone():
        require(db, task)
        names = [(key, about, each.name, low) for each in made]
        of_one = "WHERE dataset = ? AND about = ? AND id = ?"
        db.many(f"DELETE FROM standings {of_one} AND since > ?", names)
        closed = [(each.closed, key, about, each.name, low) for each in made]
        db.many(f"UPDATE standings SET until = ? {of_one} AND until > ?", closed)
        insert(db, key, about, [row for each in made for row in each.rows])


def require(db: Database, task: Task) -> None:
    """Raise `Overtaken` unless the work is still what was claimed."""
    row = db.row(
        "SELECT j.rule, j.revision, j.target, d.redactions FROM judged j"
        " JOIN datasets d ON d.id = j.dataset WHERE j.dataset = ?",
        (task.dataset.key,),
    )
    if row is None or tuple(row) != (task.rule, task.low, task.high, task.redactions):
        raise Overtaken


def _made(db: Database, task: Task, batch: Batch) -> Iterator[Made]:
    about, low, names = batch
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
