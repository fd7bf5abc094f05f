"""What is kept of an answer: what was sent, and what it follows from."""

from collections.abc import Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

from service.model import State

Headers = list[tuple[str, str]]

_OVERHEAD = 150
"""Bytes that a header takes beside its name and value."""

OWN = frozenset({"Date", "X-Request-ID"})
"""Headers that each answer has of its own."""


class Basis(NamedTuple):
    """What an answer follows from: the state of its dataset; and the tags that it may have."""

    dataset: str
    state: State
    pinned: bool
    tags: Sequence[str]


class Sent(NamedTuple):
    """What was sent, without the headers that each answer has of its own."""

    status: str
    headers: Headers
    body: bytes

    @property
    def size(self) -> int:
        """The bytes that it takes."""
        texts = "".join(chain.from_iterable(self.headers))
        return len(self.body) + len(texts) + _OVERHEAD * len(self.headers)


class Kept(NamedTuple):
    """What is known of a request: its answer, and what was sent to those who hold one of its tags.

    `operation` is the id, in the document, of what answered.
    """

    basis: Basis
    operation: str
    answer: Sent | None = None
    unchanged: Mapping[str, Sent] = MappingProxyType({})

    @property
    def size(self) -> int:
        """The bytes that it takes."""
        return sum(sent.size for sent in (self.answer, *self.unchanged.values()) if sent)

    def sent(self, etag: str | None) -> Sent | None:
        """Return what was sent to a client that holds a tag of it, or none; None if not known."""
        return self.unchanged.get(etag) if etag else self.answer

    def knowing(self, etag: str | None, sent: Sent) -> "Kept":
        """Return it with something that was sent."""
        if etag:
            return Kept(self.basis, self.operation, self.answer, {**self.unchanged, etag: sent})
        return Kept(self.basis, self.operation, sent, self.unchanged)
