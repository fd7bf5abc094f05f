"""Canonical bytes, digests and the chain (settled once: published bytes never change).

Canonical bytes are RFC 8785 (JSON Canonicalization Scheme). orjson with sorted keys writes the same
bytes for what the record model admits: ASCII member names and bounded numbers. A property test
holds it against the reference implementation.
"""

from hashlib import sha256
from typing import Any

import orjson

NO_CHAIN = "0" * 64
"""What stands for the parent's chain in the first revision."""


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 bytes of a value of the record model, without a final newline."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(data: bytes) -> str:
    """Return the sha256 of the bytes, as 64 lower-case hex digits."""
    return sha256(data).hexdigest()


def chain(dataset: str, number: int, issued: str, revision_digest: str, parent: str) -> str:
    """Return the chain value of a revision: it commits to the revision and all before it."""
    return digest(f"{dataset} {number} {issued} {revision_digest} {parent}\n".encode())
