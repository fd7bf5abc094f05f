"""How programs find their way: links of RFC 8288 that answers carry beside their own.

`license` is that of the dataset at the revision, by its id of SPDX. `cite-as` (RFC 8574) is the
address that keeps the answer for ever. Where the interface is described stands in the catalogue of
RFC 9727.
"""

from typing import Any

import orjson
from flask import Response

from service.model import Reading
from service.reading import datasets
from service.store import Database
from service.web import memento
from service.web.address import Address

CATALOGUE = "/.well-known/api-catalog"
LICENCES = "https://spdx.org/licenses/"


OWN = "LicenseRef-"
"""Begins the id of a licence that is nowhere but in the dataset."""

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Links by anchor and relation (RFC 9264).",
    "required": ["linkset"],
    "properties": {
        "linkset": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["anchor"],
                "properties": {"anchor": {"type": "string", "format": "uri"}},
                "additionalProperties": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["href"],
                        "properties": {
                            "href": {"type": "string", "format": "uri"},
                            "type": {"type": "string"},
                        },
                    },
                },
            },
        }
    },
}


def describe(
    response: Response, db: Database, base: str, reading: Reading, cited: Address | None
) -> None:
    """Tell in the `Link` header under which licence an answer stands, and where to cite it."""
    told = [response.headers["Link"]] if "Link" in response.headers else []
    licence = datasets.licence(db, reading)
    if licence and not licence.startswith(OWN):
        told.append(memento.line(f"{LICENCES}{licence}", "license"))
    if cited:
        told.append(memento.line(f"{base}{cited}", "cite-as"))
    if told:
        response.headers["Link"] = ", ".join(told)


def linkset(base: str) -> bytes:
    """Return the catalogue: the API, what describes it, and where its datasets are."""
    api = f"{base}/v1"
    described = {
        "service-desc": (f"{base}/openapi.json", "application/json"),
        "service-doc": (f"{base}/docs", "text/html"),
        "status": (f"{base}/readyz", "application/json"),
        "item": (f"{api}/datasets", "application/json"),
    }
    told = {rel: [{"href": href, "type": type_}] for rel, (href, type_) in described.items()}
    linked = [{"anchor": f"{base}{CATALOGUE}", "item": [{"href": api}]}, {"anchor": api, **told}]
    return orjson.dumps({"linkset": linked})
