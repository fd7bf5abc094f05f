"""Holds live answers against the served OpenAPI document, as a suspicious client would."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from werkzeug.test import TestResponse

UNSAID = {
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Content-Length",
    "Content-Security-Policy",
    "Content-Type",
    "Date",
    "Referrer-Policy",
    "X-Content-Type-Options",
}
"""Headers of the transport, and those that guard browsers and tell scripts what they may see."""


class Contract:
    """The document, asked whether it admits an answer."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._validators: dict[str, Any] = {}

    def template(self, path: str) -> str:
        """Return the documented path of an address, the one with the fewest open parts."""
        fitting = [known for known in self.document["paths"] if re.fullmatch(_pattern(known), path)]
        return min(fitting, key=lambda known: known.count("{"))

    def violations(self, path: str, answer: TestResponse) -> list[str]:
        """Return what the document does not admit in the answer at a path."""
        method = answer.request.method.lower().replace("head", "get")
        operation = self.document["paths"][self.template(path)][method]
        admitted = operation["responses"].get(str(answer.status_code))
        if admitted is None:
            return [f"status {answer.status_code}"]
        admitted = self.resolved(admitted)
        return [*self._of_headers(admitted, answer), *self._of_body(admitted, answer)]

    def valid(self, schema: dict[str, Any], value: Any) -> list[str]:
        """Return what a schema of the document does not admit in a value."""
        validator = self._validator(schema)
        return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(value)]

    def _validator(self, schema: dict[str, Any]) -> Any:
        key = json.dumps(schema)
        if key not in self._validators:
            # What refers to nothing is soon made.
            components = {"components": self.document["components"]} if "$ref" in key else {}
            whole = {"allOf": [schema], **components}
            made = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
            self._validators[key] = made
        return self._validators[key]

    def _of_headers(self, admitted: dict[str, Any], answer: TestResponse) -> Iterator[str]:
        told = {name: self.resolved(header) for name, header in admitted["headers"].items()}
        for name, header in told.items():
            if name in answer.headers:
                yield from self.valid(header["schema"], answer.headers[name])
            elif header.get("required"):
                yield f"no header {name}"
        for name in answer.headers.keys() - told.keys() - UNSAID:
            yield f"header {name}"

    def _of_body(self, admitted: dict[str, Any], answer: TestResponse) -> Iterator[str]:
        if "content" not in admitted:
            return
        if answer.mimetype not in admitted["content"]:
            yield f"media type {answer.mimetype}"
        elif answer.request.method != "HEAD":
            schema = admitted["content"][answer.mimetype]["schema"]
            is_json = answer.mimetype.endswith(("/json", "+json"))
            yield from self.valid(
                schema, answer.get_json() if is_json else answer.get_data().decode("latin-1")
            )

    def resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        """Return a part of the document, or what it refers to."""
        if "$ref" not in part:
            return part
        found: Any = self.document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return dict(found)


def declared(document: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters of an operation but for its filters, whose components have a dot."""
    components, found = document["components"]["parameters"], []
    for parameter in operation["parameters"]:
        name = parameter.get("$ref", "").rpartition("/")[2]
        if "." not in name:
            found.append(components[name] if name else parameter)
    return found


def _pattern(template: str) -> str:
    deep = ("node", "rest")
    return re.sub(r"{(\w+)}", lambda found: ".+" if found[1] in deep else "[^/]+", template)
