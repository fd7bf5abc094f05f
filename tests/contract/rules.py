"""Refusals of what the document allows: rules that OpenAPI cannot say, told by the refusal itself.

A question that keeps to the document may still be refused where parameters do not go together, or
where JSON Schema cannot see what is wrong in a text. Each such rule stands here; any other refusal
of what the document allows is a fault of the document or of the service.
"""

import json
import re

BETWEEN = (
    r"is too much: a question has at most 16 filters",
    r"says nothing without `as_of`",
    r"does not go with (format=|`from`)",
    r"goes with (format=|`from` only)",
    r"may be at most 100 with points=true",
    r".* is a date: count it with by=day",
    r"is for dates, and no date is counted here",
    r"(actors|sources) have no place",
    r"the days of .* reach from .* to .*: narrow them to",
)
"""Between parameters."""

WITHIN = (
    r"names one of its values twice",
    r"has no word to look for",
    r"has [0-9]+ words: at most",
    r"[0-9]+ characters are too many: at most [0-9]+ may stand here",
    r".* is a reserved file name",
    r".* is not in Unicode's normal form",
    r".* has more than 15 significant digits",
    r".* is too near to zero",
    r"its south lies north of its north",
    r"must be a day as in 2022-01-07",
    r".*: there is no day",
    r".* ends before it starts",
    r".* days are too many",
    r"Accept-Datetime must be a date of RFC 1123",
)
"""Within a text: how many days a month has, how long each of several values is, and the like."""

KNOWN_TO_THE_STORE = (
    r"the cursor is damaged",
    r"the cursor belongs to another list",
    r"the cursor is of a history",
    r"without: there is no source",
    r"revision [0-9]+ is read: nothing later is known there",
)
"""What only the service can know: cursors are taken as they are."""

TITLES = {414: {"Address too long"}, 422: {"Refused", "Key reused"}}
"""How long all parameters are together, what makes a release, and which keys were used before."""

SAID = re.compile("|".join((*BETWEEN, *WITHIN, *KNOWN_TO_THE_STORE)))
FOREIGN = re.compile(r"is unknown here; there are: .* the filters of|.* is not one of: ")
"""A filter, or a field to count, of another kind than the one that is counted."""


def refuses_by_rule(operation: str, status: int, body: bytes) -> bool:
    """Say whether each thing that a refusal names is a rule that the document cannot say."""
    if status in TITLES:
        return json.loads(body)["title"] in TITLES[status]
    errors = json.loads(body).get("errors") if status == 400 else None
    return bool(errors) and all(_is_rule(operation, error["detail"]) for error in errors)


def _is_rule(operation: str, detail: str) -> bool:
    foreign = operation.startswith("listFacets") and FOREIGN.match(detail)
    return bool(foreign or SAID.match(detail))
