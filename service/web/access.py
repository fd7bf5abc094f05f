"""Who may publish: bearer tokens (RFC 6750), held against the grants that are configured.

A token stands in the `Authorization` header and nowhere else: an address is logged and kept.
"""

from collections.abc import Sequence
from typing import Any

from flask import request

from service import tokens
from service.errors import RecensionError
from service.tokens import Grant

CHALLENGE = 'Bearer realm="recension"'

OFF = "publishing over HTTP is off here: no tokens are configured; use `recension load`"

SCHEME: dict[str, Any] = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token for the dataset, as `recension token` makes it.",
}

HEADERS: dict[str, Any] = {
    "WWW-Authenticate": {
        "required": True,
        "description": "How to say who asks.",
        "schema": {"const": CHALLENGE},
    },
}


class Unauthorized(RecensionError):
    """The request brings no token, or one that nobody gave out."""


class Forbidden(RecensionError):
    """The token is for something else, or no token would do."""


def granted(known: Sequence[Grant], dataset: str) -> Grant:
    """Return what the bearer of the request's token may do to a dataset.

    Raises `Unauthorized` or `Forbidden`; neither message repeats the token.
    """
    if not known:
        raise Forbidden(OFF)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("this needs a token: send `Authorization: Bearer rcn_…`")
    found = tokens.grants(known, token.strip())
    if not found:
        raise Unauthorized("the token is not known here")
    covering = [grant for grant in found if grant.covers(dataset)]
    if not covering:
        raise Forbidden("the token is for another dataset")
    return max(covering, key=lambda grant: grant.may_create)
