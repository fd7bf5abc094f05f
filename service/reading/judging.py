"""Series of a revision judged as they are asked for, or as if some sources had not been read."""

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from schemas import KINDS
from service.contested import Assessment, Parts, assess
from service.errors import BadQuery
from service.model import Reading
from service.reading import records
from service.store import Database
from service.store import records as stored_records
from service.store import series as stored
from service.store.standings import listing
from service.store.standings.materials import Materials

BATCH = 200
"""Series that are read and judged at once."""

MOST_AFFECTED = 3000
"""Series that are judged anew because some of their sources are left out of a list."""


class Only(NamedTuple):
    """Which series are asked for; None admits all.

    Some one claim, live or not, has to meet all of the last three: who asserts it, who passed it
    on, whose word it is in the end.
    """

    measure: str | None = None
    group: str | None = None
    of: str | None = None
    place: str | None = None
    status: str | None = None
    asserter: str | None = None
    through: str | None = None
    voice: str | None = None


def kept_only(db: Database, at: Reading, only: Only) -> listing.Only:
    """Return what is asked for as the store can answer it."""
    filters = KINDS["figures"].filters
    said = [
        filters[name].asked("", text)
        for name, text in (("asserter", only.asserter), ("through", only.through))
        if text is not None
    ]
    if only.voice is not None:
        speakers = tuple(stored.speakers(db, at, only.voice))
        said.append(filters["asserter"].asked("", only.voice)._replace(values=speakers))
    return listing.Only(*only[:5], tuple(said))


def admits(only: Only, assessment: Assessment) -> bool:
    """Say whether a series of the wanted key is what is asked for, by what of it is in view."""
    if only.status not in (None, assessment.status):
        return False
    if only[5:] == (None, None, None):
        return True
    return any(
        only.asserter in (None, each.claim.asserter)
        and (only.through is None or only.through in each.claim.through)
        and only.voice in (None, assessment.voices[each.claim.figure].actor)
        for each in assessment.judged
    )


def affected(
    db: Database, at: Reading, only: Only, without: Collection[str]
) -> dict[str, Assessment]:
    """Return the series that have claims of some sources, judged as if these had not been read.

    Raises `BadQuery` where they are too many for one answer.
    """
    keys = stored.of_sources(db, at, without)
    named = listing.some(db, at, "series", listing.Only(*only[:4]), keys)
    if len(named) > MOST_AFFECTED:
        raise BadQuery(
            f"without: {len(named)} series have claims of these sources, and {MOST_AFFECTED} is the"
            " most that one answer judges anew: ask for one measure, group, event or place",
            "without",
        )
    return dict(assessments(db, at, [row.id for row in named], without))


def assessments(
    db: Database, at: Reading, keys: Iterable[str], without: Collection[str] = ()
) -> Iterator[tuple[str, Assessment]]:
    """Yield (key, assessment) of series of a revision, read in batches."""
    every = list(keys)
    for start in range(0, len(every), BATCH):
        some = every[start : start + BATCH]
        materials = Materials(db, stored.only(at), some)
        for key in some:
            material = materials.at(key, at.revision.number)
            if material:
                yield key, assess(material, without=without)


def names_of(
    db: Database, at: Reading, parts: Iterable[Parts], document: Mapping[str, Any]
) -> dict[str, str]:
    """Return what groups and places are called, and the events and actors that series are of."""
    of: dict[str, set[str]] = {"event": set(), "actor": set()}
    for each in parts:
        of[each.subject].add(each.of)
    within = stored.only(at)
    events = stored.records(db, within, "events", of["event"])
    actors = stored.records(db, within, "actors", of["actor"])
    declared = (*document.get("groups", ()), *document.get("places", ()))
    told: dict[str, Any] = {each["id"]: each["name"] for each in declared}
    told |= {held.id: held.record.get("title") for held in events}
    told |= {held.id: held.record.get("name") for held in actors}
    return {name: text for name, text in told.items() if text}


def document(db: Database, at: Reading) -> dict[str, Any]:
    """Return `dataset.json` of a revision."""
    found: dict[str, Any] = orjson.loads(records.document(db, at).body)
    return found


def require_sources(db: Database, at: Reading, sources: Collection[str]) -> None:
    """Raise `BadQuery` unless the revision has these sources: leaving out none says nothing."""
    known = stored_records.digests(db, at, "sources", list(sources))
    for source in sources:
        if source not in known:
            there = [name for name, _ in stored_records.page(db, at, "sources", None, 1000)]
            raise BadQuery(
                f"without: there is no source {source!r} in revision {at.revision.number};"
                f" {nearest(source, there)}",
                "without",
            )


def nearest(name: str, known: Collection[str]) -> str:
    """Return a sentence with the names that are most like one."""
    close = difflib.get_close_matches(name, known, n=5, cutoff=0.4) or sorted(known)[:5]
    return f"near it are: {', '.join(close)}" if close else "there are none"
