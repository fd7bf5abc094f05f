"""Twenty thousand rows of each kind, made within the database: as many as planners take seriously.

They have columns, terms and words, judgements of series and events, and no bodies to speak of, so
nothing but plans can be read from them.
"""

import os

from schemas import KINDS
from schemas.kind import Kind
from service.model import Dataset, Reading, Revision
from service.store import Database, derived

ROWS = int(os.environ.get("RECENSION_TEST_ROWS", "20000"))
DISTINCT = 400
"""Values of a text field, `v0` and so on: half of the rows have them, and half `usual`."""

LISTED = "attribution.manner"
"""A field in a list that states `usual` in each record."""

_NUMBERED = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last})"


_ID = "'r-' || CAST(100000 + i AS VARCHAR(9))"


def _rest(number: str, divisor: int) -> str:
    """Return the remainder without the sign for it, which one of the drivers takes as its own."""
    return f"({number} - {divisor} * (({number}) / {divisor}))"


def _made(column_type: str, step: int) -> str:
    """Return a value of the row i in SQL."""
    number = f"(i * {step})"
    if column_type == "text":
        rare = f"'v' || CAST({_rest(number, DISTINCT)} AS VARCHAR(9))"
        return f"CASE WHEN {_rest(f'(i / {step})', 2)} = 0 THEN 'usual' ELSE {rare} END"
    if column_type == "date":
        month, day = f"10 + {_rest('i', 3)}", f"10 + {_rest('i', 19)}"
        return f"'2022-' || CAST({month} AS VARCHAR(2)) || '-' || CAST({day} AS VARCHAR(2))"
    return _rest(number, 5000)


def fill(db: Database) -> Reading:
    """Put the rows in, tell the planner of them, and return a reading of their revision."""
    with db.writing():
        db.run("INSERT INTO datasets (id, name, head, redactions) VALUES (1, 'bulk', 1, 0)")
        for kind in KINDS.values():
            for index in derived.indexes(kind.name):
                db.run(f"DROP INDEX {index}")
            _fill(db, kind)
            derived.make_indexes(db, kind.name)
        for about in ("series", "events"):
            _judge(db, about)
    if db.engine == "postgresql":
        db.run("ANALYZE")
    records = dict.fromkeys(KINDS, ROWS)
    revision = Revision("bulk", 1, "", "", "", "", None, records, {})
    return Reading(Dataset(1, "bulk", revision), revision, pinned=True)


def _fill(db: Database, kind: Kind) -> None:
    empty = "x''" if db.engine == "sqlite" else "''::bytea"
    names = [column.name for column in kind.columns]
    values = [
        _gapped(_made(column.type, 2 * n + 1), n, certain=column.name == kind.certain)
        for n, column in enumerate(kind.columns)
    ]
    db.run(
        f"INSERT INTO {kind.name} (dataset, id, since, until, digest, body, {', '.join(names)})"  # noqa: S608
        f" {_NUMBERED.format(last=ROWS - 1)}"
        f" SELECT 1, {_ID}, 1, 2147483647, {empty}, '{{\"id\":\"' || {_ID} || '\"}}',"
        f" {', '.join(values)} FROM n"
    )
    mark = f"{kind.name[0]}a"
    db.run(
        "INSERT INTO texts (dataset, kind, record, since, until, words)"  # noqa: S608
        f" {_NUMBERED.format(last=ROWS - 1)}"
        " SELECT 1, ?, 'r-' || CAST(100000 + i AS VARCHAR(9)), 1, 2147483647,"
        f" CAST('{mark}usual {mark}w' || CAST({_rest('i', DISTINCT)} AS VARCHAR(9))"
        f" AS {db.words_type}) FROM n",
        (kind.name,),
    )
    for field in kind.list_fields:
        if field == LISTED:
            db.run(
                "INSERT INTO terms (dataset, kind, record, since, until, field, value)"  # noqa: S608
                f" {_NUMBERED.format(last=ROWS - 1)}"
                f" SELECT 1, ?, {_ID}, 1, 2147483647, ?, 'usual' FROM n",
                (kind.name, field),
            )
        db.run(
            "INSERT INTO terms (dataset, kind, record, since, until, field, value)"  # noqa: S608
            f" {_NUMBERED.format(last=ROWS // 10)}"
            " SELECT 1, ?, 'r-' || CAST(100000 + 7 * i AS VARCHAR(9)), 1, 2147483647, ?,"
            f" {_made('text', 1)} FROM n",
            (kind.name, field),
        )


def _judge(db: Database, about: str) -> None:
    """Put in judgements, one in fifty contested."""
    columns = ("measure", "counted_group", "of_id", "place")
    db.run(
        "INSERT INTO standings (dataset, about, id, since, until, step, difference, breadth, size,"  # noqa: S608
        f" status, {', '.join(columns)})"
        f" {_NUMBERED.format(last=ROWS // 4)}"
        f" SELECT 1, ?, {_ID}, 1, 2147483647, '{{}}', -({_rest('i', 7)}), -({_rest('i', 3)}), -2,"
        f" CASE WHEN {_rest('i', 50)} = 0 THEN 'contested'"
        f" WHEN {_rest('i', 20)} = 1 THEN 'revised' ELSE 'agreed' END,"
        f" {', '.join(_made('text', 2 * n + 1) for n, _ in enumerate(columns))} FROM n",
        (about,),
    )


def _gapped(made: str, number: int, *, certain: bool) -> str:
    """Return an expression that a fifth of the rows does not state, of each column others."""
    return (
        made
        if certain
        else f"CASE WHEN {_rest(f'(i / {number + 1})', 5)} = 0 THEN NULL ELSE {made} END"
    )
