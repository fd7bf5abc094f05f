"""One way through a record for each question, made from the schema once.

To ask at each path of a schema what stands there costs a search for each; a record states few of
its members. So a walk goes through what a record states, and acts where something was asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields

from schemas.base import members
from schemas.canonical import canonical
from schemas.fields import Plain, SetOf
from schemas.paths import Leaf, Path

Act = Callable[[Any, Mapping[str, Any], Any], None]
"""Takes a value, the object that bears it, and what gathers the answer."""

Judge = Callable[[Any], bool]
"""Says whether a value is sound."""

Arrange = Callable[[Any], Any]
"""Returns a value with its sets in order; itself where they are."""


def walk(schema: Schema, asked: Callable[[Leaf], Act | None]) -> Act:
    """Return the walk that acts on every value of the leaves for which `asked` gives an act."""

    def of_field(field: Any, path: Path, listed: bool) -> Act | None:
        if isinstance(field, fields.List):
            return _each(of_field(field.inner, path, True))
        if isinstance(field, fields.Nested):
            return of_object(field.schema, path, listed)
        return asked(Leaf(path, field, listed, False)) if isinstance(field, Plain) else None

    def of_object(schema: Schema, path: Path, listed: bool) -> Act | None:
        acts = {}
        for name, field in members(schema):
            if act := of_field(field, (*path, name), listed):
                acts[name] = act
        return _stated(acts) if acts else None

    return of_object(schema, (), False) or _nothing


def _stated(acts: Mapping[str, Act]) -> Act:
    def act(value: Mapping[str, Any], bearer: Mapping[str, Any], found: Any) -> None:
        for name, member in value.items():
            if name in acts:
                acts[name](member, value, found)

    return act


def in_turn(acts: Sequence[Act]) -> Act | None:
    """Return what does several acts as one, if there are any."""
    if len(acts) < 2:
        return acts[0] if acts else None

    def act(value: Any, bearer: Mapping[str, Any], found: Any) -> None:
        for each in acts:
            each(value, bearer, found)

    return act


def _each(inner: Act | None) -> Act | None:
    if inner is None:
        return None
    once = inner

    def act(value: list[Any], bearer: Mapping[str, Any], found: Any) -> None:
        for member in value:
            once(member, bearer, found)

    return act


def _nothing(value: Any, bearer: Mapping[str, Any], found: Any) -> None:
    pass


def rest(schema: Schema) -> Judge | None:
    """Return what is left to judge of an object that JSON Schema accepts, if anything is.

    These are the rules and fields that JSON Schema cannot say in full, and no others. Unicode's
    normal form is not among them: it is judged on the text of the whole record.
    """
    judges = [(name, sound) for name, field in members(schema) if (sound := _rest_of(field))]
    rules = [rule for rule in getattr(schema, "obeys", ()) if not rule.json_schema]
    if not judges and not rules:
        return None

    def judge(value: Mapping[str, Any]) -> bool:
        for name, sound in judges:
            if name in value and not sound(value[name]):
                return False
        # A rule may rely on members that are sound by themselves, so rules come last.
        for rule in rules:
            for _ in rule.violations(value):
                return False
        return True

    return judge


def _rest_of(field: Any) -> Judge | None:
    if isinstance(field, fields.List):
        return _rest_of_list(field, _rest_of(field.inner))
    if isinstance(field, fields.Nested):
        return rest(field.schema)
    if isinstance(field, Plain) and not field.is_said:
        return field.completes
    return None


def _rest_of_list(field: Any, inner: Judge | None) -> Judge | None:
    repeats = field.repeats if isinstance(field, SetOf) and not field.is_said else None
    if inner is None and repeats is None:
        return None

    def judge(value: list[Any]) -> bool:
        if inner is not None:
            for member in value:
                if not inner(member):
                    return False
        return repeats is None or not repeats(value)

    return judge


def arranging(schema: Schema) -> Arrange | None:
    """Return what brings the sets of an object into order, if it can have any."""
    below = {name: step for name, field in members(schema) if (step := _arranging(field))}
    if not below:
        return None

    def arrange(value: Mapping[str, Any]) -> Mapping[str, Any]:
        arranged: dict[str, Any] | None = None
        for name, step in below.items():
            if name in value and (member := step(value[name])) is not value[name]:
                arranged = dict(value) if arranged is None else arranged
                arranged[name] = member
        return value if arranged is None else arranged

    return arrange


def _arranging(field: Any) -> Arrange | None:
    if isinstance(field, fields.Nested):
        return arranging(field.schema)
    if not isinstance(field, fields.List):
        return None
    inner, is_set = _arranging(field.inner), isinstance(field, SetOf)

    def arrange(value: list[Any]) -> list[Any]:
        arranged = value if inner is None else list(map(inner, value))
        if is_set and len(arranged) > 1:
            arranged = sorted(arranged, key=canonical)
        moved = any(new is not old for new, old in zip(arranged, value, strict=True))
        return arranged if moved else value

    return arrange if is_set or inner else None
