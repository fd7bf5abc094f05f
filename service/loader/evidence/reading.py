"""What one release brings, reduced to what the checks of its evidence need."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from schemas import kind_of
from service.loader.evidence import copied
from service.loader.evidence.bearers import Bearer, bearer_of
from service.loader.evidence.copied import Copy, Originals
from service.loader.release import Item, Malformed, Release, Removal, files, place_of
from service.model import DATASET, Flaw, Place

Key = tuple[str, str]
"""Kind and id of a record."""


class Source(NamedTuple):
    """What a source record states of its document, and where each member of that stands."""

    document: dict[str, Any]
    title: str
    place: Callable[[str], Place]


class Brought:
    """What a release brings: read it once, then ask. Texts are kept only where they are copies.

    `refused` are the sources that are no valid records, `gone` what no longer is as it was.
    """

    def __init__(self, release: Release, originals: Originals) -> None:
        self.bearers: dict[Key, Bearer] = {}
        self.sources: dict[str, Source] = {}
        self.refused: set[str] = set()
        self.gone: set[Key] = set()
        self.copies: list[Copy] = []
        self._release = release
        self._originals = originals

    def read(self) -> Iterator[Flaw]:
        """Read the release; yield what of it cannot be read or is no valid record."""
        said = [*self._said()]
        if self._release.document:
            yield from self._take(self._release.document)
        for part in self._release.items():
            if isinstance(part, Flaw):
                yield part
            elif isinstance(part, Removal):
                self.gone.add((part.kind, part.id))
                said += self._copies(part.reason.why if part.reason else None, part.place)
            elif isinstance(part, Item):
                said += self._copies(self._own_reason(part), part.place)
                yield from self._take(part)
        self._note(copy for path in _yaml_files(self._release.name) for copy in self._raw(path))
        self._note(said)

    def _said(self) -> Iterator[Copy]:
        """Yield the copies in what the release says of itself."""
        place = Place(self._release.name)
        yield from self._copies(self._release.message, place)
        for reason in self._release.reasons.values():
            yield from self._copies(reason.why, place)

    def _own_reason(self, item: Item) -> str | None:
        """Return the reason that stands beside a record, not one of the release's own list."""
        is_listed = (item.kind, item.record.get("id")) in self._release.reasons
        return item.reason.why if item.reason and not is_listed else None

    def _take(self, item: Item) -> Iterator[Flaw]:
        for place, text in copied.texts(item):
            self.copies += self._copies(text, place)
        problems = kind_of(item.kind).problems(item.record)
        for pointer, detail in problems:
            yield Flaw(place_of(item, pointer), detail)
        if problems and item.kind == "sources":
            self.refused.add(str(item.record.get("id")))
        elif not problems and item.kind != DATASET:
            self._keep(item)

    def _keep(self, item: Item) -> None:
        record_id = item.record["id"]
        self.gone.add((item.kind, record_id))
        bearer = bearer_of(item)
        if bearer:
            self.bearers[item.kind, record_id] = bearer
        if item.kind == "sources" and "document" in item.record:
            self.sources[record_id] = _source(item)

    def _copies(self, text: str | None, place: Place) -> Iterator[Copy]:
        return self._originals.copies(text or "", lambda line: place)

    def _raw(self, path: str) -> Iterator[Copy]:
        """Yield the copies in a YAML file as it stands, comments too."""
        name = files.printable(path)
        with suppress(Malformed):  # What cannot be read was told when the release was.
            text = files.contents(path).decode("utf-8", "replace")
            yield from self._originals.copies(text, lambda line: Place(name, line + 1))

    def _note(self, copies: Iterable[Copy]) -> None:
        """Add what is not already known from a better place: of the same file, or of one in it."""
        for copy in copies:
            inside = (known for known in self.copies if _is_in(known.file, copy.file))
            if not any(copy.is_part_of(known) for known in inside):
                self.copies.append(copy)


def _is_in(file: str, whole: str) -> bool:
    return file == whole or file.startswith(os.path.join(whole, ""))


def _source(item: Item) -> Source:
    return Source(
        item.record["document"],
        item.record.get("title", ""),
        lambda member: place_of(item, f"/document/{member}"),
    )


def _yaml_files(release: str) -> Iterator[str]:
    if os.path.isfile(release) and files.suffix(release) in files.YAML:
        yield release
    for folder, inside, names in os.walk(release):
        inside[:] = sorted(name for name in inside if not name.startswith("."))
        for name in sorted(names):
            if files.suffix(name) in files.YAML and not name.startswith("."):
                yield os.path.join(folder, name)
