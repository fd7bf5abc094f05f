"""Conditions on several members of one object, each judged in Python and, where it can be, said
in JSON Schema."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

Object = Mapping[str, Any]


class Violation(NamedTuple):
    """A broken rule: the path from the object to the place, and what would be right."""

    path: tuple[str | int, ...]
    detail: str


class Rule(ABC):
    """A condition on the members of one object."""

    @property
    def json_schema(self) -> dict[str, Any]:
        """The rule in JSON Schema; empty where JSON Schema cannot say it."""
        return {}

    @abstractmethod
    def violations(self, data: Object) -> Iterable[Violation]:
        """Yield what breaks the rule in an object whose members are valid one by one."""


class Judged(Rule):
    """A rule that only a function can judge."""

    def __init__(self, judge: Callable[[Object], Iterable[Violation]]) -> None:
        self.judge = judge

    def violations(self, data: Object) -> Iterable[Violation]:
        """Yield what the function finds."""
        return self.judge(data)


def unrelated_to_itself(member: str) -> Rule:
    """Return the rule that no relation of a record leads, by a member, to the record itself."""

    def violations(data: Object) -> Iterator[Violation]:
        for index, relation in enumerate(data.get("relations", ())):
            if relation.get(member) == data["id"]:
                yield Violation(("relations", index, member), "a record has no relation to itself")

    return Judged(violations)


class ExactlyOne(Rule):
    """Of some members one is stated and no other."""

    def __init__(self, *names: str) -> None:
        self.names = names

    @property
    def json_schema(self) -> dict[str, Any]:
        """One required member for each choice."""
        return {"oneOf": [{"required": [name]} for name in self.names]}

    def violations(self, data: Object) -> Iterator[Violation]:
        """Yield the lack of all, or each after the first."""
        stated = [name for name in self.names if name in data]
        if not stated:
            yield Violation((), "one of these is required: " + ", ".join(self.names))
        for name in stated[1:]:
            yield Violation((name,), f"refused beside {stated[0]}: only one of the two may stand")


@dataclass(frozen=True)
class Condition:
    """That a member is stated, or has one of some values; or, with `holds=False`, the contrary."""

    member: str
    values: tuple[str, ...] = ()
    holds: bool = True

    @property
    def json_schema(self) -> dict[str, Any]:
        """The condition as a schema."""
        said: dict[str, Any] = {"required": [self.member]}
        if self.values:
            said["properties"] = {self.member: {"enum": list(self.values)}}
        return said if self.holds else {"not": said}

    def __call__(self, data: Object) -> bool:
        """Tell whether it holds of an object."""
        stated = self.member in data and (not self.values or data[self.member] in self.values)
        return stated is self.holds

    def __str__(self) -> str:
        verb = "is" if self.holds else "is not"
        return f"where {self.member} {verb} {' or '.join(self.values) or 'stated'}"


@dataclass(frozen=True)
class Where(Rule):
    """Under a condition some members are required and others refused."""

    condition: Condition
    requires: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()

    @property
    def json_schema(self) -> dict[str, Any]:
        """An if and a then."""
        then: dict[str, Any] = {}
        if self.requires:
            then["required"] = list(self.requires)
        if self.refuses:
            then["properties"] = dict.fromkeys(self.refuses, False)
        return {"if": self.condition.json_schema, "then": then}

    def violations(self, data: Object) -> Iterator[Violation]:
        """Yield each member that is missing or too much."""
        if not self.condition(data):
            return
        for name in self.requires:
            if name not in data:
                yield Violation((name,), f"required {self.condition}")
        for name in self.refuses:
            if name in data:
                yield Violation((name,), f"refused {self.condition}: leave it out")


@dataclass(frozen=True)
class Narrowed(Rule):
    """Under a condition some members take fewer values than elsewhere."""

    condition: Condition
    members: tuple[str, ...]
    schema: Mapping[str, Any]
    fits: Callable[[Any], bool]
    advice: str

    @property
    def json_schema(self) -> dict[str, Any]:
        """An if and a then."""
        then = {"properties": {name: dict(self.schema) for name in self.members}}
        return {"if": self.condition.json_schema, "then": then}

    def violations(self, data: Object) -> Iterator[Violation]:
        """Yield each member whose value does not fit."""
        if not self.condition(data):
            return
        for name in self.members:
            if name in data and not self.fits(data[name]):
                yield Violation((name,), f"{data[name]} does not fit: {self.advice}")
