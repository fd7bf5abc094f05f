"""A file of records as a table: RFC 4180 in UTF-8, strictly, each row with its line.

The first row names the columns, as `schemas.tables` has them, in any order and not necessarily all.
What a cell holds is judged with the record; a pointer such as `/counted/group` is the column
`counted.group`.
"""

import csv
import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from schemas import KINDS
from schemas.fields import choice
from schemas.problems import Misspelled, shown
from schemas.tables import Heading, headings, nested
from service import table
from service.loader.release import head, items, limits, spelling, strict_json
from service.loader.release.base import Looking, Release
from service.loader.release.head import Head, Options
from service.loader.release.items import Part, Reasons
from service.loader.release.malformed import BOM, Fault, Malformed, text_of
from service.model import Flaw, Place

# Of the whole process; tables are read nowhere else. A row is bounded below.
csv.field_size_limit(limits.LINE)

_CELL = r'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\r\n]*+)'
_ROW = re.compile(rf"{_CELL}(?:,{_CELL})*+(?:\r?\n)?")


class TableRelease(Release):
    """A release of one table: a delta that adds and changes records of one kind."""

    def __init__(self, stream: BinaryIO, name: str, kind: str, options: Options) -> None:
        said = Head().under(options)
        missing = head.missing_document(said, Place(name), "dataset.yaml, so a folder")
        super().__init__(name, said._replace(flaws=tuple(missing)), None)
        self._stream, self._kind = stream, kind

    def _parts(self, looking: Looking) -> Iterator[Part]:
        yield from parts(self._stream, self._kind, self.name, self.reasons, self._hash.update)


def parts(
    stream: BinaryIO, kind: str, file: str, reasons: Reasons, seen: Callable[[bytes], object]
) -> Iterator[Part]:
    """Yield the records of a table, and a flaw for each row that cannot be read.

    All that is read goes to `seen`. Where the header is wrong, or a quotation mark, what follows
    would only be guessed and is not read.
    """
    lines = _Lines(stream, seen)
    try:
        rows = _rows(lines)
        columns = _columns(kind, next(rows, None))
        for cells in rows:
            place = Place(file, lines.first)
            if len(cells) == len(columns):
                yield items.item(kind, _record(columns, cells), place, None, reasons)
            else:
                yield Flaw(place, _ragged(cells, columns))
    except Malformed as malformed:
        yield from items.flaws_of(malformed, file)


class _Lines(Iterator[str]):
    """The lines of a table as they stand; `row` is what the reader took since `begin`."""

    def __init__(self, stream: BinaryIO, seen: Callable[[bytes], object]) -> None:
        self._stream, self._seen = stream, seen
        self._number = self._size = 0
        self.first, self.row = 1, ""

    def begin(self) -> None:
        self.first, self.row, self._size = self._number + 1, "", 0

    def __next__(self) -> str:
        data = self._stream.readline(limits.LINE + 1)
        if not data:
            raise StopIteration
        self._seen(data)
        self._number += 1
        self._size += len(data)
        if self._size > limits.LINE:
            detail = f"a row longer than {limits.LINE // limits.MIB} MiB: no record is; "
            raise self.fault(detail + "perhaps a quotation mark is missing")
        text = self._text(data.removeprefix(BOM) if self._number == 1 else data)
        self.row += text
        return text

    def fault(self, detail: str) -> Malformed:
        return Malformed([Fault(self.first, "", detail)])

    def _text(self, data: bytes) -> str:
        try:
            return text_of(data, starts_file=False)
        except Malformed as malformed:
            faults = (fault._replace(line=self._number) for fault in malformed.faults)
            raise Malformed(faults) from None


def _rows(lines: _Lines) -> Iterator[list[str]]:
    reader = csv.reader(lines, strict=True)
    while True:
        lines.begin()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            said, _, _ = str(error).partition(" - ")
            raise lines.fault(f"not CSV: {said}") from None
        if cells is None:
            return
        # The reader takes a quotation mark inside of a plain cell for a letter.
        if '"' in lines.row and not _ROW.fullmatch(lines.row):
            raise lines.fault('not CSV: a cell with a quotation mark is written as in "a ""b"" c"')
        yield cells


def _columns(kind: str, header: list[str] | None) -> list[Heading]:
    """Return the columns that a header names. Raises Malformed with all that is wrong with it."""
    if header is None:
        raise Malformed([Fault(1, "", "the file holds nothing: a table begins with its header")])
    known = headings(KINDS[kind])
    if header and header[0].startswith(table.MARK):
        detail = "this table is escaped against formulas: load one that is not (without `escape`)"
        raise Malformed([Fault(1, "", detail)])
    if faults := list(_header_faults(header, list(known))):
        raise Malformed([Fault(1, "", fault) for fault in faults])
    return [known[name] for name in header]


def _header_faults(header: list[str], known: list[str]) -> Iterator[str]:
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        yield "one column: cells are separated by commas, and by nothing else"
        return
    for name in dict.fromkeys(header):
        if name not in known:
            yield f"the column {shown(name)} is not {choice(name, known)}"
        if header.count(name) > 1:
            yield f"the column {shown(name)} stands {header.count(name)} times: keep one"
    if "id" not in header:
        yield 'there is no column "id"'


def _ragged(cells: list[str], columns: list[Heading]) -> str:
    if not cells:
        return "an empty line: remove it"
    return f"the row has {len(cells)} cells, and the header {len(columns)}"


def _record(columns: list[Heading], cells: list[str]) -> dict[str, Any]:
    stated = zip(columns, cells, strict=True)
    return nested((column.path, _value(column, text)) for column, text in stated if text)


def _value(column: Heading, text: str) -> Any:
    """Return the value that a cell tells; what it cannot be is judged with the record."""
    match column.form:
        case "number":
            return spelling.of_cell(text)
        case "truth":
            return {"true": True, "false": False}.get(text, text)
        case "json":
            return _json(text)
    return text


def _json(text: str) -> Any:
    try:
        return strict_json.decode(text.encode(), starts_file=False)
    except Malformed as malformed:
        told = (f"{fault.pointer} {fault.detail}".strip() for fault in malformed.faults)
        return Misspelled(text, "; ".join(told))
