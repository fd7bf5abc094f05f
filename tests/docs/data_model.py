"""The tables of `docs/data-model.md`, made from the schemas."""

from collections.abc import Iterator
from inspect import cleandoc

from marshmallow import Schema
from marshmallow.fields import Field

from schemas import DATASET, KINDS
from schemas.base import members
from schemas.fields import Chain, Code, ExternalIds, Plain, Record, SetOf, Truth
from schemas.jsonschema import component_name
from schemas.numbers import Integer, Number
from schemas.redaction import RedactedSchema
from schemas.tables import headings
from schemas.texts import Patterned, Ref, Short, Text

LONGEST_LIST = 45
"""Codes of longer lists are those of a standard, which the description names."""

USES = {"filterable": "filter", "sortable": "sort", "searchable": "search"}
WORDS: dict[type, str] = {
    Number: "number",
    Integer: "integer",
    Truth: "true or false",
    ExternalIds: "object of texts",
    Short: "short",
    Text: "text",
}


def columns() -> str:
    """Return the columns of the table of each kind."""
    told = {"text": "", "number": " (number)", "truth": " (true or false)", "json": " (JSON)"}
    rows = []
    for kind in KINDS.values():
        names = (f"`{name}`{told[each.form]}" for name, each in headings(kind).items())
        rows.append(f"| `{kind.name}` | {', '.join(names)} |\n")
    return "\n| kind | columns |\n|---|---|\n" + "".join(rows) + "\n"


def tables() -> str:
    """Return a chapter for each kind, then one for the objects that stand inside of records."""
    kinds = [*KINDS.values(), DATASET]
    chapters = [_chapter(f"Kind `{kind.name}`", kind.schema) for kind in kinds if kind != DATASET]
    chapters.append(_chapter("`dataset.json`", DATASET.schema))
    chapters.append(_chapter("The stub of a redacted record", RedactedSchema()))
    chapters.append("### Objects inside of records\n")
    inside: dict[str, Schema] = {}
    for schema in (*(kind.schema for kind in kinds), RedactedSchema()):
        inside |= {component_name(each): each for each in _below(schema)}
    chapters += [_chapter(title, inside[title], "####") for title in sorted(inside)]
    return "\n" + "\n".join(chapters) + "\n"


def _chapter(title: str, schema: Schema, level: str = "###") -> str:
    rows = "".join(_row(title, field) for title, field in members(schema))
    return (
        f"{level} {title}\n\n{cleandoc(schema.__doc__ or '')}\n\n"
        f"| member | | type | what it says | declared for |\n|---|---|---|---|---|\n{rows}"
    )


def _row(title: str, field: Field) -> str:
    due = "required" if field.required else ""
    said = field.metadata.get("description", "")
    used = ", ".join(word for use, word in USES.items() if _declares(field, use))
    return f"| `{title}` | {due} | {_type(field)} | {said} | {used} |\n"


def _declares(field: Field, use: str) -> bool:
    field = field.inner if isinstance(field, Chain) else field
    return isinstance(field, Plain) and field.declares(use)


def _type(field: Field) -> str:
    if isinstance(field, Chain):
        return ("set of " if isinstance(field, SetOf) else "list of ") + _type(field.inner)
    if isinstance(field, Record):
        title = component_name(field.schema)
        return f"[{title}](#{title.lower()})"
    if isinstance(field, Code):
        return _codes(field)
    if isinstance(field, Ref):
        return f"id of {field.kind}"
    for known, word in WORDS.items():
        if isinstance(field, known):
            return word
    assert isinstance(field, Patterned), field
    return type(field).__name__.lower()


def _codes(field: Code) -> str:
    if len(field.values) > LONGEST_LIST:
        return "code"
    return "one of " + ", ".join(f"`{value}`" for value in field.values)


def _below(schema: Schema) -> Iterator[Schema]:
    for _, field in members(schema):
        field = field.inner if isinstance(field, Chain) else field
        if isinstance(field, Record):
            yield field.schema
            yield from _below(field.schema)
