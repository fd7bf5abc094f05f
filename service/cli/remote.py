"""Verify a dataset that somebody else serves, from nothing but its answers over HTTP."""

from collections.abc import Iterator
from typing import Any

import orjson
import requests

from service import canonical, sums
from service.errors import Unavailable
from service.model import KINDS

TIMEOUT = 30
PAGE = 1000


class Remote:
    """A dataset at an address such as `https://data.example/v1/datasets/kazakhstan-2022`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._name = self.url.rpartition("/")[2]
        self._session = requests.Session()

    def revisions(self) -> list[dict[str, Any]]:
        """Return all revisions, oldest first."""
        return list(self._walk("/revisions"))[::-1]

    def faults(self, revisions: list[dict[str, Any]], since: str | None) -> Iterator[str]:
        """Yield a sentence for everything that does not hold; `since` is a chain kept earlier."""
        yield from _chain_faults(self._name, revisions, since)
        for revision in revisions:
            place = f"/revisions/{revision['number']}/manifest"
            if canonical.digest(self._get(self.url + place).content) != revision["digest"]:
                yield f"revision {revision['number']}: its manifest does not have its digest"
        if revisions and self._digest(revisions[-1]["number"]) != revisions[-1]["digest"]:
            yield f"revision {revisions[-1]['number']}: its records do not have its digest"

    def _digest(self, number: int) -> str:
        """Rebuild the tree of sums of a revision from its records, and return its digest."""
        place = f"/revisions/{number}"
        tops: dict[str, sums.Node | None] = {}
        for kind in KINDS:
            records = self._walk(f"{place}/{kind}")
            entries = ((r["id"], canonical.digest(canonical.canonical(r))) for r in records)
            for revised in sums.revise(kind, entries, lambda _path: None):
                # The last node that is made is the kind's own.
                tops[kind] = revised.node
        document = self._get(f"{self.url}{place}/dataset.json").content
        return canonical.digest(sums.root(canonical.digest(document), tops).text.encode())

    def _walk(self, place: str) -> Iterator[dict[str, Any]]:
        url = f"{self.url}{place}?limit={PAGE}"
        while url:
            page = orjson.loads(self._get(url).content)
            yield from page["data"]
            url = page["links"].get("next", "")

    def _get(self, url: str) -> requests.Response:
        try:
            response = self._session.get(url, timeout=TIMEOUT)
            response.raise_for_status()
        except requests.RequestException as error:
            raise Unavailable(f"cannot read {url}: {error}") from error
        return response


def _chain_faults(name: str, revisions: list[dict[str, Any]], since: str | None) -> Iterator[str]:
    parent = canonical.NO_CHAIN
    for number, told in enumerate(revisions, start=1):
        expected = canonical.chain(name, number, told["issued"], told["digest"], parent)
        if told["number"] != number or told["chain"] != expected:
            yield f"revision {number}: its chain does not follow from what came before"
        parent = told["chain"]
    if since is not None and since not in {told["chain"] for told in revisions}:
        yield f"no revision has the chain {since}: the history that led to it was rewritten"
