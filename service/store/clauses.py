"""Pieces of SQL with their parameters."""

from typing import Any, NamedTuple


class Clause(NamedTuple):
    """A condition in SQL with its parameters."""

    sql: str
    values: tuple[Any, ...] = ()
