"""The plain values that this package reads."""

from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Any]
"""A record as decoded from its canonical bytes."""
