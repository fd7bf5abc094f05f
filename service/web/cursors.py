"""Cursors: where a list goes on, bound to its revision, path and query.

A cursor is base64url of the JSON `[revision, key…, binding]` and a check sum of 4 bytes. It holds
no secret and no sort values, so there is nothing to sign: whoever forges one reads what is public.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

import orjson

from service.canonical import canonical, digest
from service.errors import BadQuery
from service.web.address import Address
from service.web.answers import ORDER

FOREIGN = "the cursor belongs to another list; take it from `links.next` and keep the query"
BROKEN = "the cursor is damaged; take it as it is from `links.next`"
LONGEST = 600

ID = "[a-z0-9-]{1,100}"
KIND = "|".join(ORDER)
NUMBER = "[1-9][0-9]{0,8}"
SERIES = "[a-z0-9._-]{1,400}"
DISPUTED = "series|events"
TURN = "became_contested|settled"


class Cursor(NamedTuple):
    """The revision that a walk reads, the key of the last item told, and the list's binding."""

    revision: int
    key: tuple[str, ...]
    binding: str
    parameter: str

    def after(self, *shapes: str) -> tuple[str, ...]:
        """Return the key. Raises `BadQuery` unless its parts have the shapes."""
        if len(self.key) != len(shapes) or not all(map(re.fullmatch, shapes, self.key)):
            raise BadQuery(BROKEN, self.parameter)
        return self.key


def encode(revision: int, key: tuple[str, ...], of: Address) -> str:
    """Return the cursor text that continues the list at an address after a key."""
    return written(revision, key, binding(of))


def written(revision: int, key: tuple[str, ...], binding: str) -> str:
    """Return the same by what the list is bound to."""
    body = orjson.dumps([revision, *key, binding])
    return _text(body + crc32(body).to_bytes(4, "big"))


# A walk sends each cursor once; casting a page reads it twice.
@lru_cache(maxsize=256)
def decode(text: str, parameter: str = "cursor") -> Cursor:
    """Return the cursor that a parameter gives. Raises `BadQuery` if a single bit differs."""
    try:
        data = urlsafe_b64decode(text[:LONGEST] + "=" * (-len(text) % 4))
        body, check = data[:-4], data[-4:]
        if _text(data) != text or crc32(body).to_bytes(4, "big") != check:
            raise ValueError
        revision, *key, binding = orjson.loads(body)
        if not (type(revision) is int and 0 < revision < 2**31 and set(map(type, key)) == {str}):
            raise ValueError
    except (ValueError, TypeError):
        raise BadQuery(BROKEN, parameter) from None
    return Cursor(revision, tuple(key), binding, parameter)


def check(cursor: Cursor, of: Address) -> None:
    """Raise `BadQuery` unless the cursor was made for this list."""
    if cursor.binding != binding(of):
        raise BadQuery(FOREIGN, cursor.parameter)


def binding(of: Address) -> str:
    """Return what a cursor is bound to; the size of a page may change on the way."""
    bound = of.asking(cursor=None, limit=None)
    return digest(canonical([bound.path, bound.query]))[:8]


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
