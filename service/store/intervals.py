"""What begins with a revision and what ends with it: versions, and what is derived from them."""

from collections.abc import Iterable

from service.store import derived
from service.store.database import Database
from service.store.tables import OPEN, TABLES

DERIVED = {"texts": ("words",), **derived.LASTING}
"""Table of what goes with versions to its columns."""


def close(db: Database, key: int, kind: str, number: int) -> None:
    """Close what ends with a revision, of records that it modifies or removes."""
    table = TABLES[kind]
    modified = f"SELECT id FROM staged_{table} WHERE known = 1"
    gone = "SELECT id FROM gone WHERE kind = ?"
    db.run(
        f"UPDATE{db.or_fail} {table} SET until = ?"
        f" WHERE dataset = ? AND until = {OPEN} AND id IN ({modified})",
        (number, key),
    )
    db.run(
        f"UPDATE{db.or_fail} {table} SET until = ?,"
        f" end_reason = (SELECT g.reason FROM gone g WHERE g.kind = ? AND g.id = {table}.id),"
        f" end_why = (SELECT g.why FROM gone g WHERE g.kind = ? AND g.id = {table}.id)"
        f" WHERE dataset = ? AND until = {OPEN} AND id IN ({gone})",
        (number, kind, kind, key, kind),
    )
    # Nothing but the record leads to rows here: a target may have as many as the dataset. Either
    # engine goes through all of a kind if it is asked otherwise.
    changed = f"{modified} UNION ALL {gone}"
    listed = f"IN ({changed})" if db.engine == "sqlite" else f"= ANY (ARRAY({changed}))"
    for name, members in DERIVED.items():
        staged = f"SELECT 1 FROM staged_{name} s WHERE {_same(members)}"
        kept = f" AND NOT EXISTS ({staged})" if name in derived.LASTING else ""
        db.run(
            f"UPDATE{db.or_fail} {name} AS h SET until = ?"
            f" WHERE dataset = ? AND kind = ? AND until = {OPEN} AND record {listed}{kept}",
            (number, key, kind, kind),
        )


def begin(db: Database, key: int, kind: str, number: int) -> None:
    """Insert the versions of a kind that begin with a revision."""
    table = TABLES[kind]
    columns = ", ".join(("id", "digest", "body", "fields", "reason", "why", *derived.columns(kind)))
    db.run(
        f"INSERT{db.or_fail} INTO {table} (dataset, since, until, {columns})"
        f" SELECT ?, ?, {OPEN}, {columns} FROM staged_{table} ORDER BY id",
        (key, number),
    )


def begin_derived(
    db: Database, name: str, key: int, kind: str, number: int, *, follows: bool
) -> None:
    """Insert what goes with them in a table; `follows` where some of it was something before."""
    # Of what lasts a row stays open where the next version of its record has the same.
    there = f"SELECT 1 FROM {name} h WHERE h.dataset = {key:d} AND h.until = {OPEN}"
    new = f" AND NOT EXISTS ({there} AND {_same(DERIVED[name])})"
    columns = ", ".join(DERIVED[name])
    db.run(
        f"INSERT{db.or_fail} INTO {name} (dataset, kind, record, since, until, {columns})"
        f" SELECT ?, kind, record, ?, {OPEN}, {columns} FROM staged_{name} s WHERE kind = ?"
        f"{new if follows and name in derived.LASTING else ''}",
        (key, number, kind),
    )


def _same(members: Iterable[str]) -> str:
    same = "".join(f" AND s.{each} = h.{each} || ''" for each in members)
    return f"s.kind = h.kind AND s.record = h.record{same}"
