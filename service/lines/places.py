"""Which place lies in which, as `dataset.json` declares it with `within` and `parts`."""

from collections.abc import Iterator, Mapping
from typing import Any

Within = Mapping[str, frozenset[str]]
"""Place id to the ids of all places that it lies in, itself included."""


def within(document: Mapping[str, Any]) -> Within:
    """Return for each declared place all places that contain it. The schema rules out cycles."""
    parents: dict[str, set[str]] = {place["id"]: set() for place in document.get("places", ())}
    for place in document.get("places", ()):
        parents[place["id"]].update(place.get("within", ()))
        for part in place.get("parts", ()):
            parents[part].add(place["id"])
    return {place: frozenset(_containers(place, parents)) for place in parents}


def _containers(place: str, parents: Mapping[str, set[str]]) -> Iterator[str]:
    waiting, seen = [place], {place}
    while waiting:
        container = waiting.pop()
        yield container
        waiting += parents[container] - seen
        seen |= parents[container]


def outside(event: Mapping[str, Any], containers: Within) -> Iterator[tuple[str, str]]:
    """Yield (pointer, detail) for each account whose place the event's envelope does not cover.

    Places that are not declared are left to the check of references.
    """
    envelope = event.get("place", {}).get("id")
    for index, account in enumerate(event.get("accounts", ())):
        place = account.get("place", {}).get("id")
        if place is None or place not in containers:
            continue
        if envelope is None:
            yield f"/accounts/{index}/place", "an account has a place, so the event needs one too"
        elif envelope in containers and envelope not in containers[place]:
            yield (
                f"/accounts/{index}/place/id",
                f"{place!r} does not lie in the event's place {envelope!r};"
                " the envelope must cover every account",
            )
