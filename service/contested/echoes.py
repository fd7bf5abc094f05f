"""Which claims only repeat another one: as a relation says, or by the same first link."""

from collections.abc import Mapping, Sequence

from service.contested.claims import ECHOES, Claim

Roots = Mapping[str, Claim]
"""Figure to the claim that it repeats in the end; to itself if it repeats none."""


def roots(claims: Sequence[Claim]) -> Roots:
    """Return for each claim the one that it repeats in the end.

    A print that is unusable, or that its outlet took back whole, is nothing that others could only
    repeat: they stand for themselves. Where claims repeat each other in a circle, the first of
    them is the root.
    """
    if len(claims) == 1:
        # As in most series; to look for what it could repeat takes a seventh of judging it.
        return {claims[0].figure: claims[0]}
    ordered = sorted(claims, key=lambda claim: (claim.order, claim.figure))
    parents = _parents(ordered)
    found: dict[str, Claim] = {}
    for claim in ordered:
        _follow(claim, parents, found)
    return found


def _parents(ordered: list[Claim]) -> dict[str, Claim]:
    """Return for each claim that repeats others the first of these."""
    rank = {claim.figure: place for place, claim in enumerate(ordered)}
    first = _first_told(ordered)
    parents: dict[str, Claim] = {}
    for claim in ordered:
        places = [rank[name] for name in claim.targets(*ECHOES) if name in rank]
        repeated = [ordered[place] for place in sorted(places) if _can_be_repeated(ordered[place])]
        earlier = first.get(_telling(claim))
        if repeated:
            parents[claim.figure] = repeated[0]
        elif earlier is not None and earlier.order < claim.order:
            parents[claim.figure] = earlier
    return parents


def _first_told(ordered: list[Claim]) -> dict[tuple[object, ...], Claim]:
    first: dict[tuple[object, ...], Claim] = {}
    for claim in ordered:
        if claim.asserter is not None and _can_be_repeated(claim):
            first.setdefault(_telling(claim), claim)
    return first


def _telling(claim: Claim) -> tuple[object, ...]:
    """What makes two tellings one: first link (or publisher), number, place and as-of.

    "At least 12" and "12" are two numbers here: the sharper of them shall not pass for an echo.
    """
    place = claim.record.get("place", {}).get("id")
    return (claim.asserter, claim.scale, claim.stated, claim.interval, place, claim.as_of)


def _can_be_repeated(claim: Claim) -> bool:
    return not claim.missing and claim.suspected != "unusable" and not claim.discredited


def _follow(claim: Claim, parents: Mapping[str, Claim], found: dict[str, Claim]) -> None:
    path: dict[str, Claim] = {}
    here = claim
    while here.figure not in found and here.figure not in path and here.figure in parents:
        path[here.figure] = here
        here = parents[here.figure]
    if here.figure in path:
        circle = list(path.values())[list(path).index(here.figure) :]
        root = min(circle, key=lambda each: (each.order, each.figure))
    else:
        root = found.get(here.figure, here)
    for figure in (*path, here.figure):
        found.setdefault(figure, root)
