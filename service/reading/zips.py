"""Zip archives that are sent while they are made, each file dated by the revision."""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import BufferedWriter
from typing import Any

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip archive can tell."""

PIECE = 65_536
"""Bytes that are compressed at once: what comes in lines is joined first."""


def stored(files: Iterable[tuple[str, str]], issued: str) -> Iterator[bytes]:
    """Yield an archive of texts as they are: the same bytes for ever, of a length that is known."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as target:
        for path, text in files:
            target.writestr(_entry(path, issued), text)
            yield sink.taken()
    yield sink.taken()


def packed(files: Iterable[tuple[str, Iterable[bytes]]], issued: str) -> Iterator[bytes]:
    """Yield an archive of files of any size, compressed, each made while it is sent."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as target:
        for path, chunks in files:
            entry = _entry(path, issued)
            entry.compress_type = zipfile.ZIP_DEFLATED
            opened: Any = target.open(entry, "w", force_zip64=True)
            with BufferedWriter(opened, PIECE) as file:
                for chunk in chunks:
                    file.write(chunk)
                    if sink.holds:
                        yield sink.taken()
            yield sink.taken()
    yield sink.taken()


def _entry(path: str, issued: str) -> zipfile.ZipInfo:
    at = datetime.strptime(issued, "%Y-%m-%dT%H:%M:%SZ")
    date = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    entry = zipfile.ZipInfo(path, max(date, EPOCH))
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


class _Sink:
    """What a zip is written into: it keeps what has not been taken yet."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    @property
    def holds(self) -> bool:
        return bool(self._parts)

    def write(self, data: bytes) -> int:
        if data:
            self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data
