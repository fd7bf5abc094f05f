"""The digest of a revision as a stranger recomputes it: with hashlib, and with nothing of ours."""

from collections.abc import Mapping
from hashlib import sha256

Bodies = Mapping[str, Mapping[str, bytes]]
"""Kind to id to canonical bytes."""


def sha(data: bytes) -> str:
    return sha256(data).hexdigest()


def tree(document: bytes, records: Bodies) -> dict[str, str]:
    """Return path to text of every sums file of a revision."""
    files: dict[str, str] = {}
    lines = [f"{sha(document)}  dataset.json\n"]
    for kind in ("actors", "events", "figures", "sources"):
        if records.get(kind):
            lines.append(_node(kind, "", records[kind], files))
    files["SHA256SUMS"] = "".join(lines)
    return files


def _node(kind: str, prefix: str, bodies: Mapping[str, bytes], files: dict[str, str]) -> str:
    path = "/".join(["manifest", kind, *prefix]) + ".sums"
    if len(bodies) <= 128:
        lines = [f"{sha(bodies[name])}  {kind}/{name}.json\n" for name in sorted(bodies)]
    else:
        parts: dict[str, dict[str, bytes]] = {}
        for name, body in bodies.items():
            parts.setdefault(sha(name.encode())[len(prefix)], {})[name] = body
        lines = [_node(kind, prefix + digit, parts[digit], files) for digit in sorted(parts)]
    files[path] = "".join(lines)
    return f"{sha(files[path].encode())}  {path}\n"


def digest(document: bytes, records: Bodies) -> str:
    """Return the revision's digest."""
    return sha(tree(document, records)["SHA256SUMS"].encode())


def chain(dataset: str, number: int, issued: str, revision_digest: str, parent: str) -> str:
    """Return the revision's chain, from that of its parent or from 64 zeros."""
    return sha(f"{dataset} {number} {issued} {revision_digest} {parent}\n".encode())
