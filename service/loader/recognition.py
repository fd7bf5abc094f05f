"""Lines that need no reading with care: those that the head has, and those that are plainly valid.

A line as an export writes it is `{"kind":…,"record":` and the record's canonical bytes. Where the
head has a record of these bytes, nothing of it is parsed. Else it is read by a quick decoder and
judged by the quick verdict; if what is accepted is written as these very bytes, the strict decoder
and both validators would have taken the same from the line: bytes that a value is written as hold
no member twice and no other spelling. Every other line is for them.
"""

from collections import deque
from collections.abc import Collection
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from service.loader import places
from service.model import KINDS, Reading
from service.store import Database, records
from service.store.tables import DESCRIBED

PAGE = 1000
"""Records of the head that are read at once, beside the release."""

PAGES = 3
"""Pages of the head in which a line is looked for."""

_STARTS = {f'{{"kind":"{kind}"'.encode(): kind for kind in KINDS}


class Known(NamedTuple):
    """What a line holds. `record` is None where the head has it, so that it was not parsed."""

    kind: str
    id: str
    digest: str
    body: bytes
    record: dict[str, Any] | None


class Recognition:
    """Looks at lines. `head` is what a snapshot is compared with, by kinds that can be recognised.

    `hits` counts the lines that the head has.
    """

    def __init__(
        self, db: Database, head: Reading | None, kinds: Collection[str], within: places.Within
    ) -> None:
        self.hits = 0
        self._within = within
        self._beside = {kind: _Beside(db, head, kind) for kind in kinds if head}

    def look(self, line: bytes) -> Known | None:
        """Return what is known of a line by its bytes, or None to have it read with care."""
        start, _, rest = line.partition(b',"record":')
        kind = _STARTS.get(start)
        if kind is None or not rest.endswith(b"}"):
            return None
        body = rest[:-1]
        hexdigest = sha256(body).hexdigest()
        beside = self._beside.get(kind)
        found = beside.find(hexdigest) if beside else None
        if found is not None:
            self.hits += 1
            return Known(kind, found, hexdigest, body, None)
        try:
            record = orjson.loads(body)
        except orjson.JSONDecodeError:
            return None
        if DESCRIBED[kind].accepted(record) != body:
            return None
        if kind == "events" and any(places.outside(record, self._within)):
            return None
        if beside:
            beside.pass_by(record["id"])
        return Known(kind, record["id"], hexdigest, body, record)


class _Beside:
    """The records of a kind in the head, by id, read as the release goes on.

    A release that is ordered otherwise than by id is recognised in parts or not at all, and is as
    right: memory is bounded instead.
    """

    def __init__(self, db: Database, head: Reading, kind: str) -> None:
        self._db, self._head, self._kind = db, head, kind
        self._pages: deque[dict[str, str]] = deque(maxlen=PAGES)
        self._last = ""
        self._is_read = False
        self._turn()

    def find(self, hexdigest: str) -> str | None:
        """Return the id of the record with a digest."""
        for page in self._pages:
            if (record_id := page.get(hexdigest)) is not None:
                if page is self._pages[-1]:
                    self._turn()
                return record_id
        return None

    def pass_by(self, record_id: str) -> None:
        """Go on where the release is beyond what was read of the head."""
        if record_id > self._last:
            self._turn()

    def _turn(self) -> None:
        if self._is_read:
            return
        page = records.digests_after(self._db, self._head, self._kind, self._last, PAGE)
        self._is_read = len(page) < PAGE
        if page:
            self._last = page[-1][0]
            self._pages.append({hexdigest: record_id for record_id, hexdigest in page})
