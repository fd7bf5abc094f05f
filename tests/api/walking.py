"""Following links as a client does."""

import re
from collections.abc import Iterator
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.api.published import NAME

BASE = "https://data.example/base"
"""The public address; a proxy in front would take it off."""

HERE = f"/v1/datasets/{NAME}"


def local(link: str) -> str:
    """Return the path that a link reaches within the application."""
    assert link.startswith(BASE), link
    return link.removeprefix(BASE)


def pages(client: FlaskClient, address: str) -> Iterator[dict[str, Any]]:
    """Yield each page of a list, following `links.next`."""
    following: str | None = address
    while following:
        answer = client.get(following)
        assert answer.status_code == 200, answer.get_data()
        page: dict[str, Any] = answer.get_json()
        yield page
        following = local(page["links"]["next"]) if "next" in page["links"] else None


def walk(client: FlaskClient, address: str) -> list[Any]:
    """Return the items of all pages of a list."""
    return [item for page in pages(client, address) for item in page["data"]]


def following_link(answer: TestResponse) -> str | None:
    """Return what the Link header calls next."""
    found = re.search('<([^>]*)>; rel="next"', answer.headers["Link"])
    return local(found[1]) if found else None
