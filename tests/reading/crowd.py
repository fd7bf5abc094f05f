"""A crowd of made-up records with many ties, gaps and odd texts, in three revisions.

They are stored as they stand. What they say is drawn from small pools, so that filters find some
of them and sort keys are often equal; the seed is fixed.
"""

import random
from typing import Any

from schemas import KINDS
from service.model import DATASET
from service.store import Database
from tests.schemas import samples
from tests.store.states import State, publish

NAME = "crowd"
SIZE = 45

TEXTS = ("a", "A", "Z", "\u00e4", "a b", "\uffee", "\U0001f600", "aa", "-", "é", "10", "9")
DATES = ("2022-01-05", "2022-01", "2022", "../2022-01-06", "2022-01-06/..", "2021-12-31/2022-01-01",
         "2022-01-XX", "2022-01-05~", "0000-01-01", "9999-12-31")  # fmt: skip
NUMBERS = (0, 1, 12, 12, 0.5, 0.0001, -3, 10**15 - 1, -(10**15) + 1, 123456789.125)
IDS = ("one", "two", "three", "four-4")
SOURCES = ("s-one", "s-two", "s-three")


def publish_crowd(db: Database) -> list[dict[str, dict[str, dict[str, Any]]]]:
    """Publish three revisions, and return the records of each by kind and id."""
    rng = random.Random(20220105)  # noqa: S311 - nothing depends on its being hard to guess
    revisions = [_first(rng)]
    for _ in range(2):
        revisions.append(_next(rng, revisions[-1]))
    for records in revisions:
        publish(db, state(records), NAME)
    return revisions


def _first(rng: random.Random) -> dict[str, dict[str, dict[str, Any]]]:
    first = {kind: dict(_record(rng, kind, n) for n in range(SIZE)) for kind in KINDS}
    first["sources"] |= {n: _record(rng, "sources", 0)[1] | {"id": n} for n in SOURCES}
    return first


def _next(
    rng: random.Random, before: dict[str, dict[str, dict[str, Any]]]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Change a third of the records, remove some and add some."""
    after = {}
    for kind, records in before.items():
        kept = {name: record for name, record in records.items() if rng.random() < 0.9}
        changed = {n: _record(rng, kind, 0)[1] | {"id": n} for n in kept if rng.random() < 0.3}
        added = dict(_record(rng, kind, 100 + n) for n in range(5))
        after[kind] = {**kept, **changed, **added}
    return after


def state(records: dict[str, dict[str, dict[str, Any]]]) -> State:
    state: dict[tuple[str, str], Any] = {
        (kind, name): record for kind, each in records.items() for name, record in each.items()
    }
    return {(DATASET, NAME): samples.dataset()} | state


def _record(rng: random.Random, kind: str, number: int) -> tuple[str, dict[str, Any]]:
    name = f"r-{rng.choice('abcxyz')}{number}"
    if rng.random() < 0.12:
        return name, samples.stub(name)
    said = {"id": name, **_MADE[kind](rng)}
    empty = {member for member, value in said.items() if value in (None, [], {})}
    return name, {m: value for m, value in said.items() if m not in empty - {"attribution"}}


def _perhaps(rng: random.Random, pool: Any) -> Any:
    return rng.choice(pool) if rng.random() < 0.7 else None


def _some(rng: random.Random, **pools: Any) -> list[dict[str, Any]]:
    """Return up to three objects, each with a value of each pool."""
    return [
        {name: rng.choice(pool) for name, pool in pools.items()}
        for _ in range(rng.choice((0, 1, 1, 2, 3)))
    ]


def _evidence(rng: random.Random) -> list[dict[str, Any]]:
    return _some(rng, source=SOURCES) or [{"source": rng.choice(SOURCES)}]


def _figure(rng: random.Random) -> dict[str, Any]:
    group, place = _perhaps(rng, IDS), _perhaps(rng, ("port-ember", "north-quay"))
    return {
        "measure": rng.choice(("killed", "injured", "price")),
        "counted": {"group": group, "fit": "exact"} if group else None,
        "of": {rng.choice(("event", "actor")): rng.choice(IDS)},
        "place": {"id": place, "bearing": rng.choice(("limit", "context"))} if place else None,
        "reference_period": _perhaps(rng, DATES),
        "asserted": {"date": rng.choice(DATES)} if rng.random() < 0.5 else None,
        "coverage": rng.choice(("cumulative", "period")),
        "stance": "asserts",
        "modality": "actual",
        "value": _perhaps(rng, NUMBERS),
        "low": _perhaps(rng, NUMBERS),
        "unit": rng.choice(("persons", "KZT/L")),
        "printed": _perhaps(rng, TEXTS),
        "attribution": _some(rng, actor=IDS, manner=("said", "quoted")),
        "suspected": _some(rng, error=("misdated", "digit_swap"), use=("doubt",)),
        "relations": _some(rng, type=("rounds", "corrects"), figure=("one", "two")),
        "evidence": _evidence(rng),
    }


def _event(rng: random.Random) -> dict[str, Any]:
    place = _perhaps(rng, ("port-ember", "north-quay"))
    return {
        "title": rng.choice(TEXTS),
        "event_type": rng.choice(("politics", "scene", "Protests")),
        "sub_event_type": _perhaps(rng, ("Peaceful protest", "Violent demonstration")),
        "date": _perhaps(rng, DATES),
        "place": {"id": place} if place else None,
        "participants": _some(rng, actor=IDS, role=("target", "speaker")),
        "accounts": [
            {"status": status, "evidence": _evidence(rng), "attribution": _some(rng, actor=IDS)}
            for status in rng.sample(("happened", "planned", "ended"), rng.choice((1, 2)))
        ],
    }


def _actor(rng: random.Random) -> dict[str, Any]:
    return {
        "actor_type": rng.choice(("person", "country")),
        "name": rng.choice(TEXTS),
        "names": [{"printed": rng.choice(("x", *TEXTS)), "evidence": _evidence(rng)}]
        if rng.random() < 0.5
        else None,
        "roles": [{"role": "x", "evidence": _evidence(rng)}] if rng.random() < 0.5 else None,
        "member_of": _some(rng, actor=IDS, source=SOURCES),
        "anonymity": rng.choice(("named", "unnamed")),
        "speaks_for": {"actor": rng.choice(IDS)} if rng.random() < 0.3 else None,
    }


def _source(rng: random.Random) -> dict[str, Any]:
    return {
        "source_type": rng.choice(("dataset", "explainer")),
        "title": _perhaps(rng, TEXTS),
        "publisher": _perhaps(rng, IDS),
        "language": rng.choice(("en", "kk-Cyrl")),
        "published": {"date": rng.choice(DATES)},
        "standing": "current",
        "condition": rng.sample(("original", "truncated", "garbled"), rng.choice((1, 2))),
    }


_MADE = {"actors": _actor, "events": _event, "figures": _figure, "sources": _source}
