"""Lines that need no reading with care: those that the head has, and those that are plainly valid.

Where the head has a record of the bytes that a line holds, nothing of it is parsed: where it is
what comes next in the head, it is not even hashed. Else the line is looked at (`lines.plain`); what
is not plainly valid is for the strict decoder and both validators.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from service.canonical import digest
from service.lines import plain
from service.lines.places import Within
from service.lines.plain import Known
from service.loader.hands import Answers, Hands
from service.loader.release.base import Block, Looking
from service.model import Reading
from service.store import Database, records

PAGE = 1000
"""Records of the head that are read at once, beside the release."""


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

    def ahead(self, blocks: Iterable[Block]) -> Iterator[tuple[Block, Answers | None]]:
        """Yield each block of lines, with what is known of each where others looked at them."""
        if not self._hands:
            yield from super().ahead(blocks)
            return
        with Hands(self._hands, self._within) as hands:
            yield from hands.read(blocks)

    def follow(self, lines: Block, start: int) -> tuple[str, list[str]] | None:
        """Return the kind and ids of the lines, from one on, that come next in the head, if any."""
        line = lines[start]
        if not line or not self._beside:
            return None
        kind = plain.kind_of_line(line)
        beside = self._beside.get(kind) if kind else None
        ids = beside.follow(lines, start) if beside else None
        if not kind or not ids:
            return None
        self.hits += len(ids)
        return kind, ids

    def look(self, line: bytes) -> Known | None:
        """Return what is known of a line by its bytes, or None to have it read with care."""
        kind, body = plain.parted(line)
        if kind is None:
            return None
        hexdigest = digest(body)
        beside = self._beside.get(kind)
        found = beside.find(hexdigest) if beside else None
        if found is not None:
            self.hits += 1
            return Known(kind, found, hexdigest, body, None)
        known = plain.judged(kind, body, hexdigest, self._within)
        if known and beside:
            beside.pass_by(known.id)
        return known


class _Page(NamedTuple):
    """Some records of the head by id: their lines, and where each stands by its digest."""

    ids: list[str]
    lines: list[bytes]
    places: dict[bytes, int]


_NO_PAGE = _Page([], [], {})


class _Beside:
    """The records of a kind in the head, by id, read as the release goes on.

    What comes next in the release is compared, byte by byte, with what comes next in the head; what
    differs is looked for by its digest, in the page before and the one after too. A release that is
    ordered otherwise than by id is recognised in parts or not at all, and is as right: memory is
    bounded instead.
    """

    def __init__(self, db: Database, head: Reading, kind: str) -> None:
        self._db, self._head, self._kind = db, head, kind
        self._start = f'{{"kind":"{kind}","record":'.encode()
        self._last = ""
        self._before = _NO_PAGE
        self._page = self._read()
        self._after = self._read()
        self._next = 0

    def follow(self, lines: Block, start: int) -> list[str]:
        """Return the ids of the records that come next in the head as the lines have them."""
        page, first, count = self._page, self._next, 0
        expected = page.lines[first : first + len(lines) - start]
        for ours, theirs in zip(expected, lines[start : start + len(expected)], strict=True):
            if ours != theirs:
                break
            count += 1
        self._go_to(first + count)
        return page.ids[first : first + count]

    def find(self, hexdigest: str) -> str | None:
        """Return the id of the record with a digest."""
        key = bytes.fromhex(hexdigest)
        for page in (self._page, self._after, self._before):
            if (place := page.places.get(key)) is not None:
                if page is self._after:
                    self._turn()
                if page is self._page:
                    self._go_to(place + 1)
                return page.ids[place]
        return None

    def pass_by(self, record_id: str) -> None:
        """Go on where the release is beyond a record of the head."""
        if self._page.ids and record_id > self._page.ids[-1]:
            self._turn()
        self._go_to(bisect_right(self._page.ids, record_id))

    def _go_to(self, place: int) -> None:
        self._next = place
        if self._after.ids and place >= len(self._page.ids):
            self._turn()

    def _turn(self) -> None:
        self._before, self._page, self._next = self._page, self._after, 0
        self._after = self._read() if self._after.ids else _NO_PAGE

    def _read(self) -> _Page:
        states = records.states_after(self._db, self._head, self._kind, self._last, PAGE)
        self._last = states[-1][0] if states else self._last
        return _Page(
            [record_id for record_id, _, _ in states],
            [b"%b%b}" % (self._start, body.encode()) for _, _, body in states],
            {bytes(key): place for place, (_, key, _) in enumerate(states)},
        )
