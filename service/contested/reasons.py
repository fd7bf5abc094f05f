"""A verdict in words: short sentences that name the figures and the rule."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from service.contested.claims import Claim
from service.contested.intervals import exact, plain
from service.contested.roles import Judged, Role
from service.contested.rule import Rule
from service.contested.status import Status

T = TypeVar("T")

MOST_NAMED = 8
"""Figures that a sentence names before it counts the rest; `rests_on` has them all."""

UNSPOKEN = ("persons", "things", "1")
"""Units that go without saying."""

_WORDS = {
    "plain": "",
    "about": "about ",
    "nearly": "nearly ",
    "at_least": "at least ",
    "more_than": "more than ",
    "at_most": "at most ",
    "less_than": "less than ",
}

_OPENINGS: dict[Status, str] = {
    "contested": "Contested: these cannot all hold",
    "single_voice": "One voice only ({voices})",
    "agreed": "Voices agree ({voices})",
    "undisclosed": "No number: it is kept back or not known",
    "withdrawn": "No number stands: what was said was taken back",
    "suspect_only": "No usable number: what is printed is in doubt beyond use",
    "empty": "No claim is in view",
}

_BECAUSE: dict[Role, str] = {
    "undisclosed": "gives no number",
    "withdrawn": "was taken back",
    "suspect": "is not usable",
    "echo": "repeats",
    "superseded": "is superseded by",
    "earlier": "is earlier than",
    "implied": "is implied by",
}


def phrase(claim: Claim) -> str:
    """Return the number as a claim gives it, in a few words of our own, and the figure's id."""
    unit = claim.record["unit"]
    spoken = "" if claim.missing or unit in UNSPOKEN else f" {unit}"
    return f"{_amount(claim)}{spoken} ({claim.figure})"


def _amount(claim: Claim) -> str:
    record = claim.record
    if claim.missing:
        return "no number"
    if "magnitude" in record:
        return f"{record['magnitude']} in words"
    if record["quantifier"] == "between":
        return f"{_digits(record['low'])} to {_digits(record['high'])}"
    return f"{_WORDS[record['quantifier']]}{_digits(record['value'])}"


def _digits(number: float) -> str:
    written = plain(exact(number))
    return f"{written:,}"


def reason(
    status: Status,
    voices: Sequence[str],
    rests_on: Sequence[Claim],
    judged: Sequence[Judged],
    falls: Sequence[str],
    rule: Rule,
) -> str:
    """Return why the status is what it is, by which rule, and why the other claims are not live."""
    heard = _listed(voices, ", ") or "nobody named"
    opening = _OPENINGS[status].format(voices=heard)
    named = _listed(rests_on, "; ", phrase)
    sentences = [f"{opening}{': ' if named else ''}{named}."]
    doubted = [claim.figure for claim in rests_on if claim.suspected == "doubt"]
    if doubted:
        sentences.append(f"In doubt: {_listed(doubted, ', ')}.")
    grounds = {claim.figure for claim in rests_on}
    others = [e for e in judged if e.role != "live" and e.claim.figure not in grounds]
    if others:
        sentences.append(f"Not live: {_listed(others, '; ', _set_aside)}.")
    if falls:
        sentences.append(f"A running total fell: {_listed(falls, ', ')}.")
    return f"{' '.join(sentences)} Rule: {rule.name}."


def _set_aside(each: Judged) -> str:
    by = f" {_listed(each.by, ', ')}" if each.by and each.role != "withdrawn" else ""
    return f"{phrase(each.claim)} {_BECAUSE[each.role]}{by}"


def _listed(items: Sequence[T], between: str, say: Callable[[T], str] = str) -> str:
    rest = len(items) - MOST_NAMED
    named = between.join(say(item) for item in items[:MOST_NAMED])
    return f"{named} and {rest} more" if rest > 0 else named
