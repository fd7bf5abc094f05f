"""Strategies that draw whole series: claims that agree, differ, repeat and replace each other."""

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from service.contested import Material
from tests.contested.made import NAMED, UNNAMED, doubt, figure, material, related

DAYS = ("2022-01-05", "2022-01-06", "2022-01-06/..", "2022-01-07", "../2022-01-06", "2022-01-XX")
SAID = ("plain", "about", "nearly", "at_least", "more_than", "at_most", "less_than")
WORDS = ("few", "tens", "hundreds", "indefinite")
SOURCES = tuple(f"source-{n}" for n in range(4))
VOICES: dict[str, dict[str, Any]] = {
    "ministry": NAMED,
    "police": NAMED,
    "spokesman": UNNAMED | {"speaks_for": {"actor": "police", "source": "source-0"}},
    "officials": UNNAMED,
    "outlet": NAMED | {"actor_type": "media"},
}
NUMBERS = (2, 3, 10, 12, 13, 100, 105, 110)
ECHOES = ("restates", "rounds", "converts", "equates")
REPLACING = ("supersedes", "corrects")
MOST = 7

QUANTITIES: list[dict[str, Any]] = [
    *({"value": number, "quantifier": said} for number in NUMBERS for said in SAID),
    *({"low": low, "high": high, "quantifier": "between"} for low, high in pairwise(NUMBERS)),
    *({"magnitude": word, "quantifier": "in_words"} for word in WORDS for _ in "xx"),
    {"missing": "unknown"},
]
FITS = ("exact", "exact", "exact", "close", "narrower", "wider")
PLAIN: dict[str, Any] = {}
DOUBTED = [{"suspected": doubt(use)} for use in ("doubt", "unusable")]
CALM = [PLAIN] * 6 + DOUBTED
ASSERTED = [{"asserted": {"date": day, "basis": "printed"}} for day in DAYS]
WILD = [*CALM, {"stance": "withdraws"}, *ASSERTED, *ASSERTED]
ATTRIBUTIONS: list[list[dict[str, str]]] = [
    [],
    [{"manner": "passive"}],
    *([{"actor": voice, "manner": "said"}] for voice in VOICES),
]


def relations(before: int, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return what a figure may have to do with those before it; most often nothing."""
    some = [{"relations": related(kind, f"figure-{n}")} for n in range(before) for kind in kinds]
    return [PLAIN] * max(1, len(some)) + some


@st.composite
def claims(draw: st.DrawFn, before: int, *, calm: bool) -> dict[str, Any]:
    """Draw a figure; a calm one replaces nothing, is not taken back and is of the common day."""
    kinds = ECHOES if calm else (*ECHOES, *REPLACING)
    fields = draw(st.sampled_from(QUANTITIES)) | draw(st.sampled_from(CALM if calm else WILD))
    fields |= draw(st.sampled_from(relations(before, kinds)))
    return figure(
        f"figure-{before}",
        fields.get("value"),
        source=draw(st.sampled_from(SOURCES)),
        by=draw(st.sampled_from(ATTRIBUTIONS)),
        fit=draw(st.sampled_from(FITS)),
        printed=f"phrase {before}",
        **{name: value for name, value in fields.items() if name != "value"},
    )


@st.composite
def series(draw: st.DrawFn, *, calm: bool = False, least: int = 1) -> Material:
    """Draw all figures of one series, with their sources and actors."""
    measure = {"measure": "killed" if calm else draw(st.sampled_from(("killed", "crowd")))}
    count = draw(st.integers(least, MOST))
    made = [draw(claims(number, calm=calm)) | measure for number in range(count)]
    days = {s: "2022-01-06" if calm else draw(st.sampled_from(DAYS)) for s in SOURCES}
    outlets = {"source-0": {"publisher": "outlet"}, "source-1": {"publisher": "ministry"}}
    return material(made, days, {n: {"id": n, **a} for n, a in VOICES.items()}, outlets)
