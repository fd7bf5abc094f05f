"""Request bodies: which forms are taken, and how they are read without trusting their size."""

import time
from collections.abc import Iterator
from typing import NamedTuple

from flask import request
from werkzeug import exceptions as http

from schemas.problems import shown
from service.errors import RecensionError, Refused, TooLarge
from service.loader.spooling import Spooled, sized, spooled, unpacked
from service.model import Flaw, Place

NAME = "the request"
"""What a release over HTTP is called in reports."""

FORMS = {"application/x-ndjson": ".ndjson", "application/json": ".json"}
"""Media type to the suffix that a file of the form has."""

SECONDS = 300.0
"""How long a body may take to arrive."""

_STEP = 1 << 16


class UnsupportedMedia(RecensionError):
    """The body has a type, a charset or a coding that is not read here."""


class TooSlow(RecensionError):
    """The body did not arrive in time."""


class Received(NamedTuple):
    """A body, unpacked, and its form."""

    suffix: str
    content: Spooled


def received(most: int) -> Received:
    """Return the body of the request. Raises `UnsupportedMedia`, `TooLarge`, `TooSlow`, `Refused`.

    `most` bounds it as it travels and again as it is unpacked.
    """
    suffix, packed = _form(), _is_packed()
    advice = f"over HTTP a release has at most {sized(most)}; load it with `recension load`"
    if (request.content_length or 0) > most:
        raise TooLarge(f"{NAME} is too large: {advice}")
    chunks = _chunks(most, advice)
    return Received(suffix, spooled(unpacked(chunks, NAME) if packed else chunks, most, advice))


def _form() -> str:
    """Return the form that Content-Type names; JSON is UTF-8 and nothing else."""
    form = FORMS.get(request.mimetype)
    charset = request.mimetype_params.get("charset", "utf-8")
    if form is None or charset.lower() not in ("utf-8", "utf8"):
        given = shown(request.headers.get("Content-Type", ""))
        raise UnsupportedMedia(
            f"the Content-Type is {given}; a release is {' or '.join(FORMS)}, in UTF-8"
        )
    return form


def _is_packed() -> bool:
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip"):
        raise UnsupportedMedia(f"the Content-Encoding is {shown(coding)}; only gzip is unpacked")
    return coding == "gzip"


def _chunks(most: int, advice: str) -> Iterator[bytes]:
    # A body without a length that ends right at this limit is refused, so one more is let in.
    request.max_content_length = most + 1
    deadline = time.monotonic() + SECONDS
    try:
        while chunk := request.stream.read(_STEP):
            if time.monotonic() > deadline:
                raise TooSlow(f"the body took longer than {SECONDS:.0f} s")
            yield chunk
    except http.RequestEntityTooLarge:
        raise TooLarge(f"{NAME} is too large: {advice}") from None
    except (http.ClientDisconnected, OSError):
        detail = "truncated: fewer bytes came than were announced"
        raise Refused(f"{NAME} is {detail}", [Flaw(Place(NAME), detail)]) from None
