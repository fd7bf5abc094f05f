"""A release as a stream of lines: a first line, a line for each record or removal, an `end`."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, BinaryIO

from schemas.problems import Problem
from schemas.release import (
    FirstLineSchema,
    InterchangeReleaseSchema,
    LastLineSchema,
    RecordLineSchema,
)
from service.errors import Refused
from service.loader.release import head, limits
from service.loader.release.base import SNAPSHOT_REMOVES, Followed, Looking, Release
from service.loader.release.files import Line, blocks, line_from, numbered, value_of
from service.loader.release.head import Head, Options, problems_of
from service.loader.release.items import (
    End,
    Item,
    Part,
    Recognised,
    Removal,
    Run,
    flaws_of,
    located,
)
from service.loader.release.malformed import Malformed
from service.model import DATASET, KINDS, Flaw, Place

_FIRST = FirstLineSchema()
_RELEASE = InterchangeReleaseSchema()
_BETWEEN = RecordLineSchema()
_LAST = LastLineSchema()


def open_interchange(
    stream: BinaryIO, name: str, options: Options, start: bytes = b""
) -> "InterchangeRelease":
    """Read the first line of a stream; `start` is what a look ahead already read of it."""
    start = start or stream.readline(limits.LINE + 1)
    first = line_from(stream, 1, lambda data: None, start)
    if first is None:
        raise Refused(f"{name} is empty.", [Flaw(Place(name), "there is nothing in it")])
    said, document = _opening(first, name, options)
    return InterchangeRelease(stream, name, said, document, start)


def _opening(line: Line, name: str, options: Options) -> tuple[Head, Item | None]:
    place = Place(name, line.number)
    try:
        value = value_of(line)
    except Malformed as malformed:
        unread = tuple(flaws_of(malformed, name, line.number))
        return Head(flaws=unread, sound=False).under(options), None
    members = value if isinstance(value, dict) else {}
    problems = problems_of(value, _FIRST)
    said = Head(sound=False)
    if isinstance(members.get("release"), dict):
        said = head.head_of(members["release"], located(place, None, "/release"), None, _RELEASE)
        problems = [p for p in problems if not f"{p.pointer}/".startswith("/release/")]
    said = said.under(options)
    flaws = [*_flaws(problems, place), *said.flaws]
    document = None
    if isinstance(members.get("dataset"), dict):
        document = Item(DATASET, members["dataset"], located(place, None, "/dataset"))
    elif "dataset" not in members:
        flaws += head.missing_document(said, place, "`dataset`")
    return said._replace(flaws=tuple(flaws)), document


def _flaws(problems: list[Problem], place: Place) -> Iterator[Flaw]:
    for problem in problems:
        if not problem.pointer.startswith("/dataset/"):
            yield Flaw(located(place, None, problem.pointer), problem.detail)


class InterchangeRelease(Release):
    """A release of lines. Its `end` is held against what was read, and has to come if promised."""

    def __init__(
        self, stream: BinaryIO, name: str, said: Head, document: Item | None, start: bytes
    ) -> None:
        super().__init__(name, said, document)
        self._stream = stream
        self._hash.update(start)
        self._number = 1
        self._records = 0
        self._is_ended = False

    def digest_ahead(self) -> str | None:
        """Return the digest of a file or of what was spooled to one, but not of a pipe."""
        if not self._stream.seekable():
            return None
        hashed, start = self._hash.copy(), self._stream.tell()
        while chunk := self._stream.read(limits.MIB):
            hashed.update(chunk)
        self._stream.seek(start)
        return hashed.hexdigest()

    def size(self) -> int | None:
        """Return the bytes of a file or of what was spooled to one, but not of a pipe."""
        if not self._stream.seekable():
            return None
        start = self._stream.tell()
        size = self._stream.seek(0, os.SEEK_END)
        self._stream.seek(start)
        return size

    def _parts(self, looking: Looking) -> Iterator[Part]:
        with closing(blocks(self._stream, self._hash.update)) as given:
            yield from self._parts_of(looking.ahead(given), looking)

    def _parts_of(
        self, told: Iterable[tuple[bytes, Sequence[Any] | None]], looking: Looking
    ) -> Iterator[Part]:
        for block, answers in told:
            given = iter(answers or ())
            start = 0
            while start < len(block):
                if self._is_ended:
                    place = Place(self.name, self._number + 1)
                    yield Flaw(place, "a line after the end: remove it")
                    return
                if followed := looking.follow(block, start):
                    yield self._run(followed)
                    start = followed.end
                    continue
                end = block.index(b"\n", start)
                self._number += 1
                line = numbered(self._number, block[start:end])
                yield from self._one(line, next(given) if answers else _seen(line, looking))
                start = end + 1
        if self._head.complete and not self._is_ended:
            place = Place(self.name, self._number)
            yield Flaw(place, "truncated: the first line promises an `end` line, and none came")

    def _run(self, followed: Followed) -> Run:
        first = self._number + 1
        self._number += len(followed.ids)
        self._records += len(followed.ids)
        return Run(followed.kind, followed.ids, self.name, first)

    def _one(self, line: Line, answer: Any) -> Iterator[Part]:
        if answer is None or line.data is None:
            yield from self._read(line)
        else:
            self._records += 1
            yield Recognised(line.data, Place(self.name, line.number), answer)

    def _read(self, line: Line) -> Iterator[Part]:
        place = Place(self.name, line.number)
        try:
            value = value_of(line)
        except Malformed as malformed:
            self._records += 1
            yield from flaws_of(malformed, self.name, line.number)
            return
        if isinstance(value, dict) and "end" in value:
            self._is_ended = True
            yield from self._end(value, place)
        else:
            self._records += 1
            yield from self._between(value, place, line.data)

    def _between(self, value: Any, place: Place, raw: bytes | None) -> Iterator[Part]:
        if not _is_plain(value):
            problems = [
                p for p in problems_of(value, _BETWEEN) if not p.pointer.startswith("/record/")
            ]
            if problems:
                yield from _flaws(problems, place)
                return
        reason = head.reason_of(value)
        if "record" in value:
            there = located(place, None, "/record")
            yield Item(value["kind"], value["record"], there, None, reason, raw)
        elif self.mode == "snapshot" and self._head.sound:
            yield Flaw(located(place, None, "/remove"), SNAPSHOT_REMOVES)
        else:
            yield Removal(value["kind"], value["remove"], reason, place)

    def _end(self, value: Any, place: Place) -> Iterator[Flaw]:
        problems = problems_of(value, _LAST)
        yield from _flaws(problems, place)
        if problems:
            return
        end = value["end"]
        self.declared = End(end["records"], end.get("digest"))
        if end["records"] != self._records:
            detail = f"{end['records']} lines are declared, but {self._records} came before"
            yield Flaw(located(place, None, "/end/records"), detail)
        if end.get("redacted"):
            detail = f"incomplete: {end['redacted']} records of this export were erased since"
            yield Flaw(located(place, None, "/end/redacted"), detail)


def _seen(line: Line, looking: Looking) -> Any:
    return looking.look(line.data) if line.data else None


def _is_plain(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"kind", "record"}
        and value["kind"] in KINDS
        and isinstance(value["record"], dict)
    )
