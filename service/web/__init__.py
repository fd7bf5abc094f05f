"""HTTP: routes are declared in `api`, and each concern of HTTP has its module here.

`operation` is the decorator that a route is declared with, `question` what its function is given;
`arguments`, `cursors`, `caching`, `representation` and `problems` each do one thing and say it in
the OpenAPI document too.
"""

from functools import cache, lru_cache, partial
from threading import BoundedSemaphore

from flask import Flask
from werkzeug.routing import Map

from service.config import Config
from service.store import Database
from service.web import arguments, journal, openapi, problems, security, sharing
from service.web.api import (
    datasets,
    diffs,
    disagreements,
    docs,
    exports,
    facets,
    feed,
    health,
    impact,
    ingestions,
    links,
    manifest,
    mementos,
    metrics,
    records,
    revisions,
    search,
    series,
)
from service.web.metrics import Metrics
from service.web.operation import Operation
from service.web.question import Service

RESOURCES = (
    links,
    datasets,
    revisions,
    records,
    facets,
    search,
    series,
    disagreements,
    impact,
    diffs,
    feed,
    mementos,
    manifest,
    exports,
    ingestions,
    docs,
    health,
    metrics,
)

OPERATIONS = tuple(
    declared
    for resource in RESOURCES
    for declared in vars(resource).values()
    if isinstance(declared, Operation)
)


@lru_cache(maxsize=4)
def _document(base: str) -> bytes:
    """Return the document. It is made when it is first asked for: it takes a third of a start."""
    return openapi.document(OPERATIONS, base)


@cache
def _routes() -> Map:
    """Return the routes, of every application alike: to compile them takes most of making one."""
    return arguments.routes(rule for operation in OPERATIONS for rule in operation.rules())


def register(app: Flask, db: Database, config: Config, metrics: Metrics) -> None:
    """Serve every operation over a store; absolute links begin with the configured base."""
    journal.register(app)
    security.register(app)
    sharing.register(app)
    problems.register(app)

    base = config.base_url
    # Some threads are always left for everything else.
    publishing, streaming = (BoundedSemaphore(max(1, config.threads // part)) for part in (4, 2))
    service = Service(db, base, partial(_document, base), config, publishing, streaming, metrics)
    app.url_map = _routes()
    for operation in OPERATIONS:
        operation.mount(app, service)
