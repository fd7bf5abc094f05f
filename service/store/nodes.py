"""The tree of sums of each revision. Nodes have intervals, as records do."""

from service.model import Reading
from service.store.database import Database
from service.store.records import Weight
from service.store.tables import AT
from service.sums import Node


def find(db: Database, at: Reading, path: str) -> Node | None:
    """Return the node at a path in a revision, or None."""
    number = at.revision.number
    row = db.row(
        f"SELECT ids, text FROM nodes WHERE dataset = ? AND path = ? AND {AT}",
        (at.dataset.key, path, number, number),
    )
    return Node(*row) if row else None


def weight(db: Database, at: Reading) -> Weight:
    """Return how many nodes a revision has, and the bytes of their paths and texts."""
    number = at.revision.number
    row = db.row(
        "SELECT count(*), coalesce(sum(length(path)), 0), coalesce(sum(octet_length(text)), 0)"
        f" FROM nodes WHERE dataset = ? AND {AT}",
        (at.dataset.key, number, number),
    )
    return Weight(*map(int, row or (0, 0, 0)))


def paths(db: Database, at: Reading) -> list[str]:
    """Return the paths of all nodes of a revision, in order."""
    number = at.revision.number
    rows = db.rows(
        f"SELECT path FROM nodes WHERE dataset = ? AND {AT} ORDER BY path",
        (at.dataset.key, number, number),
    )
    return [path for (path,) in rows]
