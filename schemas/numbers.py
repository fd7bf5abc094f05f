"""Strict number fields: numbers that RFC 8785 writes back as they were read."""

from decimal import Decimal
from typing import Any

from schemas.fields import Plain
from schemas.problems import shown

LARGEST = 10**15 - 1
_DIGITS = 15
_SMALLEST_FRACTION = 0.0001


class Integer(Plain):
    """A whole number within bounds; 12.0 and true are none."""

    column_type = "integer"
    is_said = False

    def __init__(
        self, least: int, description: str = "", *, most: int = LARGEST, **kwargs: Any
    ) -> None:
        self.least, self.most = least, most
        super().__init__(description, **kwargs)

    @property
    def json_schema(self) -> dict[str, Any]:
        """The type and the bounds; to JSON Schema 12.0 is an integer too."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def completes(self, value: Any) -> bool:
        """Refuse 12.0."""
        return type(value) is int

    def fault(self, value: Any) -> str | None:
        """Refuse what is not a whole number, or too small or large."""
        if not isinstance(value, int) or isinstance(value, bool):
            return f"{shown(value)} is not a whole number, written in digits only"
        if self.least <= value <= self.most:
            return None
        return f"{shown(value)} is not between {self.least} and {self.most}"


class Number(Plain):
    """A number as the record model spells it: a whole number, or a fraction of bounded size."""

    column_type = "number"
    is_said = False

    def __init__(
        self, description: str = "", *, least: int = -LARGEST, most: int = LARGEST, **kwargs: Any
    ) -> None:
        self.least, self.most = least, most
        super().__init__(description, **kwargs)

    @property
    def json_schema(self) -> dict[str, Any]:
        """The bounds; it cannot count digits."""
        return {
            "type": "number",
            "minimum": self.least,
            "maximum": self.most,
            "anyOf": [
                {"type": "integer"},
                {"minimum": _SMALLEST_FRACTION},
                {"maximum": -_SMALLEST_FRACTION},
            ],
        }

    def completes(self, value: Any) -> bool:
        """Judge fractions only."""
        return type(value) is int or self.fault(value) is None

    def fault(self, value: Any) -> str | None:
        """Refuse what is no number, or could not be written back as it was read."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"{shown(value)} is not a number"
        if not self.least <= value <= self.most:
            return f"{shown(value)} is not between {self.least} and {self.most}"
        return _fraction_fault(value) if isinstance(value, float) else None


def _fraction_fault(value: float) -> str | None:
    if value.is_integer():
        return f"{value!r} is whole: write it without a fraction"
    if abs(value) < _SMALLEST_FRACTION:
        return f"{value!r} is too near to zero: 0.0001 is the smallest fraction"
    if len(Decimal(repr(value)).as_tuple().digits) > _DIGITS:
        return f"{value!r} has more than {_DIGITS} significant digits"
    return None
