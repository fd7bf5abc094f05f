"""The OpenAPI 3.1 document, made from the declared operations and from nothing else."""

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import orjson
from apispec import APISpec
from werkzeug import exceptions as http

from schemas import KINDS
from schemas import jsonschema as converted
from schemas.redaction import RedactedSchema
from service import __version__
from service.errors import BadQuery, NotFound, OutOfTime, Unavailable
from service.web import (
    access,
    alike,
    answers,
    caching,
    citations,
    parameters,
    problems,
    ranges,
)
from service.web.arguments import IN_PATH
from service.web.headers import HEADERS
from service.web.listed import SPARSE
from service.web.operation import Operation, words
from service.web.problems import PROBLEMS, Problem
from service.web.terms import Terms

ALWAYS = (
    BadQuery,
    http.NotAcceptable,
    http.RequestEntityTooLarge,
    http.RequestURITooLarge,
    http.InternalServerError,
    problems.Busy,
)
"""What any operation may answer instead. 405 belongs to none: it is for other methods."""

EXAMPLES: Mapping[str, Any] = orjson.loads(
    files("service.web").joinpath("answers.json").read_bytes()
)
"""Id of an operation to what it answered of the bundled dataset, and to which request."""

INFO = {
    "summary": "Versioned datasets of contested facts",
    "description": (
        "Structured, source-attributed records of unfolding crises. Contradicting claims stand"
        " side by side, and every re-ingestion is an immutable, verifiable revision.\n\n"
        "A moving address (`/v1/datasets/D/figures`) answers for the newest revision and names"
        " its pinned address (`/v1/datasets/D/revisions/N/figures`) in `Content-Location`; a"
        " pinned answer never changes. Lists go on at `links.next`, which stays at the revision"
        " where the walk began. Every GET has its HEAD. Errors are problem details (RFC 9457)."
        " Scripts of any site may read what needs no token (CORS)."
    ),
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}

TAGS = {
    "Datasets": "Named series of revisions.",
    "Revisions": "Immutable states of a whole dataset, and their sums.",
    "Records": "Sources, actors, events and figures.",
    "Contested facts": "Which claims count the same thing, what they come to, and who disagrees.",
    "Versions": "How something was at an instant (RFC 7089).",
    "Changes": "What became of records between revisions.",
    "Ingestions": "Publishing over HTTP, and what came of each run of the loader.",
    "Service": "The service itself.",
}


def document(operations: Iterable[Operation], base: str) -> bytes:
    """Return the document as JSON."""
    spec = APISpec(
        "Recension",
        __version__,
        "3.1.0",
        plugins=[converted.plugin()],
        info=INFO,
        servers=_servers(base),
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
    )
    _components(spec)
    for operation in operations:
        for path, declared in _paths(operation):
            spec.path(path=path, operations={operation.terms.method.lower(): declared})
    return orjson.dumps(alike.shared(spec.to_dict()))


def _servers(base: str) -> list[dict[str, str]]:
    """Return first the host that the document came from, whatever it is called there."""
    return [
        {"url": urlsplit(base).path or "/", "description": "Where this document came from."},
        {"url": base, "description": "The base of absolute links."},
    ]


def _components(spec: APISpec) -> None:
    for schema in (*(kind.schema for kind in KINDS.values()), *SPARSE.values(), RedactedSchema()):
        spec.components.schema(converted.component_name(schema), schema=schema)
    spec.components.schema("Problem", schema=answers.ProblemSchema)
    spec.components.schema("CslCitation", component=citations.CSL_SCHEMA)
    spec.components.security_scheme("token", access.SCHEME)
    for name, parameter in parameters.components().items():
        spec.components.parameter(name, "query", parameter)
    for name, answer in EXAMPLES.items():
        shown = {"summary": answer["summary"], "value": answer["value"]}
        spec.components.example(name, shown)
    for name, header in HEADERS.items():
        spec.components.header(name, header)
    for problem in PROBLEMS.values():
        spec.components.response(problem.name, _problem(problem))


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "description": problem.description,
        "headers": _headers(("Cache-Control", "X-Request-ID", *problem.headers)),
        "content": {
            problems.MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": problem.told(problem.description),
            }
        },
    }


def _paths(operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a path and its operation: one for each kind, moving and pinned."""
    for kind in operation.kinds:
        for path in operation.paths:
            yield path.replace("{kind}", kind), _operation(operation, path, kind)


def _operation(operation: Operation, path: str, kind: str) -> dict[str, Any]:
    summary, _, description = operation.text.format(**words(kind)).partition("\n\n")
    if path != operation.path:
        summary = f"{summary.rstrip('.')}, at a revision."
    name = operation.ids(path)[kind]
    return {
        "operationId": name,
        "tags": [operation.tag],
        "summary": summary,
        "description": description,
        "parameters": _parameters(operation, path, kind),
        "responses": _exemplified(_responses(operation, path, kind), name),
        **_terms(operation.terms),
    }


def _exemplified(responses: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the responses of an operation with an example of its answer, where there is one."""
    if name in EXAMPLES:
        told = responses["200"]["content"][EXAMPLES[name]["media_type"]]
        told["examples"] = {"bundled": {"$ref": f"#/components/examples/{name}"}}
    return responses


def _terms(terms: Terms) -> dict[str, Any]:
    content = {media_type: {"schema": schema} for media_type, schema in terms.takes.items()}
    return {
        **({"requestBody": {"required": True, "content": content}} if content else {}),
        **({"security": [{"token": []}]} if terms.guarded else {}),
    }


def _parameters(operation: Operation, path: str, kind: str) -> list[Any]:
    """Return the parts of the path, the query and the conditional header."""
    names = [name for name in re.findall(r"{(\w+)}", path) if name != "kind"]
    parts = [_in_path(name, kind) for name in names]
    schema = operation.asked(kind, pinned="{revision}" in path)
    declared = [{"in": "query", "schema": schema}] if schema.fields else []
    query = [*declared, *parameters.described(schema)]
    conditional = [caching.IF_NONE_MATCH] if operation.caching != "never" else []
    conditional += [ranges.RANGE, ranges.IF_RANGE] if operation.resumes(path) else []
    return [*parts, *query, *conditional, *operation.terms.asks]


def _in_path(name: str, kind: str) -> dict[str, Any]:
    part = IN_PATH[name]
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": part.description,
        "schema": part.schema,
        **({"example": _example(part.example, kind)} if part.example is not None else {}),
    }


def _example(example: Any, kind: str) -> Any:
    return example[kind] if isinstance(example, Mapping) else example


def _responses(operation: Operation, path: str, kind: str) -> dict[str, Any]:
    content = {
        media_type: {"schema": schema} for media_type, schema in operation.forms(kind).items()
    }
    always, located = ["Cache-Control", "X-Request-ID"], []
    if operation.caching != "never":
        always += ["ETag", "Vary"]
    if operation.moves(path):
        located.append("Content-Location")
    coded = ["Content-Encoding"] if operation.caching != "never" else []
    links = ["Link"] if operation.caching == "revision" else []
    if operation.remembers(path):
        links.append("Memento-Datetime")
    headers = _headers([*always, *located, *coded, *links, *operation.headers])
    told: dict[str, Any] = {
        str(status): {
            "description": description,
            "headers": headers,
            **({"content": content} if content else {}),
        }
        for status, description in operation.terms.statuses.items()
    }
    if operation.resumes(path):
        part = {**headers, **_headers(["Accept-Ranges", "Content-Range"])}
        told["200"]["headers"] = {**headers, **_headers(["Accept-Ranges"])}
        told["206"] = {"description": ranges.PART, "headers": part, "content": _binary(content)}
    if operation.caching != "never":
        headers = _headers([*always, *located])
        told["304"] = {"description": caching.NOT_MODIFIED, "headers": headers}
    return told | _errors(operation, path)


def _binary(content: dict[str, Any]) -> dict[str, Any]:
    """Return the same media types without what they say: a part obeys no schema."""
    return {media_type: {"schema": {}} for media_type in content}


def _errors(operation: Operation, path: str) -> dict[str, Any]:
    versioned = (NotFound, Unavailable, OutOfTime) if operation.caching == "revision" else ()
    guarded = (access.Unauthorized, access.Forbidden) if operation.terms.guarded else ()
    ranged = (http.RequestedRangeNotSatisfiable,) if operation.resumes(path) else ()
    known: dict[int, list[Problem]] = {}
    for error in dict.fromkeys((*ALWAYS, *versioned, *guarded, *ranged, *operation.errors)):
        known.setdefault(PROBLEMS[error].status, []).append(PROBLEMS[error])
    return {str(status): _one_of(known[status]) for status in sorted(known)}


def _one_of(alike: list[Problem]) -> dict[str, Any]:
    """Return the response of one status, which may tell one of several problems."""
    if len(alike) == 1:
        return {"$ref": f"#/components/responses/{alike[0].name}"}
    response = _problem(alike[0])
    response["description"] = " Or: ".join(problem.description for problem in alike)
    told = response["content"][problems.MEDIA_TYPE]
    del told["example"]
    told["examples"] = {
        problem.name: {"value": problem.told(problem.description)} for problem in alike
    }
    return response


def _headers(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
