"""A release as a folder of YAML, JSON, NDJSON or CSV files; an exported folder is one."""

import os
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple

from schemas.problems import shown
from service import sums
from service.errors import Refused
from service.loader.release import files, head, items, tables
from service.loader.release.base import Looking, Release
from service.loader.release.head import Head, Options
from service.loader.release.items import Item, Lines, Part, located
from service.loader.release.malformed import Malformed
from service.loader.release.strict_yaml import Parsed
from service.model import DATASET, KINDS, Flaw, Place

RELEASE = "release"
_DOCUMENTS = (*files.YAML, *files.JSON)
_RECORDS = (*_DOCUMENTS, *files.NDJSON, *files.CSV)
_SUFFIXES = {RELEASE: _DOCUMENTS, DATASET: _DOCUMENTS} | dict.fromkeys(KINDS, _RECORDS)
_ADVICE = (
    "no file of a release; there are: release.yaml, dataset.yaml, "
    + ", ".join(f"{kind}.yaml or {kind}/*.yaml" for kind in KINDS)
    + " (each also .json, records also .ndjson or .csv)"
)
_ERASED = "incomplete: records of this export were erased since, and cannot be loaded"


class Found(NamedTuple):
    """A file of a release: its path in the folder, and what it holds (a kind, or another word)."""

    path: str
    holds: str


def is_release_folder(folder: str) -> bool:
    """Tell whether a folder has any file of a release."""
    return any(isinstance(found, Found) for found in _survey(folder))


def open_folder(folder: str, options: Options) -> "FolderRelease":
    """Return the release that a folder holds, or raise Refused if it is none."""
    found, flaws = [], []
    for entry in _survey(folder):
        if isinstance(entry, Found):
            found.append(entry)
        else:
            flaws.append(entry)
    if not found:
        detail = "a release folder has release.yaml, dataset.yaml or files of records"
        raise Refused(f"{folder} is not a release folder.", [Flaw(Place(folder), detail)])
    reader = _Reader(folder)
    said, document = _opening(reader, sorted(found), sorted(flaws, key=str), options)
    return FolderRelease(reader, sorted(found), said, document)


def _survey(folder: str) -> Iterator[Found | Flaw]:
    """Yield each file of the release, and a flaw for each entry that should not be there."""
    for entry in _entries(folder):
        if entry.name in KINDS and entry.is_dir():
            yield from _survey_kind(entry)
        elif entry.name == "REDACTED":
            yield Flaw(Place(files.printable(entry.path)), _ERASED)
        elif not _is_beside(entry):
            stem, suffix = os.path.splitext(entry.name)
            known = suffix in _SUFFIXES.get(stem, ())
            yield (
                Found(entry.name, stem)
                if known
                else Flaw(Place(files.printable(entry.path)), _ADVICE)
            )


def _survey_kind(folder: os.DirEntry[str]) -> Iterator[Found | Flaw]:
    for entry in _entries(folder.path):
        if files.suffix(entry.name) in _RECORDS:
            yield Found(f"{folder.name}/{entry.name}", folder.name)
        elif not entry.name.startswith("README"):
            yield Flaw(
                Place(files.printable(entry.path)),
                f"no file of records: they end in {', '.join(_RECORDS)}",
            )


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith("."):
                yield entry


def _is_beside(entry: os.DirEntry[str]) -> bool:
    if entry.name == "manifest":
        return entry.is_dir()
    return entry.name == sums.ROOT or entry.name.startswith("README")


class _Reader:
    """Reads the files of a folder, each once, and keeps the sums of those that are read first."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.sums: dict[str, str] = {}

    def place(self, path: str) -> Place:
        return Place(files.printable(self.full(path)))

    def full(self, path: str) -> str:
        return os.path.join(self.folder, path)

    def parsed(self, path: str) -> Parsed:
        data = files.contents(self.full(path))
        self.sums[path] = sha256(data).hexdigest()
        return files.parsed(data, files.suffix(path))


class _Single(NamedTuple):
    """The one file of the release itself or of dataset.json; `value` is None if unreadable."""

    value: Any
    place: Place
    lines: Lines


def _opening(
    reader: _Reader, found: list[Found], flaws: list[Flaw], options: Options
) -> tuple[Head, Item | None]:
    release = _single(reader, found, RELEASE, flaws)
    said = Head(sound=release is None)
    if release and release.value is not None:
        said = head.head_of(release.value, release.place, release.lines)
    said = said.under(options)
    described = _single(reader, found, DATASET, flaws)
    document = None
    if described is None:
        flaws += head.missing_document(said, Place(reader.folder), "dataset.yaml")
    elif described.value is not None:
        part = items.item(DATASET, described.value, described.place, described.lines, {})
        document = part if isinstance(part, Item) else None
        flaws += [part] if isinstance(part, Flaw) else []
    return said._replace(flaws=(*said.flaws, *flaws)), document


def _single(reader: _Reader, found: list[Found], holds: str, flaws: list[Flaw]) -> _Single | None:
    paths = [entry.path for entry in found if entry.holds == holds]
    for path in paths[1:]:
        flaws.append(Flaw(reader.place(path), f"stands beside {paths[0]}: keep one of them"))
    if not paths:
        return None
    place = reader.place(paths[0])
    try:
        value, lines = reader.parsed(paths[0])
    except Malformed as malformed:
        flaws.extend(items.flaws_of(malformed, place.file))
        return _Single(None, place, None)
    if value is None:
        flaws.append(Flaw(place, "null is not an object"))
    return _Single(value, located(place, lines, ""), lines)


class FolderRelease(Release):
    """A release of many files, read one after another by path."""

    def __init__(
        self, reader: _Reader, found: list[Found], said: Head, document: Item | None
    ) -> None:
        super().__init__(reader.folder, said, document)
        self._reader, self._found = reader, found

    def _parts(self, looking: Looking) -> Iterator[Part]:
        for path, holds in self._found:
            if holds in KINDS:
                yield from self._records(path, holds)
            if path in self._reader.sums:
                line = sums.line(self._reader.sums.pop(path), path)
                self._hash.update(os.fsencode(line))

    def _records(self, path: str, kind: str) -> Iterator[Part]:
        place = self._reader.place(path)
        try:
            if files.suffix(path) in files.NDJSON:
                yield from self._bare(path, kind)
                return
            if files.suffix(path) in files.CSV:
                yield from self._table(path, kind)
                return
            value, lines = self._reader.parsed(path)
        except Malformed as malformed:
            yield from items.flaws_of(malformed, place.file)
            return
        place = located(place, lines, "")
        if isinstance(value, list):
            yield from items.listed(kind, value, place, lines, self.reasons)
        elif "/" in path:
            yield items.item(kind, value, place, lines, self.reasons)
        else:
            yield Flaw(place, f"{shown(value)}: a list of records is due here")

    def _bare(self, path: str, kind: str) -> Iterator[Part]:
        place, seen = self._reader.place(path), sha256()
        with files.opened(self._reader.full(path)) as stream:
            for line in files.lines(stream, seen.update):
                here = Place(place.file, line.number)
                try:
                    record = files.value_of(line)
                except Malformed as malformed:
                    yield from items.flaws_of(malformed, place.file, line.number)
                    continue
                part = items.item(kind, record, here, None, self.reasons)
                yield part._replace(raw=line.data) if isinstance(part, Item) else part
        self._reader.sums[path] = seen.hexdigest()

    def _table(self, path: str, kind: str) -> Iterator[Part]:
        file, seen = self._reader.place(path).file, sha256()
        with files.opened(self._reader.full(path)) as stream:
            yield from tables.parts(stream, kind, file, self.reasons, seen.update)
        self._reader.sums[path] = seen.hexdigest()
