"""Answers that are sent while they are made.

A client that stops reading holds a thread of the server for as long as it likes, so streams have
fewer turns than there are threads. The server ends an answer cleanly also where its making failed:
where the length was declared the client sees at once that bytes are missing, and every form ends
in a visible end.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from threading import BoundedSemaphore

from flask import g, request

from service.web.gate import STREAM
from service.web.problems import Busy
from service.web.representation import Answer

CHUNK = 131_072
"""A chunk has at least so many bytes, save the last."""

log = logging.getLogger("recension.web")


class Sent(Iterator[bytes]):
    """The parts of an answer, joined into chunks. It holds a turn while more is to be made.

    The first chunk is made at once, while an error can still be told, unless it may take longer
    than a question does. Raises `Busy`.
    """

    def __init__(
        self,
        parts: Iterator[bytes],
        turns: BoundedSemaphore,
        request_id: str = "",
        *,
        at_once: bool = True,
    ) -> None:
        self._parts, self._turns, self._request_id = parts, turns, request_id
        self._holds = turns.acquire(blocking=False)
        if not self._holds:
            raise Busy("as many streams as are sent at once are being sent; try again")
        self._first: bytes | None = self._made() if at_once else None

    def __next__(self) -> bytes:
        """Return the next chunk. An error breaks the answer off, and the log tells it."""
        chunk, self._first = self._first, None
        try:
            chunk = self._made() if chunk is None else chunk
        except Exception as error:
            members = {"request_id": self._request_id}
            log.error("a stream broke off", exc_info=error, extra={"members": members})
            raise
        if not chunk:
            raise StopIteration
        return chunk

    @property
    def is_open(self) -> bool:
        """Whether more is to be made."""
        return self._holds

    def close(self) -> None:
        """Give the turn back."""
        if self._holds:
            self._holds = False
            self._turns.release()

    def __del__(self) -> None:
        self.close()

    def _made(self) -> bytes:
        held, size = [], 0
        try:
            for part in self._parts:
                held.append(part)
                size += len(part)
                if size >= CHUNK:
                    return b"".join(held)
        except BaseException:
            self.close()
            raise
        self.close()
        return b"".join(held)


def sent(answer: Answer, turns: BoundedSemaphore) -> Answer:
    """Return the answer with a stream that has its turn; a HEAD makes nothing of it."""
    if isinstance(answer.body, bytes):
        return answer
    if request.method == "HEAD":
        return replace(answer, body=iter(()))
    # What comes before a part of an answer may have to be made too.
    at_once = answer.status != HTTPStatus.PARTIAL_CONTENT
    stream = Sent(answer.body, turns, g.request_id, at_once=at_once)
    # What is complete in one chunk is sent as any other answer.
    request.environ[STREAM] = stream.is_open
    return replace(answer, body=stream)
