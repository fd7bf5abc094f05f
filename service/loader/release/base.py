"""What the reader of a release is given, whatever the form of the release."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any, BinaryIO, NamedTuple, Self

from service.loader.release.files import unreadable
from service.loader.release.head import Head
from service.loader.release.items import End, Item, Part, flaws_of
from service.model import Flaw


class Followed(NamedTuple):
    """Lines that were expected: the ids of their records, of one kind, and where they end."""

    kind: str
    ids: Sequence[str]
    end: int


class Looking:
    """Looks at the lines of an interchange file before they are parsed; this one knows of none."""

    def ahead(self, blocks: Iterable[bytes]) -> Iterator[tuple[bytes, Sequence[Any] | None]]:
        """Yield each block of lines, with the answers that `look` would give where they are there
        by now.
        """
        yield from ((block, None) for block in blocks)

    def look(self, line: bytes) -> Any:
        """Return what is known of a line by its bytes, or None to have it parsed."""
        return None

    def follow(self, block: bytes, start: int) -> Followed | None:
        """Return what lines of a block, from where one starts, were expected next, if any."""
        return None


class Release(ABC):
    """One release: what it says of itself, and its parts, read once and in a stream.

    `document` is dataset.json, if the release holds it. After `items` is exhausted, `digest` is the
    release's digest and `declared` is what the `end` line of an interchange file says. `owned` is a
    file that was opened for this release and is closed with it.
    """

    def __init__(self, name: str, head: Head, document: Item | None) -> None:
        self.name = name
        self.dataset_name = head.dataset_name
        self.mode = head.mode
        self.issued = head.issued
        self.message = head.message
        self.base = head.base
        self.reasons = head.reasons
        self.document = document
        self.declared: End | None = None
        self.owned: BinaryIO | None = None
        self._head = head
        self._hash = sha256(f"{head.mode} {head.issued or '-'}\n".encode())
        self._is_begun = False
        self._is_read = False

    @property
    def digest(self) -> str:
        """The digest of the release; known once all of it is read."""
        if not self._is_read:
            raise RuntimeError("the digest of a release is known after its items are read")
        return self._hash.hexdigest()

    def digest_ahead(self) -> str | None:
        """Return the digest before more is parsed, of a release that can be read twice, or None.

        What is then read may be other bytes: this says nothing of them.
        """
        return None

    def size(self) -> int | None:
        """Return how many bytes of lines are to be read, where that can be known."""
        return None

    def items(self, looking: Looking | None = None) -> Generator[Part]:
        """Yield each record and removal, and a flaw for whatever cannot be read; only once.

        Lines of an interchange file that `look` answers are yielded unparsed, and of those that
        `follow` answers nothing is yielded but the runs.
        """
        if self._is_begun:
            raise RuntimeError("a release is read only once")
        self._is_begun = True
        yield from self._head.flaws
        yield from self._removals()
        try:
            yield from self._parts(looking or Looking())
        except OSError as error:
            yield from flaws_of(unreadable(error), self.name)
        finally:
            self.close()
        self._is_read = True

    def close(self) -> None:
        """Close the file that is being read, if any; `items` does so at its end."""
        if self.owned:
            self.owned.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @abstractmethod
    def _parts(self, looking: Looking) -> Iterator[Part]:
        """Yield the parts of the form that the release has."""

    def _removals(self) -> Iterator[Part]:
        for removal in self._head.removals:
            yield Flaw(removal.place, SNAPSHOT_REMOVES) if self.mode == "snapshot" else removal


SNAPSHOT_REMOVES = "a snapshot removes what it does not hold: only a delta names removals"
