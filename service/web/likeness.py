"""What the answers to many requests have in common: pages of one list, records of one kind.

Each request has one text of its own: the cursor of a page, the id of a record. By it an operation
tells what is of its own in the answer; the rest is the same in all (`moulds`).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from service.model import State
from service.reading.records import Found, Page
from service.web import cursors
from service.web.address import Address


class Own(NamedTuple):
    """What is of its own in an answer: how its body begins, as parts with commas between, and the
    texts by which the rest differs. There are two sorts of answers, by their links: of a `second`
    sort are pages that none follows, and records that had another version. `state` is that of the
    dataset, where it was read with the rest.
    """

    parts: Sequence[str]
    marks: Sequence[str]
    second: bool = False
    state: State | None = None


class Likeness(Protocol):
    """What an operation tells of answers."""

    def place(self, first: Address, own: str) -> Address | None:
        """Return the address of another request by that of the first one, or None where it is for
        the application to judge. Raises `BadQuery` as well.
        """

    def shared(self, own: str) -> Sequence[str]:
        """Return the texts by which an answer without a body differs."""

    def told(self, own: str) -> Own:
        """Return what is of its own in an answer. Raises what a reading of the store does."""


class Walk(NamedTuple):
    """Pages of a list: they differ in their records, in their cursor and in that of the next page.

    `read` returns the page after an id. The cursors are of a revision, and bound to the list.
    """

    read: Callable[[str], Page]
    revision: int
    binding: str

    def place(self, first: Address, own: str) -> Address | None:
        """Return the address of the page, or None for a cursor of another list or revision."""
        cursor = cursors.decode(own)
        if (cursor.revision, cursor.binding) != (self.revision, self.binding):
            return None
        return first.asking(cursor=own)

    def shared(self, own: str) -> Sequence[str]:
        """Return the cursor."""
        return (own,)

    def told(self, own: str) -> Own:
        """Return the records, and the cursors."""
        page = self.read(cursors.decode(own).after(cursors.ID)[0])
        parts = page.bodies.copy() or [""]
        parts[0] = f'{{"data":[{parts[0]}'
        parts[-1] = f"{parts[-1]}]"
        if not page.more or page.last is None:
            return Own(parts, (own,), second=True)
        return Own(parts, (own, cursors.written(self.revision, (page.last,), self.binding)))


class Single(NamedTuple):
    """Records of a kind: they differ in the bytes, in the id, and in what was before.

    `read` returns one by its id. `paths` returns, for an id and the revision before it, the paths
    in links that they stand in.
    """

    read: Callable[[str], Found]
    paths: Callable[[str, int | None], Sequence[str]]

    def place(self, first: Address, own: str) -> Address | None:
        """Return the address of the record."""
        return Address(f"{first.parent.path}/{own}", first.query)

    def shared(self, own: str) -> Sequence[str]:
        """Return the paths of the record."""
        return self.paths(own, None)

    def told(self, own: str) -> Own:
        """Return the record."""
        version, earlier, state = self.read(own)
        marks = self.paths(own, earlier)
        return Own((version.body,), marks, second=earlier is not None, state=state)
