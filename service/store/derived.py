"""What the schemas declare, kept beside the bodies: filter columns, links, terms and words.

`derivations` remembers each kind's declaration as it was when the tables were last made from it.
Where the schema now says something else, columns and indexes are added and everything of that kind
is made again from the bodies, in batches. Bodies and digests never change.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from schemas.folding import FOLDING
from schemas.kind import Kind
from service.canonical import canonical
from service.lines.derivation import derive
from service.store.database import Database
from service.store.tables import DESCRIBED, TABLES

BATCH = 500

TYPES = {"text": "{text}", "date": "{text}", "integer": "BIGINT", "number": "DOUBLE PRECISION"}
"""Column type of a schema to type of the databases. `number` is a double: it orders all exactly."""

LASTING = {"links": ("field", "target_kind", "target"), "terms": ("field", "value")}
"""Table to the columns of what holds as long as versions of a record that follow each other have
it: most changes of a record leave them alone.
"""

Key = tuple[int, str]
"""(dataset, id) of a record."""


def columns(kind: str) -> tuple[str, ...]:
    """Return the names of a kind's filter columns."""
    return tuple(column.name for column in DESCRIBED[kind].columns)


def lagging(db: Database) -> list[str]:
    """Return the kinds whose tables do not hold what their schema declares."""
    known: dict[str, str] = dict(db.rows("SELECT kind, declared FROM derivations"))
    return [
        kind for kind, described in DESCRIBED.items() if known.get(kind) != _declared(described)
    ]


def renew(db: Database) -> list[str]:
    """Make what lags again and return its kinds. A renewal that was cut off begins again."""
    kinds = lagging(db)
    for kind in kinds:
        _add_columns(db, kind)
        after: Key | None = (0, "")
        while after:
            # Read and made again in one turn: no publication or other renewal comes between.
            with db.alone():
                batch = _batch(db, kind, after)
                for key in batch:
                    _refill(db, kind, key)
            after = batch[-1] if batch else None
        with db.alone():
            db.run("DELETE FROM derivations WHERE kind = ?", (kind,))
            db.run(
                "INSERT INTO derivations (kind, declared) VALUES (?, ?)",
                (kind, _declared(DESCRIBED[kind])),
            )
    return kinds


def indexes(kind: str) -> dict[str, str]:
    """Return the indexes of a kind's filter columns: name to columns, and of which rows it is.

    Each ends in the id, by which lists are ordered and ties broken. A date, which is asked for by
    either end, has one for each, and a third for the few rows that state more than one day: what
    began before a day and lasts is looked for among these.
    """
    described = DESCRIBED[kind]
    asked = [each.columns for each in described.filters.values()]
    asked += [each.columns for each in described.sorts.values()]
    ends = [columns[1:] for columns in asked if len(columns) > 1]
    wanted = dict.fromkeys(columns for columns in (*asked, *ends) if columns not in ((), ("id",)))
    table = TABLES[kind]
    found = {f"{table}_by_{columns[0]}": _index(*columns) for columns in wanted}
    for earliest, latest in (columns for columns in wanted if len(columns) > 1):
        name = f"{table}_by_{earliest.removesuffix('earliest')}span"
        found[name] = f"{_index(latest, earliest)} WHERE {earliest} < {latest}"
    return found


def _index(*columns: str) -> str:
    return f"(dataset, {', '.join(columns)}, id)"


def _declared(described: Kind) -> str:
    declaration = {
        "columns": [[column.name, column.type] for column in described.columns],
        "indexes": indexes(described.name),
        "lists": sorted(described.list_fields),
        "searched": [list(map(list, described.searchable.items())), FOLDING],
    }
    return canonical(declaration).decode()


def _add_columns(db: Database, kind: str) -> None:
    table = TABLES[kind]
    with db.alone():
        present = {column.name for column in db.peewee.get_columns(table)}
        for column in DESCRIBED[kind].columns:
            if column.name not in present:
                sql_type = TYPES[column.type].format(text=db.text_type)
                db.run(f"ALTER TABLE {table} ADD COLUMN {column.name} {sql_type}")
        make_indexes(db, kind)


def make_indexes(db: Database, kind: str) -> None:
    """Make the indexes of a kind's filter columns that are missing, and drop those of before."""
    table, wanted = TABLES[kind], indexes(kind)
    for index in db.peewee.get_indexes(table):
        if index.name.startswith(f"{table}_by_") and index.name not in wanted:
            db.run(f"DROP INDEX {index.name}")
    for name, of in wanted.items():
        db.run(f"CREATE INDEX IF NOT EXISTS {name} ON {table} {of}")


def _batch(db: Database, kind: str, after: Key) -> list[Key]:
    """Return the records that follow one."""
    return db.rows(
        f"SELECT DISTINCT dataset, id FROM {TABLES[kind]}"
        " WHERE (dataset, id) > (?, ?) ORDER BY dataset, id LIMIT ?",
        (*after, BATCH),
    )


def _refill(db: Database, kind: str, key: Key) -> None:
    """Make what follows from the versions of a record again."""
    of_record = (key[0], kind, key[1])
    for table in (*LASTING, "texts"):
        db.run(f"DELETE FROM {table} WHERE dataset = ? AND kind = ? AND record = ?", of_record)
    held: dict[str, _Spans] = {table: _Spans() for table in LASTING}
    versions = f"SELECT since, until, body FROM {TABLES[kind]} WHERE dataset = ? AND id = ?"
    for since, until, body in db.rows(f"{versions} ORDER BY since", key):
        made = derive(DESCRIBED[kind], orjson.loads(body))
        _set_columns(db, kind, (*key, since), made.values)
        held["links"].put(since, until, made.links)
        held["terms"].put(since, until, made.terms)
        if made.words:
            _insert(db, "texts", ("words",), [(*of_record, since, until, made.words)])
    for table, members in LASTING.items():
        _insert(db, table, members, [(*of_record, *row) for row in held[table].rows()])


def _set_columns(db: Database, kind: str, version: tuple[Any, ...], values: Sequence[Any]) -> None:
    if names := columns(kind):
        assignments = ", ".join(f"{name} = ?" for name in names)
        db.run(
            f"UPDATE {TABLES[kind]} SET {assignments} WHERE dataset = ? AND id = ? AND since = ?",
            (*values, *version),
        )


def _insert(
    db: Database, table: str, members: tuple[str, ...], rows: list[tuple[Any, ...]]
) -> None:
    names = ("dataset", "kind", "record", "since", "until", *members)
    marks = ", ".join("?" * len(names))
    db.many(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)


class _Spans:
    """What holds from one revision to another, made of versions in their order."""

    def __init__(self) -> None:
        self._begun: dict[tuple[str, ...], tuple[int, int]] = {}
        self._over: list[tuple[Any, ...]] = []

    def put(self, since: int, until: int, stated: Iterable[tuple[str, ...]]) -> None:
        """Add what a version states."""
        for each in stated:
            first, end = self._begun.get(each, (since, since))
            if end < since:
                self._over.append((first, end, *each))
                first = since
            self._begun[each] = (first, until)

    def rows(self) -> list[tuple[Any, ...]]:
        """Return (since, until, …) of all."""
        return [*self._over, *((*span, *each) for each, span in self._begun.items())]
