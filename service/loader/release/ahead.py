"""What another thread makes ready while this one works on what came before it."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Made = TypeVar("Made")


def ahead(values: Iterator[Made]) -> Generator[Made]:
    """Yield the values of an iterator; while one is worked on, another thread has the next made.

    It gains where that leaves the interpreter's lock alone, as reading and hashing do. One value is
    made at a time and no more is held; what making it raises is raised here, in its place. Closed,
    it waits for the value that is being made, and the thread ends.
    """
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, values, None)
        while (value := coming.result()) is not None:
            coming = thread.submit(next, values, None)
            yield value
