"""Lines are what stands between line feeds, wherever the blocks end in which they are read."""

import io
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.loader.release import files, limits
from tests.steady import steady

BOM = b"\xef\xbb\xbf"
pieces = st.lists(st.sampled_from([b"\n", b"\r\n", b"\r", b"a", b"bcd", b"0123456789abc", BOM]))


@steady
@given(pieces.map(b"".join), st.integers(1, 9), st.sampled_from([1, 2]))
def test_blocks_make_no_difference(data: bytes, block: int, first: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "_BLOCK", block)
        patch.setattr(limits, "LINE", 10)
        hashed = sha256()
        found = list(files.lines(io.BytesIO(data), hashed.update, first))

    whole = data.split(b"\n")
    expected = [each if len(each) <= 10 else None for each in (whole if whole[-1] else whole[:-1])]
    if first == 1 and expected and expected[0] is not None:
        expected[0] = expected[0].removeprefix(BOM)
    assert [line.data for line in found] == [
        each if each is None else each.removesuffix(b"\r") for each in expected
    ]
    assert [line.number for line in found] == [*range(first, first + len(found))]
    assert hashed.digest() == sha256(data).digest()
