"""The OpenAPI document, and the explorer that shows it: Swagger UI, served from here alone."""

from importlib.resources import files
from pathlib import PurePath

from service.errors import NotFound
from service.web.operation import operation
from service.web.question import Question
from service.web.representation import JSON, Answer

TAG = "Service"
UI = files("flask_swagger_ui") / "dist"
OWN = files("service.web") / "explorer"

MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".png": "image/png",
}
FILES = {
    "init.js": OWN,
    "favicon-32x32.png": UI,
    "swagger-ui-bundle.js": UI,
    "swagger-ui.css": UI,
}
"""The only files that are served, and where each lies."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'none'"
)
"""Swagger UI needs no more than this; its icons are `data:` images of its style sheet."""


@operation(
    "/openapi.json",
    name="getOpenAPI",
    tag=TAG,
    answers={JSON: {"type": "object", "required": ["openapi", "info", "paths"]}},
    caching="body",
)
def document(question: Question) -> Answer:
    """This document."""
    return Answer(question.service.document())


@operation(
    "/docs",
    name="getExplorer",
    tag=TAG,
    answers={"text/html": {"type": "string"}},
    caching="body",
    headers=("Content-Security-Policy",),
)
def explorer(question: Question) -> Answer:
    """An explorer of the API, in a browser. It loads nothing from other hosts."""
    page = (OWN / "explorer.html").read_bytes()
    return Answer(page, "text/html", headers={"Content-Security-Policy": POLICY})


@operation(
    "/docs/{file}",
    name="getExplorerFile",
    tag=TAG,
    answers={media_type: {} for media_type in MEDIA_TYPES.values() if media_type != "text/html"},
    errors=(NotFound,),
    caching="day",
)
def asset(question: Question, file: str) -> Answer:
    """A file of the explorer."""
    if file not in FILES:
        raise NotFound(f"the explorer has no file {file!r}; it has: {', '.join(FILES)}")
    return Answer((FILES[file] / file).read_bytes(), MEDIA_TYPES[PurePath(file).suffix])
