"""Tables as CSV: RFC 4180 in UTF-8, with a header, each cell exactly what it says.

A spreadsheet takes a cell that begins like a formula for one. Who opens a table in one can have it
escaped: such a cell, and one that begins with the mark, gets the mark before it. So does the first
name of the header, which tells that the table is escaped; to undo it, take one mark away from
each cell that begins with it.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

MARK = "'"
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
"""What begins a formula in some spreadsheet, the wide signs of East Asian ones among them."""


def written(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, escaped: bool = False
) -> Iterator[bytes]:
    """Yield the lines of a table; one with a line feed inside of a cell is several."""
    if not escaped:
        yield _line(header)
        yield from map(_line, rows)
        return
    yield _line((MARK + header[0], *header[1:]))
    for row in rows:
        yield _line([_escaped(cell) for cell in row])


def _escaped(cell: str) -> str:
    return MARK + cell if cell.startswith((*FORMULAS, MARK)) else cell


def _line(cells: Sequence[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue().encode()
