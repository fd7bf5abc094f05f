"""The order and equality of values: by their canonical bytes."""

from typing import Any

import orjson


def canonical(value: Any) -> bytes:
    """Return the bytes by which valid values are compared; equal values have equal bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
