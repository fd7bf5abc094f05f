"""Small figures, sources and actors, made for one test each."""

from collections.abc import Iterable
from typing import Any

from service.contested import Material
from service.contested.plain import Record

NAMED = {"actor_type": "government_body", "anonymity": "named"}
UNNAMED = {"actor_type": "group", "anonymity": "unnamed"}


def figure(name: str, value: float | None = 10, **fields: Any) -> dict[str, Any]:
    """Make a figure of people killed; `source` and `by` stand for evidence and attribution."""
    source, by = fields.pop("source", f"source-{name}"), fields.pop("by", f"actor-{name}")
    made: dict[str, Any] = {
        "id": name,
        "measure": "killed",
        "counted": {"group": "people", "fit": fields.pop("fit", "exact")},
        "of": {"event": "clash"},
        "coverage": "cumulative",
        "stance": "asserts",
        "modality": "actual",
        "printed": "so many",
        "unit": "persons",
        "attribution": by if isinstance(by, list) else [{"actor": by, "manner": "said"}],
        "evidence": [{"source": source, "part": "body", "start": 0, "end": 1, "sha256": "0" * 64}],
    }
    if value is not None:
        made |= {"value": value, "quantifier": "plain", "form": "digits"}
    return without_counted(made | fields)


def without_counted(made: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a measure that counts nobody must not have."""
    if made["measure"] in ("duration", "price", "price_cap", "share"):
        del made["counted"]
    return made


def word(name: str, magnitude: str, **fields: Any) -> dict[str, Any]:
    """Make a figure that gives words only."""
    words = {"magnitude": magnitude, "quantifier": "in_words", "form": "words"}
    return figure(name, None, **words, **fields)


def related(kind: str, *names: str) -> list[dict[str, str]]:
    """Make relations to figures."""
    return [{"type": kind, "figure": name, "basis": "editor"} for name in names]


def doubt(use: str) -> list[dict[str, str]]:
    """Make a suspicion of the value."""
    words = {"printed": "so many", "error": "digit_swap", "why": "It clashes."}
    return [{"field": "/value", "use": use, **words}]


def material(
    figures: Iterable[Record],
    published: dict[str, str] | None = None,
    actors: dict[str, Record] | None = None,
    sources: dict[str, Record] | None = None,
    **given: Any,
) -> Material:
    """Make what judging the figures needs; sources are of one day unless told, actors named."""
    figures = list(figures)
    days, told, about = published or {}, actors or {}, sources or {}
    names = {figure["evidence"][0]["source"] for figure in figures}
    publishers = {source.get("publisher") for source in about.values()} - {None}
    links = {link["actor"] for f in figures for link in f["attribution"] if "actor" in link}
    return Material(
        figures=figures,
        sources={
            name: {
                "id": name,
                "published": {"date": days.get(name, "2022-01-06"), "basis": "printed"},
                "standing": "current",
                **about.get(name, {}),
            }
            for name in names
        },
        actors={name: {"id": name, **NAMED} for name in links | publishers} | told,
        **given,
    )
