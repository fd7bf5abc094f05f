"""What a request has to bring beside its address, where that is more than a plain GET."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Terms:
    """The terms of an operation.

    `guarded` wants a token for the dataset in the path; `takes` maps each media type of a body to
    its JSON Schema; `asks` are the headers that it reads; `statuses` are those of its good answers.
    """

    method: str = "GET"
    guarded: bool = False
    takes: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    asks: tuple[dict[str, Any], ...] = ()
    statuses: Mapping[int, str] = field(default_factory=lambda: {200: "The answer."})


PLAIN = Terms()
"""GET, for everyone."""
