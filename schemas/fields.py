"""Strict fields: each takes one JSON type as it stands, mends nothing, and knows its JSON Schema.

A field declares what may be asked of it: `filterable`, `sortable`, `searchable`.
"""

import difflib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal, get_args

from marshmallow import Schema, ValidationError, fields

from schemas.canonical import canonical
from schemas.problems import shown

_LISTED = 30

WHOLE = "value"
"""What members of a set may not share where nothing else is named."""

Prominence = Literal["name", "printed", "prose"]
"""What a searchable text is, the most prominent first: a name or title, words as printed, an
editor's prose.
"""

RANKS = {prominence: rank for rank, prominence in enumerate(get_args(Prominence), 2)}
"""Prominence to the rank of a hit there. Rank 1 is a whole name."""


class Strict(fields.Field[Any]):
    """A field that returns what it accepts unchanged."""

    default_error_messages: dict[str, str | list[Any] | dict[Any, Any]] = {  # noqa: RUF012
        "required": "required, and missing",
        "null": "null says nothing: leave the member out",
    }

    @property
    def json_schema(self) -> dict[str, Any]:
        """What JSON Schema can say of the field, beside what apispec says."""
        return {}


class Plain(Strict, ABC):
    """A field without fields of its own, with its declared uses.

    `is_said` where its JSON Schema refuses all that it refuses, but for Unicode's normal form.
    """

    column_type: str | None = None
    is_said = True

    def __init__(
        self,
        description: str = "",
        *,
        filterable: bool = False,
        sortable: bool = False,
        searchable: Prominence | None = None,
        **kwargs: Any,
    ) -> None:
        uses = {"filterable": filterable, "sortable": sortable, "searchable": searchable}
        declared = {use: said for use, said in uses.items() if said}
        super().__init__(metadata=_described(description) | declared, **kwargs)

    def declares(self, use: str) -> bool:
        """Tell whether the field is filterable, sortable or searchable."""
        return use in self.metadata

    @abstractmethod
    def fault(self, value: Any) -> str | None:
        """Return what is wrong with a value, or None."""

    def completes(self, value: Any) -> bool:
        """Say whether a value that JSON Schema accepts is accepted."""
        return self.fault(value) is None

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        fault = self.fault(value)
        if fault:
            raise ValidationError(fault)
        return value


def _described(description: str) -> dict[str, Any]:
    return {"description": description} if description else {}


class Code(Plain):
    """A value of a closed list."""

    column_type = "text"

    def __init__(self, values: Collection[str], description: str = "", **kwargs: Any) -> None:
        self.values = tuple(values)
        super().__init__(description, **kwargs)

    @property
    def json_schema(self) -> dict[str, Any]:
        """The list."""
        return {"type": "string", "enum": list(self.values)}

    def fault(self, value: Any) -> str | None:
        """Refuse what is not on the list, and name what is."""
        if isinstance(value, str) and value in self.values:
            return None
        return f"{shown(value)} is not {choice(value, self.values)}"


def choice(value: Any, values: Collection[str]) -> str:
    """Return the values to choose from: all of a short list, the nearest of a long one."""
    offered = sorted(values)
    if len(offered) > _LISTED:
        offered = difflib.get_close_matches(str(value), offered, n=3) or [*offered[:3], "…"]
    return "one of: " + ", ".join(offered)


class Truth(Plain):
    """True or false, and nothing that could pass for them."""

    @property
    def json_schema(self) -> dict[str, Any]:
        """The type."""
        return {"type": "boolean"}

    def fault(self, value: Any) -> str | None:
        """Refuse all but the two values."""
        return None if isinstance(value, bool) else f"{shown(value)} is not true or false"


class Record(fields.Nested, Strict):
    """One object of another schema."""

    def __init__(self, schema: type[Schema], description: str = "", **kwargs: Any) -> None:
        super().__init__(schema, metadata=_described(description), **kwargs)


class Chain(fields.List[Any], Strict):
    """A list whose order says something; it may be empty."""

    def __init__(self, inner: fields.Field[Any], description: str = "", **kwargs: Any) -> None:
        super().__init__(inner, metadata=_described(description), **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValidationError(f"{shown(value)} is not a list")
        members: list[Any] = super()._deserialize(value, *args, **kwargs)
        return members


class SetOf(Chain):
    """A list without order, repetition or emptiness; `by` tells what two members may not share."""

    def __init__(
        self,
        inner: fields.Field[Any],
        description: str = "",
        *,
        by: tuple[str, Callable[[Any], Any]] = (WHOLE, lambda member: member),
        **kwargs: Any,
    ) -> None:
        self.what, self.key = by
        super().__init__(inner, description, **kwargs)

    @property
    def is_said(self) -> bool:
        """Whether JSON Schema can say what two members may not share: only the whole."""
        return self.what == WHOLE

    @property
    def json_schema(self) -> dict[str, Any]:
        """Not empty, no two alike."""
        return {"minItems": 1, "uniqueItems": True}

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:
        members = super()._deserialize(value, *args, **kwargs)
        if not members:
            raise ValidationError("an empty list says nothing: leave the member out")
        repeats = self.repeats(members)
        if repeats:
            raise ValidationError(repeats)
        return members

    def repeats(self, members: list[Any]) -> dict[int, list[str]]:
        """Return index to what is wrong with a member that repeats an earlier one."""
        first: dict[bytes, int] = {}
        repeats = {}
        for index, member in enumerate(members):
            earlier = first.setdefault(canonical(self.key(member)), index)
            if earlier != index:
                repeats[index] = [f"the same {self.what} as member {earlier}: keep one of them"]
        return repeats


class ExternalIds(Strict):
    """Ids of the record elsewhere, each under the name of its scheme."""

    def __init__(self, scheme: Plain, identifier: Plain, description: str) -> None:
        self.scheme, self.identifier = scheme, identifier
        super().__init__(metadata=_described(description))

    @property
    def json_schema(self) -> dict[str, Any]:
        """An object of texts under names of one pattern."""
        return {
            "type": "object",
            "minProperties": 1,
            "propertyNames": self.scheme.json_schema,
            "additionalProperties": self.identifier.json_schema,
        }

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValidationError(f"{shown(value)} is not an object")
        if not value:
            raise ValidationError("an empty object says nothing: leave the member out")
        faults = {
            scheme: self.scheme.fault(scheme) or self.identifier.fault(identifier)
            for scheme, identifier in value.items()
        }
        wrong = {scheme: [fault] for scheme, fault in faults.items() if fault}
        if wrong:
            raise ValidationError(wrong)
        return value
