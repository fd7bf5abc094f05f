"""Where each field of a record has its value from: revision, run of the loader, and sources."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from service.diff import flat
from service.model import Reading, Reason, Version
from service.reading import records
from service.store import Database, ingestions, revisions
from service.store import records as stored


class Blamed(NamedTuple):
    """A field, and what last set it. A record that was removed and came back was set anew."""

    path: str
    revision: int
    issued: str
    ingestion: str
    reason: Reason
    sources: list[str]


class _Setting(NamedTuple):
    """A value, the version that brought it, and the sources that it rested on there."""

    value: Any
    version: Version
    sources: list[str]


def of(db: Database, at: Reading, kind: str, record_id: str) -> list[Blamed]:
    """Return the fields of a record by path. Raises `NotFound`, and `Gone` for a stub."""
    records.one(db, at, kind, record_id)
    versions = [version for version, _ in stored.versions(db, at, kind, record_id)]
    settings = _settings(versions)
    numbers = {setting.version.since for setting in settings.values()}
    issued = revisions.issued(db, at.dataset, numbers)
    runs = ingestions.that_published(db, at.dataset.name, numbers)

    def blamed(path: str, setting: _Setting) -> Blamed:
        _, version, sources = setting
        number = version.since
        return Blamed(path, number, issued[number], runs[number], version.reason, sources)

    return [blamed(path, setting) for path, setting in sorted(settings.items())]


def _settings(versions: list[Version]) -> dict[str, _Setting]:
    """Return pointer to setting in the last of the versions, which are told oldest first."""
    settings: dict[str, _Setting] = {}
    before: Version | None = None
    for version in versions:
        kept = settings if before and before.until == version.since else {}
        record = orjson.loads(version.body)
        settings = {
            path: kept[path]
            if path in kept and kept[path].value == value
            else _Setting(value, version, _sources(value) or _sources(record))
            for path, value in flat(record).items()
        }
        before = version
    return settings


def _sources(value: Any) -> list[str]:
    """Return the ids of the sources that members of a value name, as evidence does, by id."""
    return sorted(set(_named(value)))


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for member in value:
            if isinstance(member, dict) and "source" in member:
                yield member["source"]
            yield from _named(member)
    elif isinstance(value, dict):
        for member in value.values():
            yield from _named(member)
