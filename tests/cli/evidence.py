"""What the tests of `verify-evidence` are made of: documents, releases of the samples, runs."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from service.cli import main
from tests.builders import write_release
from tests.schemas import samples
from tests.schemas.cases import GONE, changed

SENTENCE = "the old harbour bridge gave way on Monday evening"
"""Nine words of the Herald."""


class Bench:
    """A folder of the samples' two documents, and one for releases."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.documents = path / "documents"
        self.documents.mkdir()
        (self.documents / "herald-001.txt").write_bytes(samples.HERALD_TEXT.encode())
        (self.documents / "wire-002.txt").write_bytes(samples.WIRE_TEXT.encode())

    def snapshot(self, changes: dict[str, Any] | None = None, **release: Any) -> Path:
        """Write a release of the samples, changed at pointers like `/figures/0/value`."""
        objects: Any = changed(records(), changes or {})
        return write_release(self.path / "a.ndjson", objects, samples.dataset(), **release)

    def delta(self, objects: dict[str, Any], **more: Any) -> Path:
        """Write a release that follows."""
        return write_release(self.path / "b.ndjson", objects, mode="delta", **more)

    def verify(self, *words: object) -> Result:
        """Run the command against the documents."""
        arguments = ["verify-evidence", *(str(word) for word in words)]
        return CliRunner().invoke(main, [*arguments, "--documents", str(self.documents)])

    def fails(self, changes: dict[str, Any]) -> bool:
        """Tell whether a snapshot of the changed samples has a fault."""
        return self.verify(self.snapshot(changes)).exit_code == 1


def records() -> dict[str, Any]:
    """The samples, less the bounds of the rich figure, which the Herald does not print."""
    found: dict[str, Any] = changed(
        samples.records(), {"/figures/0/low": GONE, "/figures/0/high": GONE}
    )
    return found


def run(phrase: str, text: str = samples.HERALD_TEXT, source: str = "herald-001") -> dict[str, Any]:
    """Evidence of a phrase that supports a value."""
    return samples.run(source, text, phrase, supports=["value"])


def selecting(start: int, end: int) -> dict[str, Any]:
    """Evidence of the Herald by its positions."""
    digest = sha256(samples.HERALD_TEXT[start:end].encode()).hexdigest()
    return {**run("12"), "start": start, "end": end, "sha256": digest}
