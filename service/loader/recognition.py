"""Lines that need no reading with care: those that the head has, and those that are plainly valid.

What comes next in the head is held against what comes next in the release, many lines at once and
byte by byte: of lines that are the same, none is taken apart. One that differs is looked at
(`lines.plain`); what is not plainly valid is for the strict decoder and both validators.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator

from service.canonical import digest
from service.lines import plain
from service.lines.places import Within
from service.lines.plain import Known
from service.loader.hands import Answers, Hands
from service.loader.release.base import Followed, Looking
from service.model import Reading
from service.store import Database, records

PAGE = 1000
"""Records of the head that are read at once, beside the release."""

WINDOW = 1 << 15
"""Bytes that are compared at once: what follows a line that differs is compared anew."""


class Recognition(Looking):
    """Looks at lines. `head` is what a snapshot is compared with, by kinds that can be recognised.

    `hands` other processes look at those of a release of which the head can have none. `hits`
    counts the lines that the head has.
    """

    def __init__(
        self,
        db: Database,
        head: Reading | None,
        kinds: Collection[str],
        within: Within,
        hands: int = 0,
    ) -> None:
        self.hits = 0
        self._within = within
        self._beside = {kind: _Beside(db, head, kind) for kind in kinds if head}
        self._hands = 0 if self._beside else hands

    def ahead(self, blocks: Iterable[bytes]) -> Iterator[tuple[bytes, Answers | None]]:
        """Yield each block of lines, with what is known of each where others looked at them."""
        if not self._hands:
            yield from super().ahead(blocks)
            return
        with Hands(self._hands, self._within) as hands:
            yield from hands.read(blocks)

    def follow(self, block: bytes, start: int) -> Followed | None:
        """Return the lines of a block, from where one starts, that the head has next, if any."""
        if not self._beside:
            return None
        kind = plain.kind_at(block, start)
        beside = self._beside.get(kind) if kind else None
        followed = beside.follow(block, start) if beside else None
        if followed:
            self.hits += len(followed.ids)
        return followed

    def look(self, line: bytes) -> Known | None:
        """Return what is known of a line by its bytes, or None to have it read with care."""
        kind, body = plain.parted(line)
        if kind is None:
            return None
        record = plain.parsed(body)
        beside = self._beside.get(kind)
        name = record.get("id") if beside and isinstance(record, dict) else None
        if beside and isinstance(name, str) and beside.has(name, line):
            self.hits += 1
            return Known(kind, name, digest(body), body, None)
        return plain.judged(kind, body, record, self._within)


class _Beside:
    """The records of a kind in the head, by id, read page by page as the release goes on.

    A page is the lines that an export has of its records. A release that is ordered otherwise than
    by id is recognised in parts or not at all, and is as right: memory is bounded instead.
    """

    def __init__(self, db: Database, head: Reading, kind: str) -> None:
        self._db, self._head, self._kind = db, head, kind
        self._ids: list[str] = []
        self._lines = b""
        self._place = self._at = 0
        self._is_last = False
        self._turn()

    def follow(self, block: bytes, start: int) -> Followed | None:
        """Return the lines of a block, from where one starts, that come next, if any."""
        ids, place, at = self._ids, self._place, self._at
        end = self._lines.rfind(b"\n", at, at + _alike(self._lines, at, block, start)) + 1
        if end == 0:
            return None
        self._place, self._at = self._place_at(end), end
        followed = Followed(self._kind, ids[place : self._place], start + end - at)
        self._go_to(self._place)
        return followed

    def has(self, name: str, line: bytes) -> bool:
        """Say whether the head has a line under an id, where it is in reach, and go on after it."""
        if self._ids and name > self._ids[-1]:
            self._turn()
        self._go_to(bisect_left(self._ids, name))
        if self._ids[self._place : self._place + 1] != [name]:
            return False
        is_same = self._lines.startswith(line + b"\n", self._at)
        self._go_to(self._place + 1)
        return is_same

    def _place_at(self, start: int) -> int:
        """Return which record's line starts there: to ask it for its id is less than to count."""
        if start == len(self._lines):
            return len(self._ids)
        line = self._lines[start : self._lines.index(b"\n", start)]
        return bisect_left(self._ids, plain.parsed(plain.parted(line)[1])["id"])

    def _go_to(self, place: int) -> None:
        # Mostly it is the next one.
        while self._place < place:
            self._at = self._lines.index(b"\n", self._at) + 1
            self._place += 1
        while self._place > place:
            self._at = self._lines.rfind(b"\n", 0, self._at - 1) + 1
            self._place -= 1
        if self._place == len(self._ids):
            self._turn()

    def _turn(self) -> None:
        """Go on to the page that follows, if one does."""
        if self._is_last:
            return
        start, last = f'{{"kind":"{self._kind}","record":', self._ids[-1] if self._ids else ""
        ids, bodies = records.joined(self._db, self._head, self._kind, last, PAGE, f"}}\n{start}")
        self._is_last = len(ids) < PAGE
        if ids:
            self._ids, self._lines = ids, b"%b%b}\n" % (start.encode(), bodies)
            self._place = self._at = 0


def _alike(ours: bytes, at: int, theirs: bytes, start: int) -> int:
    """Return how many bytes are the same, from a place in one and a place in the other on."""
    size = min(len(ours) - at, len(theirs) - start)
    low, high = 0, min(WINDOW, size)
    while low < high and theirs.startswith(ours[at + low : at + high], start + low):
        low, high = high, min(high + WINDOW, size)
    while low < high:
        middle = (low + high + 1) // 2
        if theirs.startswith(ours[at + low : at + middle], start + low):
            low = middle
        else:
            high = middle - 1
    return low
