"""How something was (RFC 7089): a pinned answer says when, and of what it is a memento.

Nothing that a pinned answer says may change, so its links lead back or to what moves by itself,
never to a later revision. A moving answer links to its TimeGate and depends on no header: a shared
cache that knows nothing of `Accept-Datetime` keeps nothing wrong.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from flask import Response
from werkzeug.http import http_date

from service.errors import BadQuery
from service.model import Reading
from service.web import address
from service.web.address import Address

LINK_FORMAT = "application/link-format"
ACCEPT = "Accept-Datetime"

HEADERS: dict[str, Any] = {
    "Memento-Datetime": {
        "required": True,
        "description": "The instant that the revision stands for (RFC 7089).",
        "schema": {"type": "string", "pattern": " GMT$"},
    },
}

PARAMETER: dict[str, Any] = {
    "name": ACCEPT,
    "in": "header",
    "description": "The instant, as in `Fri, 07 Jan 2022 23:59:59 GMT`; without it, the present.",
    "schema": {
        "type": "string",
        "pattern": "^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4}"
        " [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$",
        "examples": ["Fri, 07 Jan 2022 23:59:59 GMT"],
    },
}

_WRITTEN = "%a, %d %b %Y %H:%M:%S GMT"


def describe(response: Response, base: str, place: Address, reading: Reading) -> None:
    """Tell in the headers of a read below a dataset of what it is a memento, or its TimeGate."""
    here = address.revision(reading.dataset.name, reading.revision.number)
    original = original_of(place, reading)
    told = [line(f"{base}{beside('timegate', original, reading)}", "timegate")]
    if f"{place.path}/".startswith(f"{here.path}/"):
        instant = written(reading.revision.issued)
        response.headers["Memento-Datetime"] = instant
        timemap = f"{base}{beside('timemap', original, reading)}"
        told = [
            line(f"{base}{original}", "original"),
            *told,
            line(timemap, "timemap", type=LINK_FORMAT),
            line(f"{base}{place}", "memento", datetime=instant),
        ]
    before = response.headers.get("Link")
    response.headers["Link"] = ", ".join([before, *told] if before else told)


def versions(place: Address, reading: Reading) -> dict[str, Address]:
    """Return links (RFC 5829) from a read that every revision has to its other versions.

    None leads to a later one by its number: a pinned answer has to be the same for ever.
    """
    name, number = reading.dataset.name, reading.revision.number
    original = original_of(place, reading)
    links = {
        "latest_version": original,
        "version_history": Address(f"{address.dataset(name)}/revisions"),
    }
    if number > 1:
        links["predecessor_version"] = original.below(name, number - 1)
    return links


def original_of(place: Address, reading: Reading) -> Address:
    """Return the moving address of a read: that of which its pinned ones are mementos."""
    home = address.dataset(reading.dataset.name).path
    here = address.revision(reading.dataset.name, reading.revision.number).path
    start = here if f"{place.path}/".startswith(f"{here}/") else home
    moving = Address(home + place.path.removeprefix(start), place.query)
    return moving.asking(cursor=None, as_of=None, clock=None)


def beside(name: str, original: Address, reading: Reading) -> Address:
    """Return the TimeGate or TimeMap of an original."""
    home = address.dataset(reading.dataset.name).path
    return original._replace(path=f"{home}/{name}{original.path.removeprefix(home)}")


def line(url: str, rel: str, **attributes: str) -> str:
    """Return one link (RFC 8288)."""
    told = {"rel": rel, **attributes}
    return "; ".join([f"<{url}>", *(f'{name}="{value}"' for name, value in told.items())])


@lru_cache(maxsize=1024)
def written(instant: str) -> str:
    """Return an instant as HTTP writes it (RFC 1123)."""
    return http_date(datetime.fromisoformat(instant))


def asked(text: str) -> str:
    """Return the instant of an `Accept-Datetime`. Raises `BadQuery` for any other spelling."""
    try:
        found = datetime.strptime(text, _WRITTEN).replace(tzinfo=UTC)
    except ValueError:
        found = None
    if found is None or http_date(found) != text:
        raise BadQuery(
            f"{ACCEPT} must be a date of RFC 1123, as in {written('2022-01-07T23:59:59Z')}", ACCEPT
        )
    return found.isoformat().replace("+00:00", "Z")
