"""Finding the form of a release: a folder, a file by its suffix, standard input by its content."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, BinaryIO

import orjson

from service.errors import Refused
from service.loader.release import files, folder, limits
from service.loader.release.base import Release
from service.loader.release.document import open_document
from service.loader.release.files import CSV, JSON, NDJSON, YAML
from service.loader.release.head import Options
from service.loader.release.interchange import open_interchange
from service.loader.release.items import flaws_of
from service.loader.release.malformed import BOM, Malformed
from service.loader.release.tables import TableRelease
from service.model import KINDS, Flaw, Mode, Place

STDIN = "-"
_ADVICE = (
    f"a release is a folder, or a file that ends in {', '.join((*YAML, *JSON, *NDJSON))},"
    f" or a table: {', '.join(f'{kind}.csv' for kind in KINDS)}"
)


def open_release(
    source: str,
    *,
    mode: Mode | None = None,
    issued: str | None = None,
    message: str | None = None,
    stdin: BinaryIO | None = None,
    name: str | None = None,
) -> Release:
    """Open a folder, a file, or for `-` a stream (`stdin`) of NDJSON or a JSON document.

    What is given here wins over what the release says; `name` is what to call a stream. Raises
    Refused where there is no release, or where one document cannot be read.
    """
    options = Options(mode, issued, message)
    options.refuse_flaws()
    try:
        if source == STDIN:
            return _from_stream(stdin or sys.stdin.buffer, name or "standard input", options)
        if os.path.isdir(source):
            return folder.open_folder(source, options)
        return _from_file(source, options)
    except OSError as error:
        malformed = files.unreadable(error)
    except Malformed as error:
        malformed = error
    raise _refused(source if source != STDIN else name or "standard input", malformed)


def open_stream(
    stream: BinaryIO,
    name: str,
    suffix: str,
    *,
    mode: Mode | None = None,
    issued: str | None = None,
    message: str | None = None,
) -> Release:
    """Open a stream whose form is known, as a suffix; it is closed with the release.

    Raises Refused where one document cannot be read.
    """
    options = Options(mode, issued, message)
    options.refuse_flaws()
    with ExitStack() as stack:
        stack.callback(stream.close)
        try:
            release = _opened(stream, name, suffix, options)
        except Malformed as malformed:
            raise _refused(name, malformed) from None
        release.owned = stream
        stack.pop_all()
        return release


def _opened(stream: BinaryIO, name: str, suffix: str, options: Options) -> Release:
    if suffix in NDJSON:
        return open_interchange(stream, name, options)
    limit = limits.YAML_FILE if suffix in YAML else limits.JSON_FILE
    data = files.all_of(stream, limit)
    if not data:
        raise Refused(f"{name} is empty.", [Flaw(Place(name), "there is nothing in it")])
    return open_document(data, name, suffix, options)


def _refused(name: str, malformed: Malformed) -> Refused:
    flaws = list(flaws_of(malformed, files.printable(name)))
    return Refused(f"{flaws[0].place.file} {flaws[0].detail}.", flaws)


def _from_file(source: str, options: Options) -> Release:
    name, suffix = files.printable(source), files.suffix(source)
    kind = os.path.basename(source).removesuffix(suffix)
    is_table = suffix in CSV and kind in KINDS
    if suffix not in (*YAML, *JSON, *NDJSON) and not is_table and os.path.exists(source):
        raise Refused(f"{name} is not a release.", [Flaw(Place(name), _ADVICE)])
    with ExitStack() as stack:
        stream = stack.enter_context(files.opened(source))
        if suffix not in NDJSON and not is_table:
            data = files.all_of(stream, files.limit_of(source))
            return open_document(data, name, suffix, options)
        release: Release
        if is_table:
            release = TableRelease(stream, name, kind, options)
        else:
            release = open_interchange(stream, name, options)
        release.owned = stream
        stack.pop_all()
        return release


def _from_stream(stream: BinaryIO, name: str, options: Options) -> Release:
    start = stream.readline(limits.LINE + 1)
    if not start:
        raise Refused(f"{name} is empty.", [Flaw(Place(name), "there is nothing in it")])
    if _is_first_line(start):
        return open_interchange(stream, name, options, start)
    return open_document(files.all_of(stream, limits.JSON_FILE, start), name, ".json", options)


def _is_first_line(data: bytes) -> bool:
    """Tell a first line from the start of a document: a whole object without any kind."""
    try:
        value: Any = orjson.loads(data.removeprefix(BOM))
    except ValueError:
        return False
    return isinstance(value, dict) and not value.keys() & set(KINDS)


def releases_in(source: str) -> list[str]:
    """Return the release folders in a folder of them, by name; anything else is one release."""
    try:
        return _releases_in(source)
    except OSError as error:
        raise _refused(source, files.unreadable(error)) from None


def _releases_in(source: str) -> list[str]:
    if source == STDIN or not os.path.isdir(source) or folder.is_release_folder(source):
        return [source]
    inside = sorted(_inside(source))
    if not any(os.path.isdir(path) and folder.is_release_folder(path) for path in inside):
        return [source]
    beside = [path for path in inside if not os.path.isdir(path)]
    if beside:
        detail = "stands beside release folders, and would not be loaded: load it by itself"
        flaws = [Flaw(Place(files.printable(path)), detail) for path in beside]
        raise Refused(f"{files.printable(source)} holds more than release folders.", flaws)
    return inside


def _inside(source: str) -> Iterator[str]:
    with os.scandir(source) as entries:
        for entry in entries:
            is_data = files.suffix(entry.name) in (*YAML, *JSON, *NDJSON, *CSV)
            if not entry.name.startswith(".") and (is_data or entry.is_dir()):
                yield entry.path
