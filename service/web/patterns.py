"""How the text of a parameter is spelled, as JSON Schema: a client that keeps to it is understood.

It cannot say everything: that no value stands twice, how many days a month has, which of two ends
is later, or how many digits count.
"""

from collections.abc import Iterable
from typing import Any

from schemas.filters import Filterable

_DEGREES = r"(?:\.[0-9]{1,10})?"
_LONGITUDE = rf"-?(?:(?:0?[0-9]{{1,2}}|1[0-7][0-9]){_DEGREES}|180(?:\.0{{1,10}})?)"
_LATITUDE = rf"-?(?:0?[0-8]?[0-9]{_DEGREES}|0?90(?:\.0{{1,10}})?)"
BOX = rf"{_LONGITUDE},{_LATITUDE},{_LONGITUDE},{_LATITUDE}"
"""West, south, east, north in degrees."""

TOKEN = "^[A-Za-z0-9_-]+$"  # noqa: S105 - no secret: a position in a list
"""What a client takes as it is: a cursor, a position in the feed."""

_NO_WORD = (
    r"\s\u0000-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9"
    r"\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf"
)
WORDS = {"type": "string", "pattern": f"[^{_NO_WORD}]"}
"""Some word, in whatever script: it cannot say of every character whether it is a letter."""

_NUMBER = r"(?:-?[1-9][0-9]{0,14}|-?(?:0|[1-9][0-9]{0,14})\.[0-9]*[1-9]|0)"


def either(values: Iterable[str]) -> str:
    """Return the pattern of one of some words."""
    words = "|".join(value.replace(".", r"\.") for value in values)
    return f"(?:{words})"


def commas(item: str, most: int) -> str:
    """Return the pattern of one item, or of several with commas between."""
    return f"^{item}(?:,{item}){{0,{most - 1}}}$"


def spelled(of: Filterable) -> dict[str, Any]:
    """Return the schema of one value of a filter: a number is a text in its one spelling too."""
    if of.type in ("number", "integer"):
        return {"type": "string", "pattern": f"^{_NUMBER}$"}
    return {"type": "string"} | of.field.json_schema


def listed(one: dict[str, Any], most: int) -> dict[str, Any]:
    """Return the schema of values with commas between, given that of one without."""
    if "enum" in one:
        item = either(one["enum"])
    else:
        item = one["pattern"].removeprefix("^").removesuffix("$").replace("[^", "[^,")
    return {"type": "string", "pattern": commas(item, most)}
