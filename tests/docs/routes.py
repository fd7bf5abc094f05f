"""The tables of `docs/api.md`, made from the served OpenAPI document."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from service.model import KINDS
from service.web import OPERATIONS
from service.web.openapi import document
from tests.api.contract import declared

BASE = "http://127.0.0.1:8000"
PINNED = "/revisions/{revision}"
BESIDE = ("limit", "cursor")
"""Parameters of every list, told once."""


@cache
def described() -> dict[str, Any]:
    """Return the OpenAPI document."""
    told: dict[str, Any] = json.loads(document(OPERATIONS, BASE))
    return told


def of_any_kind(path: str) -> str:
    """Return a path template with `{kind}` for the name of a kind."""
    return re.sub(rf"(?<=}})/({'|'.join(KINDS)})(?=/{{id}}|$)", "/{kind}", path)


def moving(path: str) -> str:
    """Return the moving twin of a pinned path; a revision itself is pinned and has none."""
    return path.replace(f"{PINNED}/", "/", 1)


def tables() -> str:
    """Return a table of the operations under each tag."""
    told = described()
    rows: dict[str, dict[str, str]] = {tag["name"]: {} for tag in told["tags"]}
    paths = {of_any_kind(path) for path in told["paths"]}
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            path = of_any_kind(path)
            if moving(path) not in paths - {path}:
                rows[operation["tags"][0]].setdefault(
                    f"{method} {path}", _row(method.upper(), path, operation, paths)
                )
    return "\n" + "\n".join(_table(tag, rows[tag["name"]]) for tag in told["tags"]) + "\n"


def _table(tag: dict[str, str], rows: dict[str, str]) -> str:
    return (
        f"### {tag['name']}\n\n{tag['description']}\n\n"
        f"| address | pinned too | answers | parameters |\n|---|---|---|---|\n"
        + "".join(rows.values())
    )


def _row(method: str, path: str, operation: dict[str, Any], paths: set[str]) -> str:
    pinned = path.replace("{dataset}/", "{dataset}" + PINNED + "/", 1)
    said = re.sub(rf"\b({'|'.join(KINDS)})\b", "records", operation["summary"])
    has = "yes" if pinned != path and pinned in paths else ""
    shown = " ".join([*(() if method == "GET" else (method,)), path])
    return f"| `{shown}` | {has} | {said} | {', '.join(_asked(operation))} |\n"


def _asked(operation: dict[str, Any]) -> Iterator[str]:
    told = declared(described(), operation)
    names = [each["name"] for each in told if each["in"] == "query"]
    if set(BESIDE) <= set(names):
        yield "a list"
    yield from (f"`{name}`" for name in names if name not in BESIDE)
    if len(told) < len(operation["parameters"]):
        yield "filters"


def problems() -> str:
    """Return a table of the problems that answers may tell."""
    responses = described()["components"]["responses"]
    rows = []
    for name, response in responses.items():
        content = response.get("content", {}).get("application/problem+json", {})
        if "example" not in content:
            continue  # Several problems of one status, or no problem.
        rows.append(f"| {content['example']['status']} | `{name}` | {response['description']} |\n")
    return "\n| status | name | what it says |\n|---|---|---|\n" + "".join(sorted(rows)) + "\n"
