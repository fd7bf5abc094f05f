"""Bytes from the network into a bounded temporary file; gzip is unpacked on the way.

Whatever arrives is counted as it comes: neither a declared length nor a packed size is believed.
"""

import zlib
from collections.abc import Iterable, Iterator
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, NamedTuple, cast

from service.errors import Refused, TooLarge
from service.loader.release.limits import MIB
from service.model import Flaw, Place

RATIO = 100
RATIO_FROM = 10 * MIB
"""Nothing that people publish packs better than this; below the size it does no harm."""

_STEP = 1 << 16
_IN_MEMORY = MIB
_GZIP = 16 + zlib.MAX_WBITS


class Spooled(NamedTuple):
    """A temporary file at its start, which ends with its last user, and the digest of it."""

    file: BinaryIO
    sha256: str


def spooled(chunks: Iterable[bytes], most: int, advice: str) -> Spooled:
    """Return the bytes as a file. Raises `TooLarge`, with the advice, for more than `most`."""
    hashed, size = sha256(), 0
    file = cast(BinaryIO, SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 - the caller closes it
    try:
        for chunk in chunks:
            size += len(chunk)
            if size > most:
                raise TooLarge(f"more than {sized(most)}: {advice}")
            hashed.update(chunk)
            file.write(chunk)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return Spooled(file, hashed.hexdigest())


def unpacked(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield what gzip holds in pieces of bounded size, one member after another.

    Raises `Refused` where it is broken or ends too early, and `TooLarge` where it packs more
    tightly than any release does.
    """
    packed = size = 0
    member: zlib._Decompress | None = None
    for chunk in chunks:
        packed += len(chunk)
        rest = chunk
        while rest:
            member = member or zlib.decompressobj(_GZIP)
            piece = _piece(member, rest, name)
            size += len(piece)
            if size > RATIO_FROM and size > RATIO * packed:
                raise TooLarge(f"{name} is gzip that unpacks to more than {RATIO} times its size")
            yield piece
            rest = member.unused_data if member.eof else member.unconsumed_tail
            member = None if member.eof else member
    if member or not packed:
        raise _broken(name, "truncated: gzip that lacks its end")


def _piece(member: "zlib._Decompress", data: bytes, name: str) -> bytes:
    try:
        return member.decompress(data, _STEP)
    except zlib.error:
        raise _broken(name, "not gzip, or damaged gzip") from None


def _broken(name: str, detail: str) -> Refused:
    return Refused(f"{name} is {detail}", [Flaw(Place(name), detail)])


def sized(count: int) -> str:
    """Return a number of bytes as people read it."""
    return f"{count // MIB} MiB" if count >= MIB and count % MIB == 0 else f"{count} bytes"
