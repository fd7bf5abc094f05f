"""`run` and `serve`."""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import click
from granian.constants import Interfaces
from granian.server.mp import MPServer

from service.cli.bundled import bundled
from service.cli.outcome import config, store
from service.config import Config
from service.errors import Unavailable
from service.loader import Request, load, open_release
from service.store.migrate import migrate
from service.web.gate import threads
from service.web.metrics import FOLDER

STOP_SECONDS = 10
"""How long a worker may finish what it is answering; then it is ended."""


class _Server(MPServer):
    """The server, stopped by any number of signals.

    A process group and its parent (`make run`, a terminal) signal the same process twice. The
    handler runs on the thread that waits for the event, possibly while that holds the event's
    lock; so another thread sets it.
    """

    def signal_handler_interrupt(self, *_: Any, **__: Any) -> None:
        self.interrupt_signal = True
        Thread(target=self.main_loop_interrupt.set).start()


@click.command()
def run() -> None:
    """Migrate, load the bundled releases that are missing, in order, and serve."""
    settings = config()
    _require_free(settings)
    with store(current=False) as db:
        for done in migrate(db):
            click.echo(f"migrated: {done}")
        for release in bundled():
            report = load(db, open_release(str(release)), Request())
            click.echo(f"{report.release}: {report.message}")
    _serve(settings)


@click.command()
def serve() -> None:
    """Serve what is loaded."""
    settings = config()
    _require_free(settings)
    with store():
        pass
    _serve(settings)


def _serve(settings: Config) -> None:
    click.echo(f"serving {settings.base_url} (explorer: {settings.base_url}/docs)")
    with _counting(settings):
        _Server(
            "service.app:from_environ",
            factory=True,
            address=settings.bind,
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=settings.workers,
            blocking_threads=threads(settings),
            workers_kill_timeout=STOP_SECONDS,
            websockets=False,
            log_enabled=False,
        ).serve()


@contextmanager
def _counting(settings: Config) -> Iterator[None]:
    """Give several workers a folder in which their counts come together."""
    if settings.workers == 1:
        yield
        return
    with TemporaryDirectory(prefix="recension-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[FOLDER] = folder
        yield


def _require_free(settings: Config) -> None:
    """Raise `Unavailable` where the address cannot be listened on; the server would only log it."""
    family = socket.AF_INET6 if ":" in settings.bind else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.bind, settings.port))
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        hint = "; choose another with RECENSION_PORT" if taken else ""
        raise Unavailable(
            f"cannot listen on {settings.bind} port {settings.port}: {error.strerror}{hint}"
        ) from error
