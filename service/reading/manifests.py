"""The tree of sums of a revision, as anyone would check it with `sha256sum`."""

from service.errors import NotFound
from service.model import Reading
from service.store import Database, nodes
from service.sums import ROOT


def node(db: Database, at: Reading, path: str = ROOT) -> str:
    """Return the text of a sums file, such as `SHA256SUMS`. Raises `NotFound`."""
    found = nodes.find(db, at, path)
    if found is None:
        raise NotFound(
            f"the manifest of revision {at.revision.number} of {at.dataset.name} has no {path!r};"
            f" begin at {ROOT}: each line names a file or a node below it"
        )
    return found.text


def paths(db: Database, at: Reading) -> list[str]:
    """Return the paths of all sums files of a revision."""
    return nodes.paths(db, at)
