"""Content codings: gzip and zstd, for the clients that accept them.

An answer that is made at once is coded whole, so its length, its digest and its validator are those
of the bytes that are sent. A stream is sent as it is: what an export declares of itself stays true,
and a proxy in front can code it. The work is done once for each answer that is kept (`front`).
"""

import gzip
import re
import zlib
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import zstandard
from flask import Response
from werkzeug import exceptions as http

from service.web.representation import repr_digest

SMALLEST = 1024
"""Bytes from which on an answer is coded: less fits in one packet either way."""

# A page at these levels takes about as long as it takes to make; at gzip's 6 thrice that.
_GZIP_LEVEL, _ZSTD_LEVEL = 1, 3

IDENTITY = "identity"
VERSIONS: Mapping[str, str] = {
    "zstd": f"zstd {'.'.join(map(str, zstandard.ZSTD_VERSION))} {_ZSTD_LEVEL}",
    "gzip": f"gzip {zlib.ZLIB_RUNTIME_VERSION} {_GZIP_LEVEL}",
    IDENTITY: IDENTITY,
}
"""Coding, the best first, to what its bytes depend on: a library may write others in time."""

HEADERS: dict[str, Any] = {
    "Content-Encoding": {
        "description": "The coding of these bytes, where `Accept-Encoding` asked for one. The"
        " length, the digest and the tag are those of the coded bytes.",
        "schema": {"enum": [name for name in VERSIONS if name != IDENTITY]},
    },
}


class Accepted(NamedTuple):
    """The coding that a client likes best, and whether it takes uncoded bytes at all."""

    best: str
    plain: bool

    @property
    def candidates(self) -> tuple[str, ...]:
        """The codings that an answer may have: which one follows from its size."""
        return (self.best, IDENTITY) if self.plain and self.best != IDENTITY else (self.best,)

    def coding(self, length: int) -> str:
        """Return the coding of an answer of so many bytes."""
        return IDENTITY if self.plain and length < SMALLEST else self.best


# Clients send few different headers, over and over.
@lru_cache(maxsize=512)
def accepted(header: str | None) -> Accepted:
    """Return what an `Accept-Encoding` accepts (RFC 9110, 12.5.3). Raises `NotAcceptable`.

    Without the header nothing is coded. Among equals zstd comes first, then gzip.
    """
    asked = _qualities(header) if header is not None else {}
    rest = asked.get("*", 0.0)
    qualities = {name: asked.get(name, rest) for name in VERSIONS}
    if IDENTITY not in asked and "*" not in asked:
        # Not named, it is accepted, but what is named is wanted more.
        qualities[IDENTITY] = 0.0001
    best = max(qualities, key=lambda name: qualities[name])
    if not qualities[best]:
        raise http.NotAcceptable
    return Accepted(best, qualities[IDENTITY] > 0)


def coded(response: Response, wanted: Accepted, *, lasting: bool = False) -> str:
    """Code an answer as a client wants it, and return the coding that it has then.

    Those that are `lasting` belong to no revision, are few, and are coded once. Raises
    `NotAcceptable` for a stream that would have to be coded.
    """
    if response.is_streamed or wanted.coding(response.content_length) == IDENTITY:
        if not wanted.plain:
            raise http.NotAcceptable
        return IDENTITY
    if wanted.best != IDENTITY:
        pack = _packed_once if lasting else packed
        response.set_data(pack(response.get_data(), wanted.best))
        response.headers["Content-Encoding"] = wanted.best
        if "Repr-Digest" in response.headers:
            response.headers["Repr-Digest"] = repr_digest(sha256(response.get_data()).digest())
    return wanted.best


def packed(body: bytes, coding: str) -> bytes:
    """Return a body in a coding."""
    if coding == IDENTITY:
        return body
    if coding == "gzip":
        return gzip.compress(body, _GZIP_LEVEL, mtime=0)
    return zstandard.compress(body, _ZSTD_LEVEL)


_packed_once = lru_cache(maxsize=8)(packed)


def _qualities(header: str) -> dict[str, float]:
    """Return each coding that a header names and its weight; one that is malformed is worth 0."""
    found: dict[str, float] = {}
    for part in header.lower().split(","):
        name, *parameters = (word.strip() for word in part.split(";"))
        if name:
            found.setdefault({"x-gzip": "gzip"}.get(name, name), _weight(parameters))
    return found


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return float(value) if _QVALUE.fullmatch(value) else 0.0
    return 1.0


_QVALUE = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
