"""What the figures of a series have in common: its key, and the parts that the key is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from service.contested.plain import Record

Subject = Literal["event", "actor"]


@dataclass(frozen=True)
class Parts:
    """The parts of a key. Claimant, time, unit, wording and value are never among them."""

    measure: str
    group: str | None
    subject: Subject
    of: str
    place: str | None

    @property
    def key(self) -> str:
        """The key of the series, opaque to clients."""
        return ".".join(part for part in (self.measure, self.group, self.of, self.place) if part)


def parts_of(figure: Record) -> Parts:
    """Return the parts of a figure's key; it depends on this one record alone."""
    ((subject, of),) = figure["of"].items()
    place = figure.get("place", {})
    return Parts(
        measure=figure["measure"],
        group=figure.get("counted", {}).get("group"),
        subject=subject,
        of=of,
        place=place["id"] if place.get("bearing") == "limit" else None,
    )


def title(parts: Parts, names: Mapping[str, str]) -> str:
    """Return a title for people, from the names of the group, the event or actor, and the place.

    What has no name, as after a redaction, is called by its id.
    """

    def name(part: str) -> str:
        return names.get(part, part)

    measure = parts.measure.replace("_", " ").capitalize()
    counted = f": {name(parts.group)}" if parts.group else ""
    place = f", in {name(parts.place)} alone" if parts.place else ""
    return f"{measure}{counted}. {name(parts.of)}{place}"
