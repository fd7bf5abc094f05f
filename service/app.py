"""The application: configuration, store and routes put together, as a plain WSGI callable."""

import os

from flask import Flask

from service import web
from service.config import Config
from service.store import Database, open_database
from service.web import journal
from service.web.front import Front
from service.web.gate import Gate
from service.web.metrics import Metrics


def create_app(config: Config, db: Database) -> Flask:
    """Return the application over a store that is open."""
    # No folder of files is served: each file that is has its own route.
    app = Flask(__name__, static_folder=None, template_folder=None)

    # A foreign Host header is refused; without a list any is taken, for no answer depends on it.
    app.config["TRUSTED_HOSTS"] = list(config.trusted_hosts) or None

    # OPTIONS is answered for what is shared with scripts of other sites, and for nothing else.
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False

    metrics = Metrics()
    web.register(app, db, config, metrics)

    # What was answered before and still holds does not pay for the framework again.
    front = Front(app.wsgi_app, db, config)

    # Outermost: whatever answers has its turn, and is counted.
    app.wsgi_app = Gate(front, db, config, metrics)  # type: ignore[assignment]
    return app


def from_environ() -> Flask:
    """Return the application that the environment configures, for a WSGI server to serve."""
    config = Config.from_environ(os.environ)
    journal.to_standard_error()
    return create_app(config, open_database(config.database_url, config.query_seconds))
