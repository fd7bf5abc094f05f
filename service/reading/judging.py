"""The series of a revision and what they come to, kept once found: a revision never changes."""

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import orjson

from service.contested import Assessment, Hierarchy, Parts, assess, hierarchy
from service.contested.status import Status
from service.errors import BadQuery
from service.model import Reading
from service.reading import records
from service.reading.keeping import Kept
from service.reading.materials import Materials
from service.store import Database
from service.store import records as stored_records
from service.store import series as stored

BATCH = 200
"""Series that are read and judged at once."""


@dataclass(frozen=True)
class Overview:
    """The series of a revision by key, which groups, places and events lie in which, and names.

    `near` gives for each series those that contain it or lie in it, roughly: `family` judges.
    """

    series: Mapping[str, Parts]
    within: Hierarchy
    names: Mapping[str, str]
    near: Mapping[str, Collection[str]]


class Standing(NamedTuple):
    """What a series comes to, in short; `voices` are all whose word is in it."""

    status: Status
    voices: frozenset[str]


@dataclass(frozen=True)
class Judgement:
    """All series of a revision judged: each in short, and the contested ones whole."""

    standings: Mapping[str, Standing]
    contested: Mapping[str, Assessment]


def _overview(db: Database, at: Reading) -> Overview:
    document = orjson.loads(records.document(db, at).body)
    series = {parts.key: parts for parts in stored.every(db, at)}
    above: dict[str, list[dict[str, str]]] = defaultdict(list)
    for part, whole in stored.wholes(db, at):
        above[part].append({"type": "part_of", "event": whole})
    within = hierarchy(document, [{"id": k, "relations": v} for k, v in above.items()])
    names = {
        each["id"]: each["name"]
        for each in (*document.get("groups", ()), *document.get("places", ()))
    }
    return Overview(series, within, names, _near(series, within))


def _near(series: Mapping[str, Parts], within: Hierarchy) -> dict[str, set[str]]:
    near: dict[str, set[str]] = defaultdict(set)
    for key, parts in series.items():
        for wider in _wider(parts, within):
            if wider != key and wider in series:
                near[key].add(wider)
                near[wider].add(key)
    return near


def _wider(parts: Parts, within: Hierarchy) -> Iterator[str]:
    """Yield the keys that a series of this measure would have that contains one of these parts."""
    groups = {parts.group, *(within.groups.get(parts.group, ()) if parts.group else ())}
    events = {parts.of, *within.events.get(parts.of, ())}
    places = {parts.place, None, *(within.places.get(parts.place, ()) if parts.place else ())}
    for group, of, place in product(groups, events, places):
        yield Parts(parts.measure, group, parts.subject, of, place).key


def _judgement(db: Database, at: Reading) -> Judgement:
    return judged(db, at, overview(db, at).series, ())


overview = Kept(_overview)
"""The series of a revision, none of them judged."""

judgement = Kept(_judgement)
"""All series of a revision, judged."""


def judged(db: Database, at: Reading, keys: Iterable[str], without: Collection[str]) -> Judgement:
    """Judge some series of a revision as if some sources had not been read."""
    standings: dict[str, Standing] = {}
    contested: dict[str, Assessment] = {}
    for key, assessment in assessments(db, at, keys, without):
        standings[key] = Standing(assessment.verdict.status, _voices(assessment))
        if assessment.verdict.status == "contested":
            contested[key] = assessment
    return Judgement(standings, contested)


def judgement_without(db: Database, at: Reading, without: Collection[str]) -> Judgement:
    """Judge a revision as if some sources had not been read; only series of theirs anew."""
    every = judgement(db, at)
    if not without:
        return every
    affected = stored.of_sources(db, at, without)
    anew = judged(db, at, affected, without)
    kept = {key: each for key, each in every.contested.items() if key not in anew.standings}
    return Judgement({**every.standings, **anew.standings}, {**kept, **anew.contested})


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


def _voices(assessment: Assessment) -> frozenset[str]:
    voices = (assessment.voices[each.claim.figure].actor for each in assessment.judged)
    return frozenset(voice for voice in voices if voice)


def names_of(db: Database, at: Reading, parts: Iterable[Parts]) -> dict[str, str]:
    """Return what groups and places are called, and the events and actors that series are of."""
    of: dict[str, set[str]] = {"event": set(), "actor": set()}
    for each in parts:
        of[each.subject].add(each.of)
    within = stored.only(at)
    events = stored.records(db, within, "events", of["event"])
    actors = stored.records(db, within, "actors", of["actor"])
    told: dict[str, Any] = {held.id: held.record.get("title") for held in events}
    told |= {held.id: held.record.get("name") for held in actors}
    return {**overview(db, at).names, **{name: text for name, text in told.items() if text}}


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
