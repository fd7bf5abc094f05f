"""A release as one document of YAML or JSON, as the JSON export is."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from schemas.problems import shown
from service.errors import Refused
from service.loader.release import files, head, items
from service.loader.release.base import Looking, Release
from service.loader.release.head import Head, Options
from service.loader.release.items import Item, Lines, Part, located
from service.loader.release.malformed import Malformed, below
from service.model import DATASET, KINDS, Flaw, Place

_MEMBERS = (DATASET, "release", *KINDS)


class _Document(NamedTuple):
    members: dict[str, Any]
    place: Place
    lines: Lines

    def at(self, name: str) -> Place:
        return located(self.place, self.lines, below("", name))


def open_document(data: bytes, name: str, suffix: str, options: Options) -> "DocumentRelease":
    """Return the release that a document holds, or raise Refused if it cannot be read."""
    try:
        parsed = files.parsed(data, suffix)
    except Malformed as malformed:
        raise Refused(f"{name} cannot be read.", list(items.flaws_of(malformed, name))) from None
    place = located(Place(name), parsed.lines, "")
    if not isinstance(parsed.value, dict):
        flaw = Flaw(place, f"{shown(parsed.value)}: an object is due, of {', '.join(_MEMBERS)}")
        raise Refused(f"{name} is not a release.", [flaw])
    document = _Document(parsed.value, place, parsed.lines)
    said, described = _opening(document, options)
    return DocumentRelease(document, data, said, described)


def _opening(document: _Document, options: Options) -> tuple[Head, Item | None]:
    members = document.members
    said = Head()
    if "release" in members:
        said = head.head_of(members["release"], document.at("release"), document.lines)
    said = said.under(options)
    flaws = [*said.flaws, *_unknown(document)]
    described = None
    if DATASET in members:
        part = items.item(DATASET, members[DATASET], document.at(DATASET), document.lines, {})
        described = part if isinstance(part, Item) else None
        flaws += [part] if isinstance(part, Flaw) else []
    else:
        flaws += head.missing_document(said, document.place, "`dataset`")
    return said._replace(flaws=tuple(flaws)), described


def _unknown(document: _Document) -> Iterator[Flaw]:
    for name in document.members:
        if name not in _MEMBERS:
            detail = f"there is no such member here; there are: {', '.join(_MEMBERS)}"
            yield Flaw(document.at(name), detail)


class DocumentRelease(Release):
    """A release that was read whole."""

    def __init__(
        self, document: _Document, data: bytes, said: Head, described: Item | None
    ) -> None:
        super().__init__(document.place.file, said, described)
        self._document = document
        self._hash.update(data)

    def _parts(self, looking: Looking) -> Iterator[Part]:
        members, _, lines = self._document
        for kind in KINDS:
            if kind not in members:
                continue
            records, place = members[kind], self._document.at(kind)
            if isinstance(records, dict):
                yield from items.keyed(kind, records, place, lines, self.reasons)
            elif isinstance(records, list):
                yield from items.listed(kind, records, place, lines, self.reasons)
            else:
                yield Flaw(place, f"{shown(records)} is not a list of records")
