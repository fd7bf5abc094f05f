"""Conditions on a record `c` that changed, and on its two sides: what a diff can be narrowed to.

Each costs a look at the sides themselves, or one look-up by record: so it follows the changes.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

Condition = tuple[str, tuple[Any, ...]]
"""SQL that holds for what is admitted, and its parameters."""

EVIDENCE = "%evidence.source"
"""The fields of links that name the source of evidence, wherever in a record it stands."""


class Sides(NamedTuple):
    """Where the versions of records are, and at which two revisions they are wanted."""

    table: str
    dataset: int
    old: int
    new: int

    def compared(self, part: str, how: str, values: Sequence[Any] = ()) -> Condition:
        """Compare a part of both versions `v` of a record; it is null where there is none."""
        # A plus keeps an index out of the choice: a version is looked up by its key. That which
        # holds is the last that began by then, so none of those before it is read.
        of_side = (
            f"(SELECT {part} FROM {self.table} v WHERE v.dataset = ? AND v.id = c.id"
            " AND v.since <= ? AND +v.until > ? ORDER BY v.since DESC LIMIT 1)"
        )
        old, new = ((*values, self.dataset, at, at) for at in (self.old, self.new))
        return how.format(of_side, of_side), (*old, *new)


def at_path(engine: str, sides: Sides, path: str) -> Condition:
    """Admit what differs at or below a JSON pointer.

    Bodies are canonical, so parts of them are equal where their text is. Lists are not entered.
    """
    part, values = _part("v.body", engine, path)
    return sides.compared(part, "{} IS DISTINCT FROM {}", values)


def of_source(kind: str, sides: Sides, source: str) -> Condition:
    """Admit what has evidence of a source at either revision, and the source itself."""
    has_evidence = (
        "EXISTS (SELECT 1 FROM links l WHERE l.dataset = ? AND l.kind = ?"
        # Looked up by record: a source may have as many links as the dataset has records.
        " AND l.record = c.id AND l.target_kind = 'sources' AND l.target || '' = ?"
        " AND l.field LIKE ?"
        " AND ((l.since <= ? AND l.until > ?) OR (l.since <= ? AND l.until > ?)))"
    )
    _, dataset, low, high = sides
    values = (dataset, kind, source, EVIDENCE, low, low, high, high)
    if kind != "sources":
        return has_evidence, values
    return f"({has_evidence} OR c.id = ?)", (*values, source)


def erased(kind: str, sides: Sides) -> Condition:
    """Admit what a later redaction erased on either side, so that nobody can tell it."""
    is_later, values = sides.compared("v.since", "(r.revision > {} OR r.revision > {})")
    return (
        "EXISTS (SELECT 1 FROM redactions r WHERE r.dataset = ? AND r.kind = ?"
        f" AND r.id = c.id AND {is_later})",
        (sides.dataset, kind, *values),
    )


def _part(body: str, engine: str, path: str) -> Condition:
    """Return the text of the part of a body that a pointer leads to, null where there is none."""
    names = [name.replace("~1", "/").replace("~0", "~") for name in path[1:].split("/")]
    if engine == "sqlite":
        return f"({body} -> ?)", ("$" + "".join(f'."{name}"' for name in names),)
    return f"({body}::json{' -> ?::text' * len(names)})::text", tuple(names)
