"""What keeps a file from being read, and the strict UTF-8 that every text format stands on."""

from collections.abc import Iterable
from typing import NamedTuple

from schemas.problems import pointer

BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Fault(NamedTuple):
    """One fault of a file: its line (from 1, where known), a JSON pointer, what would be right."""

    line: int | None
    pointer: str
    detail: str


class Malformed(Exception):
    """A file that cannot be read as it stands; nothing of it is used."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.detail for fault in self.faults))


def text_of(data: bytes, *, starts_file: bool = True) -> str:
    """Return strict UTF-8 as text, less one byte order mark at the start of a file."""
    if starts_file:
        data = data.removeprefix(BOM)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Malformed([Fault(line, "", _encoding_fault(data, error.start))]) from None


def _encoding_fault(data: bytes, offset: int) -> str:
    if data.startswith(_UTF_16):
        return "not UTF-8 but UTF-16: save it as UTF-8"
    return f"not UTF-8: byte {offset} is 0x{data[offset]:02X}; save it as UTF-8"


def below(parent: str, name: str | int) -> str:
    """Return the pointer to a member of what a pointer leads to."""
    if isinstance(name, int) or name.isidentifier():
        return f"{parent}/{name}"
    return parent + pointer((name,))
