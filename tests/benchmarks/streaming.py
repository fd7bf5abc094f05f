"""One client that takes a stream as fast as it comes, and notes when.

It looks at the head and at the end, and throws the rest away: what is measured is the service.
"""

import re
import socket
import time
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

_STEP = 1 << 18
_SECONDS = 600.0
_END_OF_HEAD = b"\r\n\r\n"
_OPEN_ENDED = b"\r\n0\r\n\r\n"
"""How an answer ends whose length was not known when it began."""


class Streamed(NamedTuple):
    """Seconds from the request to the first byte of the body and to the last; bytes in all."""

    first: float
    whole: float
    bytes: int


def streamed(base: str, path: str) -> Streamed:
    """Get a stream. Raises `RuntimeError` where it is refused or not whole."""
    told = urlsplit(base)
    asked = f"GET {path} HTTP/1.1\r\nHost: {told.netloc}\r\nConnection: close\r\n\r\n"
    with socket.create_connection((told.hostname, told.port), _SECONDS) as connection:
        began = time.perf_counter()
        connection.sendall(asked.encode())
        return _read(_parts(connection), path, began)


def _read(parts: Iterator[bytes], path: str, began: float) -> Streamed:
    head, size, first, end = b"", 0, 0.0, b""
    for part in parts:
        size += len(part)
        end = (end + part)[-len(_OPEN_ENDED) :]
        if not first:
            head += part
            _, separator, body = head.partition(_END_OF_HEAD)
            if separator and body:
                first = time.perf_counter() - began
    if not head.startswith(b"HTTP/1.1 200 ") or not _is_whole(head, size, end):
        raise RuntimeError(f"{path} was not answered whole: {head[:200]!r} … {end!r}")
    return Streamed(first, time.perf_counter() - began, size)


def _is_whole(head: bytes, size: int, end: bytes) -> bool:
    before = head.partition(_END_OF_HEAD)[0] + _END_OF_HEAD
    told = re.search(rb"\r\ncontent-length: *([0-9]+)\r\n", before.lower())
    return end == _OPEN_ENDED if told is None else size == len(before) + int(told[1])


def _parts(connection: socket.socket) -> Iterator[bytes]:
    while part := connection.recv(_STEP):
        yield part
