"""Conditions on a change `c` with its two sides, `o` and `n`: what a diff can be narrowed to.

Each costs a look at the sides themselves, or one look-up by record: so it follows the changes.
"""

from typing import Any

Condition = tuple[str, tuple[Any, ...]]
"""SQL that holds for what is admitted, and its parameters."""

EVIDENCE = "%evidence.source"
"""The fields of links that name the source of evidence, wherever in a record it stands."""


def at_path(engine: str, path: str) -> Condition:
    """Admit what differs at or below a JSON pointer.

    Bodies are canonical, so parts of them are equal where their text is. Lists are not entered.
    """
    old, values = _part("o.body", engine, path)
    new, _ = _part("n.body", engine, path)
    return f"{old} IS DISTINCT FROM {new}", values * 2


def of_source(kind: str, dataset: int, low: int, high: int, source: str) -> Condition:
    """Admit what has evidence of a source at either revision, and the source itself."""
    has_evidence = (
        "EXISTS (SELECT 1 FROM links l WHERE l.dataset = ? AND l.kind = ?"
        # Looked up by record: a source may have as many links as the dataset has records.
        " AND l.record = c.id AND l.target_kind = 'sources' AND l.target || '' = ?"
        " AND l.field LIKE ?"
        " AND ((l.since <= ? AND l.until > ?) OR (l.since <= ? AND l.until > ?)))"
    )
    values = (dataset, kind, source, EVIDENCE, low, low, high, high)
    if kind != "sources":
        return has_evidence, values
    return f"({has_evidence} OR c.id = ?)", (*values, source)


def erased(kind: str, dataset: int) -> Condition:
    """Admit what a later redaction erased on either side, so that nobody can tell it."""
    return (
        "EXISTS (SELECT 1 FROM redactions r WHERE r.dataset = ? AND r.kind = ?"
        " AND r.id = c.id AND (r.revision > o.since OR r.revision > n.since))",
        (dataset, kind),
    )


def _part(body: str, engine: str, path: str) -> Condition:
    """Return the text of the part of a body that a pointer leads to, null where there is none."""
    names = [name.replace("~1", "/").replace("~0", "~") for name in path[1:].split("/")]
    if engine == "sqlite":
        return f"({body} -> ?)", ("$" + "".join(f'."{name}"' for name in names),)
    return f"({body}::json{' -> ?::text' * len(names)})::text", tuple(names)
