"""One value out of a series, only when asked: by which criterion, what was rejected, and why.

The answer names the rule with its parameters and gives for each live claim what the criterion
looked at, so that it can be recomputed from the claims alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.contested.claims import Claim
from service.contested.intervals import plain
from service.contested.measures import scale
from service.contested.series import Assessment, corroboration
from service.contested.status import Span


@dataclass(frozen=True)
class Rejected:
    """A claim that was not chosen, with its role and the reason."""

    figure: str
    role: str
    why: str


@dataclass(frozen=True)
class Resolution:
    """What a criterion chose. `value` is None where none is live, or where the chosen differ.

    `low` and `high` are the span of all live claims, whatever was chosen; `looked_at` gives for
    each live claim what the criterion compared, the greatest first.
    """

    criterion: str
    rule: str
    parameters: Mapping[str, Any]
    value: float | None
    low: float | None
    high: float | None
    unit: str
    chosen: tuple[str, ...]
    rejected: tuple[Rejected, ...]
    looked_at: Mapping[str, tuple[Any, ...]]
    why: str


Criterion = Callable[[Assessment, Claim], tuple[Any, ...]]
"""What is compared: the claims for which it is greatest are chosen."""


def _latest(assessment: Assessment, claim: Claim) -> tuple[Any, ...]:
    asserted = claim.asserted.start if claim.asserted else ""
    return (claim.as_of.start, asserted, claim.reported.start)


def _official(assessment: Assessment, claim: Claim) -> tuple[Any, ...]:
    return (claim.official, claim.voice.named, *_latest(assessment, claim))


def _most_corroborated(assessment: Assessment, claim: Claim) -> tuple[Any, ...]:
    return (corroboration(assessment, claim), *_latest(assessment, claim))


RESOLUTIONS: Mapping[str, tuple[Criterion, str]] = {
    "latest": (
        _latest,
        "the live claim with the latest as-of, then the latest saying, then the latest report, "
        "each by its first possible day",
    ),
    "official": (
        _official,
        "the latest live claim of a government body or security force, a named one first",
    ),
    "most_corroborated": (
        _most_corroborated,
        "the live claim whose number most voices give; among equals the latest",
    ),
}
"""Criterion to what it compares, and what it chooses in words."""


def resolve(assessment: Assessment, criterion: str) -> Resolution:
    """Return what a criterion of `RESOLUTIONS` chooses among the live claims of a series."""
    measure, words = RESOLUTIONS[criterion]
    compared = {claim.figure: measure(assessment, claim) for claim in assessment.live}
    eligible = [c for c in assessment.live if criterion != "official" or c.official]
    best = max((compared[claim.figure] for claim in eligible), default=None)
    chosen = [claim for claim in eligible if compared[claim.figure] == best]
    span = assessment.span
    return Resolution(
        criterion=criterion,
        rule=assessment.rule.name,
        parameters=assessment.rule.parameters(),
        value=_common_value(chosen, assessment.unit),
        low=span.min if span else None,
        high=span.max if span else None,
        unit=assessment.unit,
        chosen=tuple(sorted(claim.figure for claim in chosen)),
        rejected=tuple(_rejected(assessment, chosen, criterion)),
        looked_at=dict(sorted(compared.items(), key=lambda each: (each[1], each[0]), reverse=True)),
        why=_why(words, chosen, span),
    )


def _common_value(chosen: Sequence[Claim], unit: str) -> float | None:
    """Return the number of the chosen in the series' unit, if they give one and the same."""
    name, factor = scale(unit)
    values = {(claim.scale, claim.stated.value) for claim in chosen}
    if len(values) != 1:
        return None
    ((spoken, value),) = values
    return plain(value / factor) if value is not None and spoken == name else None


def _rejected(assessment: Assessment, chosen: Sequence[Claim], criterion: str) -> list[Rejected]:
    taken = {claim.figure for claim in chosen}
    return [
        Rejected(each.claim.figure, each.role, _because(each.claim, each.role, criterion))
        for each in assessment.judged
        if each.claim.figure not in taken
    ]


def _because(claim: Claim, role: str, criterion: str) -> str:
    if role != "live":
        return f"not live: {role}"
    if criterion == "official" and not claim.official:
        return "not the word of a government body or security force"
    return f"comes after the chosen by {criterion}"


def _why(words: str, chosen: Sequence[Claim], span: Span | None) -> str:
    if not chosen:
        return f"Nothing to choose: {words} does not exist."
    several = len({claim.stated for claim in chosen}) > 1
    undecided = " Several are equal and differ, so no value is given." if several else ""
    return f"Chosen: {words}.{undecided}"
