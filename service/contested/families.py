"""Series that lie in each other by group, place, event or part. Linked, never summed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from service.contested.keys import Parts
from service.contested.plain import Record

Wider = Mapping[str, Collection[str]]
"""Id to the ids of all that contain it, at any remove."""


@dataclass(frozen=True)
class Hierarchy:
    """Which groups, places and events lie in which."""

    groups: Wider
    places: Wider
    events: Wider


@dataclass(frozen=True)
class Family:
    """Keys of series that contain this one, that lie in it, or are printed as its parts.

    `wholes` are the series of which figures of this one are parts.
    """

    broader: tuple[str, ...]
    narrower: tuple[str, ...]
    parts: tuple[str, ...]
    wholes: tuple[str, ...]


def hierarchy(dataset: Record, events: Iterable[Record] = ()) -> Hierarchy:
    """Read the hierarchies of groups and places from `dataset.json`, of events from `part_of`."""
    groups = {g["id"]: [g["broader"]] if "broader" in g else [] for g in dataset.get("groups", ())}
    places = {place["id"]: list(place.get("within", ())) for place in dataset.get("places", ())}
    for place in dataset.get("places", ()):
        for part in place.get("parts", ()):
            places.setdefault(part, []).append(place["id"])
    wholes = {event["id"]: _wholes(event) for event in events}
    return Hierarchy(closed(groups), closed(places), closed(wholes))


def _wholes(event: Record) -> list[str]:
    return [
        relation["event"]
        for relation in event.get("relations", ())
        if relation["type"] == "part_of" and "event" in relation
    ]


def closed(above: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """Return for each id all that contain it, at any remove."""
    return {name: frozenset(_reached(above, name)) for name in above}


def _reached(above: Mapping[str, Sequence[str]], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = list(above[start])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(above.get(name, ()))
    return reached


def family(
    series: Parts,
    others: Iterable[Parts],
    within: Hierarchy,
    part_of: Iterable[tuple[str, str]] = (),
) -> Family:
    """Return the family of a series among others of its measure.

    `part_of` gives (key of the part, key of the whole) for relations between figures that touch
    the series.
    """
    others = list(others)
    links = list(part_of)
    return Family(
        broader=_keys(o for o in others if contains(o, series, within)),
        narrower=_keys(o for o in others if contains(series, o, within)),
        parts=tuple(sorted({a for a, b in links if b == series.key and a != b})),
        wholes=tuple(sorted({b for a, b in links if a == series.key and a != b})),
    )


def contains(wide: Parts, narrow: Parts, within: Hierarchy) -> bool:
    """Whether one series counts all that the other counts, by group, subject and place."""
    return (
        wide != narrow
        and wide.measure == narrow.measure
        and _contains(wide.group, narrow.group, within.groups)
        and _contains(wide.of, narrow.of, within.events)
        and (wide.place is None or _contains(wide.place, narrow.place, within.places))
    )


def _contains(wide: str | None, narrow: str | None, above: Wider) -> bool:
    return wide == narrow or (narrow is not None and wide in above.get(narrow, ()))


def _keys(series: Iterable[Parts]) -> tuple[str, ...]:
    return tuple(sorted({parts.key for parts in series}))
