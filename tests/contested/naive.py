"""The definitions of roles and conflict taken word by word: every claim against every other."""

from collections.abc import Iterable, Sequence
from itertools import permutations

from service.contested.claims import Claim
from service.contested.echoes import roots
from service.contested.measures import nature
from service.contested.together import hold_together


def conflicting(live: Sequence[Claim]) -> set[str]:
    """Return the figures that cannot hold together with some other."""
    return {a.figure for a, b in permutations(live, 2) if not hold_together(a, b)}


def roles(claims: list[Claim]) -> dict[str, str]:
    """Return figure to role, the first that applies."""
    found: dict[str, str] = {}
    origins = roots(claims)

    def rest() -> list[Claim]:
        return [claim for claim in claims if claim.figure not in found]

    def give(role: str, taken: Iterable[Claim]) -> None:
        found.update({claim.figure: role for claim in list(taken)})

    speaking = [c for c in claims if not c.retracted and c.suspected != "unusable"]
    give("undisclosed", (c for c in rest() if c.missing))
    corrected = {t for c in speaking for t in c.targets("corrects")}
    give("withdrawn", (c for c in rest() if c.retracted or c.figure in corrected))
    give("suspect", (c for c in rest() if c.suspected == "unusable"))
    give("echo", (c for c in rest() if origins[c.figure] is not c))
    superseded = {t for c in rest() for t in c.targets("supersedes")}
    give("superseded", (c for c in rest() if c.figure in superseded))
    give("earlier", [c for c in rest() if any(_overtakes(o, c) for o in rest())])
    give("implied", [c for c in rest() if _implied(c, rest())])
    give("live", rest())
    return found


def _overtakes(later: Claim, claim: Claim) -> bool:
    stock = nature(claim.record["measure"]) == "stock"
    return later.as_of.after(claim.as_of) and (stock or not hold_together(later, claim))


def _implied(claim: Claim, standing: list[Claim]) -> bool:
    return claim.bound and any(
        sharper.allows.within(claim.allows)
        and hold_together(sharper, claim)
        and not _implied(sharper, standing)
        for sharper in standing
        if sharper.scale == claim.scale
    )
