"""What a request has to bring beside its address, where that is more than a plain GET."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema


@dataclass(frozen=True)
class Terms:
    """The terms of an operation.

    `guarded` wants a token for the dataset in the path; `takes` maps each media type of a body to
    what it must obey; `asks` are the headers that it reads; `statuses` those of its good answers.
    """

    method: str = "GET"
    guarded: bool = False
    takes: Mapping[str, dict[str, Any] | Schema] = field(default_factory=dict)
    asks: tuple[dict[str, Any], ...] = ()
    statuses: Mapping[int, str] = field(default_factory=lambda: {200: "The answer."})


PLAIN = Terms()
"""GET, for everyone."""
