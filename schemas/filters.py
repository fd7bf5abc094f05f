"""What records can be asked by: filters and sort keys, as the fields of a schema declare them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from schemas import edtf
from schemas.fields import Plain
from schemas.folding import wanted
from schemas.problems import shown

MOST_VALUES = 100
"""Values that one filter may list."""

Value = str | int | float | bool

_OF_TEXT = ("", "in", "ne")
_OF_NUMBERS = ("", "in", "ne", "gt", "gte", "lt", "lte")
_OPERATORS = {
    "text": _OF_TEXT,
    "integer": _OF_NUMBERS,
    "number": _OF_NUMBERS,
    "date": ("", "within", "before", "after"),
}
"""Column type to the operators that a field of it has; "" is the field alone."""

_DIGITS = 15
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?")


class Filterable(NamedTuple):
    """A field that records can be filtered by.

    Its values stand in `columns` (two for a date: first and last day), or, of a field in a list,
    among the terms under the names of `terms`. `optional` where a record may lack it. Of a field
    that is `searched` the words can be asked for, and nothing else where it has neither columns nor
    terms. An actor that is asked for stands also for the sources that it publishes, where
    `publishing`.
    """

    name: str
    field: Plain
    columns: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    optional: bool = False
    publishing: bool = False
    searched: bool = False

    @property
    def stored(self) -> bool:
        """Whether its values themselves can be asked for, not only words in them."""
        return bool(self.columns or self.terms)

    @property
    def counted(self) -> bool:
        """Whether records can be counted by its values."""
        return self.stored and self.name != "id" and not self.publishing

    @property
    def type(self) -> str:
        """The type of its values: text, integer, number or date."""
        return str(self.field.column_type)

    @property
    def operators(self) -> tuple[str, ...]:
        """The operators that it has; "" is the field alone."""
        if self.publishing:
            return ("", "in")
        words = ("contains",) if self.searched else ()
        if not self.stored:
            return words
        exists = ("exists",) if self.optional else ()
        return (_OF_TEXT if self.terms else _OPERATORS[self.type]) + exists + words

    @property
    def spellings(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return tuple(f"{self.name}__{each}" if each else self.name for each in self.operators)

    def asked(self, operator: str, text: str) -> "Filter":
        """Return the filter that a parameter asks for. Raises `ValueError` with what is due."""
        if operator not in self.operators:
            raise ValueError(f"is unknown here; this field has: {', '.join(self.spellings)}")
        return Filter(self, operator, self._values(operator, text))

    def _values(self, operator: str, text: str) -> tuple[Value, ...]:
        if operator == "exists":
            return (_truth(text),)
        if operator == "contains":
            wanted(text)
            return (text,)
        if self.type == "date":
            return _days(text)
        if operator == "in":
            return tuple(dict.fromkeys(map(self._value, _listed(text))))
        return (self._value(text),)

    def _value(self, text: str) -> Value:
        value: Any = text if self.type == "text" else _number(text)
        if fault := self.field.fault(value):
            raise ValueError(fault)
        return value  # type: ignore[no-any-return]


class Filter(NamedTuple):
    """A condition on one field, with typed values; of a date, its first and last day; of words, the
    text that has them.
    """

    of: Filterable
    operator: str
    values: tuple[Value, ...]


class Sortable(NamedTuple):
    """A field that records can be sorted by; a date by its first day, then by its last."""

    name: str
    type: str
    columns: tuple[str, ...]


class SortKey(NamedTuple):
    """A field to sort by, and in which direction."""

    of: Sortable
    descending: bool


def read(filterables: Mapping[str, Filterable], name: str, text: str) -> Filter:
    """Return the filter of a parameter. Raises `KeyError` for an unknown field, and `ValueError`
    with what would be right.
    """
    field, mark, operator = name.partition("__")
    return filterables[field].asked(operator if operator else mark, text)


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"{shown(text)} is not true or false")
    return text == "true"


def _number(text: str) -> int | float:
    is_whole = "." not in text
    if not _NUMBER.fullmatch(text) or text == "-0" or (is_whole and len(text) > 32):
        raise ValueError(f"{shown(text)} is not a number written as in 12, -3 or 0.25")
    if is_whole:
        return int(text)
    if len(text.lstrip("-0.").replace(".", "")) > _DIGITS:
        raise ValueError(f"{shown(text)} has more than {_DIGITS} significant digits")
    return float(text)


def _days(text: str) -> tuple[str, str]:
    try:
        return edtf.bounds(text)
    except ValueError as error:
        raise ValueError(f"{shown(text)}: {error}") from None


def _listed(text: str) -> Iterator[str]:
    values = text.split(",")
    if len(values) > MOST_VALUES:
        raise ValueError(f"lists {len(values)} values: at most {MOST_VALUES} may stand here")
    yield from values
