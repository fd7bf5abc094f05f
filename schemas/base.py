"""The strict schema that all others are made of."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, validates_schema
from marshmallow.fields import Field

from schemas.rules import Rule


class StrictSchema(Schema):
    """An object whose members are all declared; its docstring describes it to clients.

    `obeys` holds the rules on several members, judged once each member is valid by itself.
    `derived` names columns that are computed from the whole record, `listed` lists of texts.
    """

    obeys: ClassVar[tuple[Rule, ...]] = ()
    derived: ClassVar[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {}
    listed: ClassVar[Mapping[str, Callable[[Mapping[str, Any]], Iterable[str]]]] = {}

    class Meta:
        """Members that are not declared are refused."""

        unknown = RAISE

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        names = ", ".join(sorted(name for name, _ in members(self)))
        self.error_messages["unknown"] = f"there is no such member here; there are: {names}"
        self.error_messages["type"] = "an object is due here"

    @validates_schema
    def judge(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Judge the rules; an object without members is refused too, for it says nothing."""
        if not data:
            raise ValidationError("an empty object says nothing: leave the member out")
        messages: dict[str | int, Any] = {}
        for rule in self.obeys:
            for violation in rule.violations(data):
                _place(messages, violation.path or ("_schema",), violation.detail)
        if messages:
            raise ValidationError(messages)


def _place(messages: dict[str | int, Any], path: tuple[str | int, ...], detail: str) -> None:
    *way, last = path
    for step in way:
        messages = messages.setdefault(step, {})
    messages.setdefault(last, [detail])


def members(schema: Schema) -> Iterator[tuple[str, Field[Any]]]:
    """Yield each field of a schema with the name that it has in a record."""
    for name, field in schema.fields.items():
        yield field.data_key or name, field
