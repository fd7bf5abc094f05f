"""What a series comes to: status, direction, span, voices, and the reason in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from service.contested.claims import Claim, Voice, count_voices
from service.contested.intervals import plain
from service.contested.measures import nature, scale
from service.contested.roles import Judged, Role
from service.contested.rule import Rule
from service.contested.together import Crowd, hold_together

Status = Literal[
    "contested", "single_voice", "agreed", "undisclosed", "withdrawn", "suspect_only", "empty"
]
Direction = Literal["none", "up", "down"]


@dataclass(frozen=True)
class Span:
    """The least and the greatest number that claims name, as they name them.

    A word names the least number of its order; an indefinite one names none. `open` tells that an
    end is only a bound, so the number may lie beyond. `ratio` is the greatest by the least; none
    where the least is not above zero.
    """

    min: float
    max: float
    ratio: float | None
    open: bool


@dataclass(frozen=True)
class Verdict:
    """What a series comes to. `fall` lists running totals that are lower than an earlier one."""

    status: Status
    revised: Direction
    reason: str
    rests_on: tuple[str, ...]
    span: Span | None
    span_all: Span | None
    voices: int
    publishers: int
    fall: tuple[str, ...]


def conflicting(live: Sequence[Claim]) -> list[Claim]:
    """Return the live claims that cannot hold together with some other live one."""
    if len(live) < 2:
        return []
    crowd = Crowd(live)
    return [claim for claim in live if crowd.against(claim)]


def status_of(judged: Sequence[Judged], against: Sequence[Claim], voices: int) -> Status:
    """Return the status: of the live claims or, without any, of the strongest reason for that."""
    roles = {each.role for each in judged}
    if against:
        return "contested"
    if "live" in roles:
        return "single_voice" if voices < 2 else "agreed"
    for role, status in _NONE_LIVE:
        if role in roles:
            return status
    return "empty"


_NONE_LIVE: tuple[tuple[Role, Status], ...] = (
    ("suspect", "suspect_only"),
    ("withdrawn", "withdrawn"),
    ("undisclosed", "undisclosed"),
)


def named_numbers(claim: Claim, rule: Rule) -> tuple[Fraction, Fraction]:
    """Return the least and the greatest number that a claim names, in the unit of its scale."""
    stated = claim.stated
    if stated.magnitude is not None:
        return (rule.word(stated.magnitude), rule.word(stated.magnitude))
    named = [number for number in (stated.low, stated.value, stated.high) if number is not None]
    return (named[0], named[-1])


def span_of(claims: Sequence[Claim], unit: str, rule: Rule) -> Span | None:
    """Return the span of the claims that the unit can express, or none."""
    name, factor = scale(unit)
    said = [claim for claim in claims if claim.scale == name and claim.names_a_number]
    if not said:
        return None
    named = [named_numbers(claim, rule) for claim in said]
    low, high = min(each[0] for each in named), max(each[1] for each in named)
    ends = [c for c, each in zip(said, named, strict=True) if low in each or high in each]
    return Span(
        min=exact_plain(low if factor == 1 else low / factor),
        max=exact_plain(high if factor == 1 else high / factor),
        ratio=_ratio(low, high) if low > 0 else None,
        open=any(claim.bound for claim in ends),
    )


def _ratio(low: Fraction, high: Fraction) -> float:
    # To divide fractions takes as long as all else of a span, and most spans are one number.
    return 1.0 if low == high else round(float(high / low), 4)


def exact_plain(number: Fraction) -> float:
    """Return a finite number as JSON writes it."""
    written = plain(number)
    return 0 if written is None else written


def revised(judged: Sequence[Judged], rule: Rule) -> Direction:
    """Return which way the last replacement went: a supersedes, a corrects, or a later count.

    A later instant of a stock that holds together with the earlier one has changed nothing.
    """
    pairs = [(old, new) for old, new, changed in replacements(judged) if changed]
    if not pairs:
        return "none"
    last = max(new.order for _, new in pairs)
    newest = [(old, new) for old, new in pairs if new.order == last]
    before = max(named_numbers(old, rule)[1] for old, _ in newest)
    after = max(named_numbers(new, rule)[1] for _, new in newest)
    return "none" if before == after else "up" if after > before else "down"


def replacements(judged: Sequence[Judged]) -> list[tuple[Claim, Claim, bool]]:
    """Return (older, newer, whether that changed the number) for each replaced claim."""
    claims = {each.claim.figure: each.claim for each in judged}
    found = []
    for each in judged:
        if each.role in ("superseded", "earlier", "withdrawn"):
            for name in each.by:
                newer = claims[name]
                if not newer.missing and newer.scale == each.claim.scale:
                    said_so = each.role != "earlier"
                    changed = said_so or not hold_together(each.claim, newer)
                    found.append((each.claim, newer, changed))
    return found


def falls(judged: Sequence[Judged], rule: Rule) -> tuple[str, ...]:
    """Return the running totals that replaced a higher one: people do not rise from the dead."""
    return tuple(
        sorted(
            {
                new.figure
                for old, new, changed in replacements(judged)
                if changed
                and nature(str(new.record["measure"])) == "flow"
                and old.record["coverage"] == new.record["coverage"] == "cumulative"
                and named_numbers(new, rule)[1] < named_numbers(old, rule)[0]
            }
        )
    )


def voices_of(live: Sequence[Claim], voices: dict[str, Voice]) -> int:
    """Return how many voices stand behind the live claims."""
    return count_voices([voices[claim.figure] for claim in live])
