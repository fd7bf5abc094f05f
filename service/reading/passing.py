"""Streams from some byte on: what lies before is passed over, by its size where that is known."""

from collections.abc import Iterator


class Passing:
    """How many bytes of a stream are still to be passed over."""

    def __init__(self, left: int = 0) -> None:
        self.left = left

    def over(self, size: int) -> bool:
        """Pass over a part that lies wholly before, and say whether it did: it is never made."""
        if not 0 < size <= self.left:
            return False
        self.left -= size
        return True

    def cut(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield what follows of a stream that is made."""
        for chunk in chunks:
            passed = min(self.left, len(chunk))
            self.left -= passed
            if passed < len(chunk):
                yield chunk[passed:] if passed else chunk


WHOLE = Passing()
"""Nothing is passed over."""
