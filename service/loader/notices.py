"""What is worth an editor's look in a revision, and held nothing back.

A running total that fell, a part that is greater than its whole, and a claim that counts only at
a place which is no narrower than that of its event. Only series that the revision touched are
looked at, and no more than some, so that the cost follows the change.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from service.contested import RECENSION_1, fallen, hierarchy
from service.contested.measures import scale
from service.errors import Unavailable
from service.model import DATASET, Reading, Revision
from service.store import Database, ingestions, revisions, series
from service.store.series import Window
from service.store.standings import families
from service.store.standings.materials import Materials

MOST = 1000
"""Series that are looked at."""

SHOWN = 100
"""Notices that are told."""

Record = Mapping[str, Any]


def noted(db: Database, revision: Revision, ingestion: str) -> list[str]:
    """Return the notices of a revision, and keep them with the account of the run that made it."""
    with suppress(Unavailable):
        dataset = revisions.dataset(db, revision.dataset)
        told = of(db, Reading(dataset, revision, pinned=True))
        if told:
            ingestions.note(db, ingestion, told)
        return told
    return []


def of(db: Database, at: Reading) -> list[str]:
    """Return the notices of a revision."""
    number = at.revision.number
    touched = sorted(series.touched(db, Window(at.dataset, number - 1, number)))
    found: dict[str, list[Record]] = defaultdict(list)
    for key, held in series.figures(db, series.only(at), touched[:MOST]):
        found[key].append(held.record)
    figures = {figure["id"]: figure for some in found.values() for figure in some}
    told = [*_falls(db, at, found), *_parts(db, at, figures), *_places(db, at, figures)]
    if len(touched) > MOST:
        told = [f"only the first {MOST} of {len(touched)} series were looked at", *told]
    return told[:SHOWN]


def _falls(db: Database, at: Reading, found: Mapping[str, list[Record]]) -> Iterator[str]:
    # It takes two running totals for one to be lower: few series are judged for that.
    several = [key for key, figures in found.items() if sum(map(_is_total, figures)) > 1]
    materials = Materials(db, series.only(at), several)
    for key in several:
        material = materials.at(key, at.revision.number)
        if material and (fell := fallen(material)):
            yield f"{key}: a running total fell: {', '.join(fell)}"


def _is_total(figure: Record) -> bool:
    return bool(figure["coverage"] == "cumulative")


def _parts(db: Database, at: Reading, figures: Mapping[str, Record]) -> Iterator[str]:
    links = {
        link
        for end in ("record", "target")
        for link in families.parts(db, at, "figures", end, figures)
    }
    others = {figure for link in links for figure in link} - figures.keys()
    known = {**figures}
    known |= {
        held.id: held.record for held in series.records(db, series.only(at), "figures", others)
    }
    for part, whole in sorted(links):
        if _exceeds(known.get(part, {}), known.get(whole, {})):
            yield f"figures/{part}: it is greater than figures/{whole}, of which it is a part"


def _exceeds(part: Record, whole: Record) -> bool:
    """Whether no number that the part allows is within the whole."""
    if any("unit" not in figure or "missing" in figure for figure in (part, whole)):
        return False
    one, other = scale(part["unit"]), scale(whole["unit"])
    least = RECENSION_1.interval(part).scaled(one.factor).low
    most = RECENSION_1.interval(whole).scaled(other.factor).high
    return one.name == other.name and least > most


def _places(db: Database, at: Reading, figures: Mapping[str, Record]) -> Iterator[str]:
    limited = {
        name: figure
        for name, figure in sorted(figures.items())
        if figure.get("place", {}).get("bearing") == "limit" and "event" in figure["of"]
    }
    within = series.only(at)
    events = {figure["of"]["event"] for figure in limited.values()}
    places = {
        held.id: held.record["place"]["id"]
        for held in series.records(db, within, "events", events)
        if "place" in held.record
    }
    documents = [held.record for held in series.records(db, within, DATASET, [at.dataset.name])]
    wider = hierarchy(documents[0]).places
    for name, figure in limited.items():
        place, around = figure["place"]["id"], places.get(figure["of"]["event"])
        if around is not None and around not in wider.get(place, ()):
            yield (
                f"figures/{name}: it counts only at {place}, which is not narrower than {around},"
                f" the place of events/{figure['of']['event']}"
            )
