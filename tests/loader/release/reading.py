"""What the tests of reading releases share: writing small releases, and reading them whole."""

import io
import json
from pathlib import Path
from typing import Any

from service.loader.release import Item, Part, Release, open_release
from service.model import Flaw

DATASET = {"title": "Prices of bread", "licence": "CC-BY-4.0", "schema": 0}
DIGEST = "ab" * 32


def a_source(name: str, **members: Any) -> dict[str, Any]:
    return {"id": name, "source_type": "news_report", **members}


def write(folder: Path, files: dict[str, Any]) -> str:
    """Write files by path: bytes and text as they are, other values as JSON."""
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(folder)


def lines(*values: Any) -> bytes:
    """Return NDJSON; text stands for a line as it is."""
    texts = (value if isinstance(value, str) else json.dumps(value) for value in values)
    return "".join(f"{text}\n" for text in texts).encode()


def first(mode: str = "snapshot", **members: Any) -> dict[str, Any]:
    dataset = {"dataset": DATASET} if mode == "snapshot" else {}
    return {**dataset, "release": {"mode": mode, **members}}


def a_record(name: str, **members: Any) -> dict[str, Any]:
    return {"kind": "sources", "record": a_source(name), **members}


def piped(data: bytes, **options: Any) -> Release:
    return open_release("-", stdin=io.BytesIO(data), **options)


def read(release: Release) -> list[Part]:
    return list(release.items())


def records(parts: list[Part]) -> list[tuple[str, str]]:
    """Return kind and id of each record, and nothing else may be there."""
    assert all(isinstance(part, Item) for part in parts), parts
    return [(part.kind, part.record["id"]) for part in parts if isinstance(part, Item)]


def flaws(parts: list[Part]) -> list[str]:
    return [str(part) for part in parts if isinstance(part, Flaw)]
