"""What a request asks, once it is parsed; and the links that lead on from its answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any

from service.config import Config
from service.model import Reading
from service.store import Database
from service.tokens import Grant
from service.web import cursors
from service.web.address import Address
from service.web.cursors import Cursor
from service.web.metrics import Metrics


@dataclass(frozen=True)
class Service:
    """What answering needs beside the request."""

    db: Database
    base: str
    document: Callable[[], bytes]
    config: Config
    publishing: BoundedSemaphore
    """Taken while a release is read: as many at once leave threads for readers."""
    streaming: BoundedSemaphore
    """Taken while a stream is sent, for the same reason."""
    metrics: Metrics


@dataclass(frozen=True)
class Question:
    """A request, parsed.

    `pinned` is the address that keeps this answer for ever, if there is one: the links of a list
    go on from there. `format` is the name of the form that is asked for, `json` where there is one.
    `grant` is what the bearer of its token may do, where the operation is guarded.
    """

    service: Service
    address: Address
    query: Mapping[str, Any]
    cursor: Cursor | None = None
    pinned: Address | None = None
    format: str = "json"
    grant: Grant | None = None

    @property
    def db(self) -> Database:
        """The store."""
        return self.service.db

    @property
    def home(self) -> Address:
        """Where links to what lies around begin: as of an instant they stay at its revision."""
        return self.pinned if self.pinned and "as_of" in self.query else self.address

    @property
    def limit(self) -> int:
        """How many items a list may answer."""
        return int(self.query["limit"])

    def after(self, *shapes: str) -> tuple[str, ...] | None:
        """Return the key that the list goes on from, or None at its start."""
        return self.cursor.after(*shapes) if self.cursor else None

    def url(self, place: Address | str) -> str:
        """Return an absolute link, from the configured base."""
        return f"{self.service.base}{place}"

    def links(self, **others: Address | str) -> dict[str, str]:
        """Return links by relation, in which `_` stands for `-`; those that all have come first."""
        told = {
            "self": self.address,
            **({"up": self.home.parent} if self.address.path != "/" else {}),
            "describedby": "/openapi.json",
            **others,
        }
        return {rel.replace("_", "-"): self.url(place) for rel, place in told.items()}

    def walk(self, reading: Reading, last: tuple[str, ...] | None) -> dict[str, Address]:
        """Return the links of a list: its start, and what follows the last key if more does."""
        place, number = self.pinned or self.address, reading.revision.number
        links = {"first": place.asking(cursor=None)}
        if last is not None:
            links["next"] = place.asking(cursor=cursors.encode(number, last, place))
        return links
