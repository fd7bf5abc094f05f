"""Bytes from regular files and streams, never more of them than a limit allows."""

import os
import stat
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from io import BufferedIOBase
from typing import Any, BinaryIO, NamedTuple, cast

from service.loader.release import limits, strict_json, strict_yaml
from service.loader.release.ahead import ahead
from service.loader.release.malformed import BOM, Fault, Malformed
from service.loader.release.strict_yaml import Parsed

YAML = (".yaml", ".yml")
JSON = (".json",)
NDJSON = (".ndjson", ".jsonl")
CSV = (".csv",)
_CHUNK = 1 << 16
_BLOCK = 1 << 20


class Line(NamedTuple):
    """One line, numbered from 1, without its end; `data` is None where it is too long."""

    number: int
    data: bytes | None


def suffix(path: str) -> str:
    """Return the last suffix of a file's name."""
    return os.path.splitext(path)[1]


def printable(path: str) -> str:
    """Return a path as a message can carry it, even where its bytes are not UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def opened(path: str) -> BinaryIO:
    """Open a regular file, or raise Malformed; a FIFO or device is neither waited for nor read."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise unreadable(error) from None
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise Malformed([Fault(None, "", "not a regular file: pipes and devices are not read")])
    return os.fdopen(number, "rb")


def unreadable(error: OSError) -> Malformed:
    """Return the fault of a file that the system does not give."""
    reason = error.strerror or "unknown error"
    return Malformed([Fault(None, "", f"cannot be read: {reason[0].lower()}{reason[1:]}")])


def contents(path: str) -> bytes:
    """Return the bytes of a YAML or JSON file, read from one descriptor."""
    with opened(path) as stream:
        try:
            return all_of(stream, limit_of(path))
        except OSError as error:
            raise unreadable(error) from None


def limit_of(name: str) -> int:
    """Return how many bytes a file of YAML or JSON may have, by the suffix of its name."""
    return limits.YAML_FILE if suffix(name) in YAML else limits.JSON_FILE


def all_of(stream: BinaryIO, limit: int, start: bytes = b"") -> bytes:
    """Return what a stream still holds, after what was already read of it."""
    chunks, size = [start], len(start)
    while size <= limit:
        chunk = stream.read(min(limit + 1 - size, limits.MIB))
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
        size += len(chunk)
    raise Malformed([Fault(None, "", f"longer than {limit // limits.MIB} MiB: split it")])


def parsed(data: bytes, form: str) -> Parsed:
    """Return the value of a YAML or JSON file; `form` is the suffix of its name."""
    if form in YAML:
        return strict_yaml.decode(data)
    return Parsed(strict_json.decode(data), None)


def line_from(
    stream: BinaryIO, number: int, seen: Callable[[bytes], object], start: bytes = b""
) -> Line | None:
    """Return the next line; all its bytes go to `seen`, but one that is too long is not kept.

    `start` is what a look ahead already read of it.
    """
    data = start or stream.readline(limits.LINE + 1)
    if not data:
        return None
    seen(data)
    if len(data) > limits.LINE and not data.endswith(b"\n"):
        _skip(stream, seen)
        return Line(number, None)
    return numbered(number, data.removesuffix(b"\n"))


def lines(stream: BinaryIO, seen: Callable[[bytes], object], first: int = 1) -> Iterator[Line]:
    """Yield each line that a stream still holds, numbered from `first`; all bytes go to `seen`."""
    number = first
    for block in _whole(_read(stream, seen)):
        for data in parted(block):
            yield numbered(number, data)
            number += 1


def blocks(stream: BinaryIO, seen: Callable[[bytes], object]) -> Generator[bytes]:
    """Yield the lines that a stream still holds, some at a time, each with a line feed, also where
    the last has none. One that is too long may come cut off, and too long for all that.

    All bytes go to `seen`, block by block: a call for each line costs as much as the hashing. Of a
    file the next block is read and seen by another thread meanwhile. To be closed.
    """
    read = _read(stream, seen)
    # A pipe may have nothing for long, and whoever stops this would wait for it.
    with closing(ahead(read) if stream.seekable() else read) as given:
        yield from _whole(given)


def _whole(given: Iterable[bytes]) -> Generator[bytes]:
    """Yield blocks that end where a line does."""
    rest: list[bytes] = []
    for block in given:
        end = block.rfind(b"\n") + 1
        if end:
            # Put together once: a long line comes in many blocks.
            whole = b"".join((*rest, memoryview(block)[:end]))
            rest = []
            yield whole
        if sum(map(len, rest)) <= limits.LINE:
            rest.append(block[end:])
    if data := b"".join(rest):
        yield data + b"\n"


def _read(stream: BinaryIO, seen: Callable[[bytes], object]) -> Generator[bytes]:
    # One reading at a time: what comes before an error is read for all that.
    read = cast(BufferedIOBase, stream).read1
    while block := read(_BLOCK):
        seen(block)
        yield block


def parted(block: bytes) -> list[bytes]:
    """Return the lines of a block."""
    return block[:-1].split(b"\n")


def numbered(number: int, data: bytes) -> Line:
    """Return a line of a block, without what is no part of it."""
    if len(data) > limits.LINE:
        return Line(number, None)
    return Line(number, (data.removeprefix(BOM) if number == 1 else data).removesuffix(b"\r"))


def value_of(line: Line) -> Any:
    """Return the JSON value of a line, or raise Malformed."""
    if line.data is None:
        detail = f"longer than {limits.LINE // limits.MIB} MiB: no record is"
        raise Malformed([Fault(line.number, "", detail)])
    if not line.data.strip():
        raise Malformed([Fault(line.number, "", "an empty line: remove it")])
    return strict_json.decode(line.data, starts_file=False)


def _skip(stream: BinaryIO, seen: Callable[[bytes], object]) -> None:
    while data := stream.readline(_CHUNK):
        seen(data)
        if data.endswith(b"\n"):
            return
