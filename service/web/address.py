"""Addresses of this service in canonical form, and where they are pinned to a revision."""

import re
from typing import NamedTuple
from urllib.parse import quote, quote_plus

DATASETS = "/v1/datasets"

# Nearly all that is written needs no quoting; to see that takes a tenth of the time of quoting,
# and a page writes nine addresses.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_.~/-]*")
_PLAIN_WORD = re.compile(r"[A-Za-z0-9_.~-]*")


class Address(NamedTuple):
    """A path and a query sorted by name. Equal addresses have equal answers at one revision."""

    path: str
    query: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        path = self.path if _PLAIN_PATH.fullmatch(self.path) else quote(self.path)
        if not self.query:
            return path
        return f"{path}?{'&'.join([f'{_word(name)}={_word(value)}' for name, value in self.query])}"

    def asking(self, **changes: object) -> "Address":
        """Return the address with parameters set or, by None, left out."""
        query = {**dict(self.query), **changes}
        kept = {name: str(value) for name, value in query.items() if value is not None}
        return Address(self.path, tuple(sorted(kept.items())))

    @property
    def parent(self) -> "Address":
        """What the resource belongs to: the path without its last part."""
        return Address(self.path.rpartition("/")[0] or "/")

    def below(self, dataset: str, number: int) -> "Address":
        """Return the same read below a revision of its dataset."""
        rest = self.path.removeprefix(f"{DATASETS}/{dataset}")
        return self._replace(path=revision(dataset, number).path + rest)


def _word(text: str) -> str:
    return text if _PLAIN_WORD.fullmatch(text) else quote_plus(text)


def dataset(name: str) -> Address:
    """Return the address of a dataset."""
    return Address(f"{DATASETS}/{name}")


def revision(dataset: str, number: int) -> Address:
    """Return the address of a revision."""
    return Address(f"{DATASETS}/{dataset}/revisions/{number}")


def step(dataset: str, old: int, new: int) -> Address:
    """Return the address of what changed from one revision to another."""
    return Address(f"{DATASETS}/{dataset}/diff").asking(**{"from": old, "to": new})
