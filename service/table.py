"""Tables as CSV: RFC 4180 in UTF-8, with a header, each cell exactly what it says.

A spreadsheet takes a cell that begins like a formula for one. Who opens a table in one can have it
escaped: such a cell, and one that begins with the mark, gets the mark before it. So does the first
name of the header, which tells that the table is escaped; to undo it, take one mark away from
each cell that begins with it.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence

MARK = "'"
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
"""What begins a formula in some spreadsheet, the wide signs of East Asian ones among them."""


def written(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, escaped: bool = False
) -> Iterator[bytes]:
    """Yield the lines of a table; one with a line feed inside of a cell is several."""
    # A row that is written is what the sink makes of its line: one writer serves all.
    line = csv.writer(_Encoding()).writerow
    if not escaped:
        yield line(header)
        yield from map(line, rows)
        return
    yield line((MARK + header[0], *header[1:]))
    for row in rows:
        yield line([_escaped(cell) for cell in row])


def _escaped(cell: str) -> str:
    return MARK + cell if cell.startswith((*FORMULAS, MARK)) else cell


class _Encoding:
    def write(self, line: str) -> bytes:
        return line.encode()
