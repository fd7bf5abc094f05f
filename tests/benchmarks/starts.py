"""The start of the service, from the command to the first good answer."""

import socket
import time
from collections.abc import Callable

from tests.benchmarks import stage as stages
from tests.benchmarks.measures import Figures, Part, Ratio, Work
from tests.benchmarks.stage import Stage
from tests.servers import free_port, start, stop

LIVE, READY = "start to /healthz, s", "start to /readyz, s"
LONGEST = 60.0
_STEP = 0.005


def starts(stage: Stage) -> Part:
    """How long nobody is answered after `recension serve`."""

    def run(_: float) -> Figures:
        port, began = free_port(), time.perf_counter()
        process = start(stage.ground.url, stages.SERVE, port=str(port), workers=str(stages.WORKERS))
        try:
            live = _until(port, "/healthz", began)
            return {LIVE: live, READY: _until(port, "/readyz", began)}
        finally:
            stop(process)

    return Part([Work("start", run)], [Ratio(LIVE, LIVE, most=2), Ratio(READY, READY, most=2)])


def _until(port: int, path: str, began: float) -> float:
    """Return the seconds until a path is answered well."""
    asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    while (spent := time.perf_counter() - began) < LONGEST:
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as connection:
                connection.sendall(asked)
                if connection.recv(12) == b"HTTP/1.1 200":
                    return time.perf_counter() - began
        except OSError:
            pass
        time.sleep(_STEP)
    raise RuntimeError(f"{path} was not answered well in {spent:.0f} s")


PARTS: dict[str, Callable[[Stage], Part]] = {"start": starts}
