"""JSON Schema from marshmallow schemas, by apispec; OpenAPI documents use the same conversion."""

from inspect import cleandoc
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema
from marshmallow.fields import Field

from schemas.base import StrictSchema
from schemas.fields import Strict

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Converter(OpenAPIConverter):
    """Adds what strict fields and the rules of strict schemas say in JSON Schema."""

    def init_attribute_functions(self) -> None:
        """Let a strict field have the last word on itself."""
        super().init_attribute_functions()  # type: ignore[no-untyped-call]
        self.attribute_functions.append(_said_by_the_field)

    def schema2jsonschema(self, schema: Schema) -> dict[str, Any]:
        """Return the component of one schema."""
        said: dict[str, Any] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        if isinstance(schema, StrictSchema):
            rules = [rule.json_schema for rule in schema.obeys if rule.json_schema]
            said |= {"description": cleandoc(schema.__doc__ or ""), "minProperties": 1}
            said |= {"allOf": rules} if rules else {}
        return said


def _said_by_the_field(field: Field[Any], ret: Any = None, **kwargs: Any) -> dict[str, Any]:
    return field.json_schema if isinstance(field, Strict) else {}


class _Plugin(MarshmallowPlugin):
    Converter = _Converter


def plugin() -> MarshmallowPlugin:
    """Return an apispec plugin that converts the schemas of this package in full."""
    return _Plugin(schema_name_resolver=component_name)


def component_name(schema: Any) -> str:
    """Return the name of a schema's component: that of its class without the word Schema."""
    schema_class = schema if isinstance(schema, type) else type(schema)
    return schema_class.__name__.removesuffix("Schema")


def document(*choices: Schema) -> dict[str, Any]:
    """Return a self-contained JSON Schema document: a record is one of the choices."""
    spec = APISpec(title="", version="", openapi_version="3.1.0", plugins=[plugin()])
    for schema in choices:
        spec.components.schema(component_name(schema), schema=schema)
    roots = [{"$ref": f"#/$defs/{component_name(schema)}"} for schema in choices]
    root = {"oneOf": roots} if len(roots) > 1 else roots[0]
    return {"$schema": DIALECT, **root, "$defs": _moved(spec.components.schemas)}


def _moved(value: Any) -> Any:
    """Return the components with references from OpenAPI's place for them to JSON Schema's."""
    if isinstance(value, dict):
        return {name: _moved(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_moved(member) for member in value]
    if isinstance(value, str):
        return value.replace("#/components/schemas/", "#/$defs/")
    return value
