"""HTTP: routes are declared in `api`, and each concern of HTTP has its module here.

`operation` is the decorator that a route is declared with, `question` what its function is given;
`arguments`, `cursors`, `caching`, `representation` and `problems` each do one thing and say it in
the OpenAPI document too.
"""

from flask import Flask

from service.store import Database
from service.web import arguments, journal, openapi, problems, security
from service.web.api import datasets, diffs, docs, health, links, manifest, records, revisions
from service.web.operation import Operation
from service.web.question import Service

RESOURCES = (links, datasets, revisions, records, diffs, manifest, docs, health)

OPERATIONS = tuple(
    declared
    for resource in RESOURCES
    for declared in vars(resource).values()
    if isinstance(declared, Operation)
)


def register(app: Flask, db: Database, base: str) -> None:
    """Serve every operation over a store; absolute links begin with the base."""
    journal.register(app)
    security.register(app)
    arguments.register(app.url_map)
    problems.register(app)

    service = Service(db, base, openapi.document(OPERATIONS, base))
    for operation in OPERATIONS:
        operation.mount(app, service)
