"""Answers that are kept in memory: as many as fit in so many bytes, the least recent go first."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item")

OVERHEAD = 1024
"""Bytes that an item takes beside what it says of itself: its key, its place, its objects."""

SHARE = 8
"""An item that takes more than this part of the shelf is not kept: it would push out the others."""


class _Kept(NamedTuple, Generic[Item]):
    item: Item
    size: int


class Shelf(Generic[Item]):
    """A bounded map. Threads may use it at once."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self._kept: OrderedDict[Hashable, _Kept[Item]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Item | None:
        """Return what is kept under a key, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found.item

    def clear(self) -> None:
        """Keep nothing of what was kept."""
        with self._lock:
            self._kept.clear()
            self.size = 0

    def put(self, key: Hashable, item: Item, size: int) -> None:
        """Keep an item of so many bytes in place of what the key had."""
        size += OVERHEAD
        with self._lock:
            before = self._kept.pop(key, None)
            self.size -= before.size if before else 0
            if size > self.most // SHARE:
                return
            self._kept[key] = _Kept(item, size)
            self.size += size
            while self.size > self.most:
                _, oldest = self._kept.popitem(last=False)
                self.size -= oldest.size
