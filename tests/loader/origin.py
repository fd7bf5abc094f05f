"""A server on loopback that answers with exactly the bytes that a test gave it."""

import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CERTIFICATE = Path(__file__).with_name("origin.pem")
"""Of the host `releases.test`, signed by itself."""


class Origin(ThreadingHTTPServer):
    """Answers by path; each answer is all that is sent, status line included, piece by piece."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Iterable[bytes | float]] = {}
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.names: list[str | None] = []

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Return the URL of a path."""
        return f"http://{host}:{self.port}{path}"

    def gives(self, path: str, *pieces: bytes | float) -> str:
        """Answer a path with these pieces (a number is a pause) and return its URL."""
        self.answers[path] = pieces
        return self.url(path)

    def gives_file(self, path: str, body: bytes, **headers: str) -> str:
        """Answer a path as a good server does."""
        return self.gives(path, head(200, Content_Length=str(len(body)), **headers), body)

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are what is tested."""


class _Handler(BaseHTTPRequestHandler):
    server: Origin
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        for piece in self.server.answers.get(self.path, (head(404, Content_Length="0"),)):
            if isinstance(piece, float):
                time.sleep(piece)
            else:
                self.wfile.write(piece)
                self.wfile.flush()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def head(status: int, **headers: str) -> bytes:
    """Return a status line and headers; `_` stands for `-`."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"HTTP/1.1 {status} Told", "Connection: close", *lines, "", ""]).encode()


def chunked(*chunks: bytes) -> bytes:
    """Return chunks as they travel, with their end."""
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))


@contextmanager
def serving(*, tls: bool = False) -> Iterator[Origin]:
    """Run a server until the block ends."""
    server = Origin()
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        context.sni_callback = lambda _socket, name, _context: server.names.append(name)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
