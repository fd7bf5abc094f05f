"""Accounts of one event that cannot all hold: when, where, who, what, and how far it came."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, NamedTuple

from service.contested.dates import days
from service.contested.families import Hierarchy, Wider, closed
from service.contested.plain import Record

Aspect = Literal["date", "place", "participants", "sub_event_type", "status"]

DOERS = ("actor", "decider", "requester", "provider")
"""Roles in which two wholly different answers to "who did it" cannot both hold. Many may say a
thing or suffer it, so speakers and victims are not among them."""

EXCLUSIVE = (
    frozenset({"attempted", "happened"}),
    frozenset({"attempted", "ended"}),
    frozenset({"said_not_to_have_happened", "attempted"}),
    frozenset({"said_not_to_have_happened", "happened"}),
    frozenset({"said_not_to_have_happened", "ended"}),
    frozenset({"said_not_to_have_happened", "under_way"}),
)
"""States that exclude each other. That a planned step happens is no conflict."""


class EventConflict(NamedTuple):
    """An aspect on which accounts cannot all hold: the answers, each with its sources."""

    aspect: Aspect
    answers: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class EventDispute:
    """An event with every aspect on which its accounts contradict each other."""

    event: str
    conflicts: tuple[EventConflict, ...]
    accounts: int

    @property
    def sources(self) -> int:
        """How many sources take part in a contradiction."""
        return len({s for each in self.conflicts for who in each.answers.values() for s in who})


@dataclass(frozen=True)
class Around:
    """What is needed to compare accounts: what contains a place, and whom an actor stands for.

    `vague` are actors without a name, such as authorities at large: they may be anybody.
    """

    places: Wider
    actors: Wider
    vague: Collection[str]


def around(within: Hierarchy, actors: Mapping[str, Record]) -> Around:
    """Return what surrounds the accounts of an event; `actors` are its participants and theirs.

    An actor stands for whoever it speaks for, and for the bodies to which it belongs.
    """
    above = {
        name: [
            *(member["actor"] for member in actor.get("member_of", ())),
            *([actor["speaks_for"]["actor"]] if "speaks_for" in actor else []),
        ]
        for name, actor in actors.items()
    }
    vague = {n for n, actor in actors.items() if actor.get("anonymity", "unnamed") == "unnamed"}
    return Around(within.places, closed(above), vague)


def dispute(event: Record, around: Around, without: Collection[str] = ()) -> EventDispute | None:
    """Return the aspects on which the accounts of an event cannot all hold, or None.

    Silence is not agreement and not contradiction: an account has a say only on what it states,
    and none on what an editor found unusable there. An event that was erased has no accounts.
    Sources that their publishers retracted belong to `without`.
    """
    accounts = [a for a in event.get("accounts", ()) if _source(a) not in without]
    found = [_conflict(aspect, accounts, around) for aspect in _ASPECTS]
    conflicts = tuple(conflict for conflict in found if conflict)
    return EventDispute(event["id"], conflicts, len(accounts)) if conflicts else None


def _conflict(aspect: Aspect, accounts: Sequence[Record], around: Around) -> EventConflict | None:
    answers: dict[str, tuple[str, ...]] = {}
    for account in accounts:
        if aspect in account and not _unusable(account, aspect):
            text = _ANSWERS[aspect](account)
            answers[text] = tuple(sorted({*answers.get(text, ()), _source(account)}))
    excludes = _ASPECTS[aspect]
    clashing = {
        text
        for one, other in combinations(sorted(answers), 2)
        if excludes(one, other, around)
        for text in (one, other)
    }
    if not clashing:
        return None
    return EventConflict(aspect, {text: answers[text] for text in sorted(clashing)})


def _unusable(account: Record, aspect: str) -> bool:
    return any(
        doubt["use"] == "unusable" and doubt["field"].split("/")[1] == aspect
        for doubt in account.get("suspected", ())
    )


def _source(account: Record) -> str:
    return str(account["evidence"][0]["source"])


def _who(account: Record) -> str:
    doers = (p for p in account["participants"] if p["role"] in DOERS)
    return " ".join(sorted(f"{each['role']}:{each['actor']}" for each in doers))


_ANSWERS: Mapping[Aspect, Callable[[Record], str]] = {
    "date": lambda account: str(account["date"]["date"]),
    "place": lambda account: str(account["place"]["id"]),
    "participants": _who,
    "sub_event_type": lambda account: str(account["sub_event_type"]),
    "status": lambda account: str(account["status"]),
}


def _dates_exclude(one: str, other: str, around: Around) -> bool:
    first, second = days(one), days(other)
    return first.after(second) or second.after(first)


def _places_exclude(one: str, other: str, around: Around) -> bool:
    """Neither lies in the other, and no declared place lies in both."""
    if _related(one, other, around.places):
        return False
    return not any({one, other} <= set(wider) for wider in around.places.values())


def _doers_exclude(one: str, other: str, around: Around) -> bool:
    """In some role that both fill, nobody of one is, speaks for or belongs to one of the other."""
    first, second = _by_role(one), _by_role(other)
    return any(
        not any(_may_be_one(a, b, around) for a in first[role] for b in second[role])
        for role in first.keys() & second.keys()
    )


def _may_be_one(one: str, other: str, around: Around) -> bool:
    vague = one in around.vague or other in around.vague
    return vague or _related(one, other, around.actors)


def _by_role(who: str) -> dict[str, list[str]]:
    roles: dict[str, list[str]] = {}
    for each in who.split():
        role, _, actor = each.partition(":")
        roles.setdefault(role, []).append(actor)
    return roles


def _related(one: str, other: str, above: Wider) -> bool:
    return one == other or other in above.get(one, ()) or one in above.get(other, ())


def _types_exclude(one: str, other: str, around: Around) -> bool:
    return True


def _states_exclude(one: str, other: str, around: Around) -> bool:
    return frozenset({one, other}) in EXCLUSIVE


_ASPECTS: Mapping[Aspect, Callable[[str, str, Around], bool]] = {
    "date": _dates_exclude,
    "place": _places_exclude,
    "participants": _doers_exclude,
    "sub_event_type": _types_exclude,
    "status": _states_exclude,
}
"""Aspect to whether two different answers exclude each other; ACLED codes one sub-event type."""
