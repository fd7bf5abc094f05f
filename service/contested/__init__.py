"""Contested facts, pure: claims grouped into series, judged by one named rule, and explained.

Everything is a function of plain records of one revision; nothing here reads or stores. `assess`
judges one series; the other modules tell what follows: a value if one is asked for, a table of
points, the steps by which it came to be, where sources disagree, and what changed between two
revisions.
"""

from service.contested.accounts import Around, EventConflict, EventDispute, around, dispute
from service.contested.claims import Claim, Known, Material, Voice
from service.contested.disagreements import (
    Prominence,
    SeriesChange,
    compare,
    prominence,
    ranked,
    ranked_disputes,
)
from service.contested.families import Family, Hierarchy, family, hierarchy
from service.contested.keys import Parts, parts_of, title
from service.contested.resolve import RESOLUTIONS, Resolution, resolve
from service.contested.roles import Judged
from service.contested.rule import RECENSION_1, Rule
from service.contested.series import (
    Assessment,
    Point,
    Step,
    assess,
    corroboration,
    fallen,
    points,
    step,
    steps,
)
from service.contested.status import Span, Verdict

__all__ = [
    "RECENSION_1",
    "RESOLUTIONS",
    "Around",
    "Assessment",
    "Claim",
    "EventConflict",
    "EventDispute",
    "Family",
    "Hierarchy",
    "Judged",
    "Known",
    "Material",
    "Parts",
    "Point",
    "Prominence",
    "Resolution",
    "Rule",
    "SeriesChange",
    "Span",
    "Step",
    "Verdict",
    "Voice",
    "around",
    "assess",
    "compare",
    "corroboration",
    "dispute",
    "fallen",
    "family",
    "hierarchy",
    "parts_of",
    "points",
    "prominence",
    "ranked",
    "ranked_disputes",
    "resolve",
    "step",
    "steps",
    "title",
]
