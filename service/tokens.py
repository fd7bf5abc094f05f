"""Bearer tokens for publishing over HTTP.

A token is 256 random bits, so its plain sha256 is enough to keep: there is nothing to guess that a
slow hash would protect. The service knows hashes only, and compares all of them in constant time.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from typing import NamedTuple

PREFIX = "rcn_"
"""So that scanners for leaked secrets find one, and a reader knows what it is."""

ANY = "*"
CREATE = "+create"

_LINE = re.compile(rf"(\*|[a-z0-9]+(?:-[a-z0-9]+)*)({re.escape(CREATE)})?:([0-9a-f]{{64}})")


class Grant(NamedTuple):
    """What the bearer of a token may do: publish to a dataset (`*` for all), create it or not."""

    dataset: str
    may_create: bool
    sha256: str

    def covers(self, dataset: str) -> bool:
        """Say whether it is for this dataset."""
        return self.dataset in (ANY, dataset)

    def __str__(self) -> str:
        return f"{self.dataset}{CREATE if self.may_create else ''}:{self.sha256}"


def made(dataset: str, *, may_create: bool = False) -> tuple[str, Grant]:
    """Return a new token, to be shown once, and the grant that the service keeps of it."""
    token = PREFIX + token_urlsafe(32)
    return token, Grant(dataset, may_create, _hash(token))


def parsed(line: str) -> Grant | None:
    """Return the grant that a line such as `D:SHA256` or `*+create:SHA256` gives, if it is one."""
    found = _LINE.fullmatch(line)
    return Grant(found[1], bool(found[2]), found[3]) if found else None


def grants(known: Iterable[Grant], token: str) -> tuple[Grant, ...]:
    """Return every grant of a token; each known one is compared, whatever was found before."""
    given = _hash(token)
    return tuple([grant for grant in known if compare_digest(grant.sha256, given)])


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
