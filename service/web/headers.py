"""Every header that an answer may say something with, from the module that each is a concern of."""

from collections.abc import Mapping
from typing import Any

from service.web import (
    access,
    caching,
    codings,
    formats,
    journal,
    memento,
    problems,
    ranges,
    representation,
    security,
)

HEADERS: Mapping[str, Any] = {
    **caching.HEADERS,
    **representation.HEADERS,
    **formats.HEADERS,
    **codings.HEADERS,
    **memento.HEADERS,
    **access.HEADERS,
    **security.HEADERS,
    **journal.HEADERS,
    **problems.HEADERS,
    **ranges.HEADERS,
}
"""Name to its description in the OpenAPI document."""
