"""What links series to each other: parts of figures, and parts of the events that they are of."""

from collections.abc import Collection

from service.model import Reading
from service.store.database import Database
from service.store.series import AT, listed, only, series_of

Pair = tuple[str, str]
"""A part, and that of which it is a part."""

_ENDS = {
    "record": "kind = ? AND record IN ({marks}) AND target_kind || '' = ?",
    "target": "target_kind = ? AND target IN ({marks}) AND kind || '' = ?",
}
"""Either end of a link between records of a kind, found by the index of that end alone."""


def printed_parts(db: Database, at: Reading, ids: Collection[str]) -> set[Pair]:
    """Return (series of the part, series of the whole) for relations that touch some figures."""
    links = {link for end in _ENDS for link in parts(db, at, "figures", end, ids)}
    series = series_of(db, only(at), {figure for link in links for figure in link})
    return {(series[p], series[w]) for p, w in links if p in series and w in series}


def lines(db: Database, at: Reading, events: Collection[str]) -> set[Pair]:
    """Return (event, event of which it is a part), up from some events and down from them."""
    found: set[Pair] = set()
    for end, following in (("record", 1), ("target", 0)):
        reached, waiting = set(events), set(events)
        while waiting:
            links = parts(db, at, "events", end, waiting)
            found |= links
            waiting = {link[following] for link in links} - reached
            reached |= waiting
    return found


def parts(db: Database, at: Reading, kind: str, end: str, ids: Collection[str]) -> set[Pair]:
    """Return the pairs of a kind that have one of some ids at one end: `record` or `target`."""
    number = at.revision.number
    return {
        (part, whole)
        for marks, some in listed(ids)
        for part, whole in db.rows(
            f"SELECT record, target FROM links WHERE dataset = ? AND"
            f" {_ENDS[end].format(marks=marks)} AND field = 'relations.part_of' AND {AT}",
            (at.dataset.key, kind, *some, kind, number, number),
        )
    }
