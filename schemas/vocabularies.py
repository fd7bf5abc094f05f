"""The closed lists of the record model, each with what it follows; where nothing is named, the
list is our own, made from what reports needed. The codes of published standards stand in
`standards`."""

import re
from typing import NamedTuple

from schemas.standards import ACLED, CURRENCIES, TIMES, VOLUMES

# The version of this model; within a version changes only add.
MODEL_VERSION = 1

# Events. ACLED's types, as ACLED prints them; then our own codes for what ACLED has no type for,
# which have no sub-types.
OWN_EVENT_TYPES = ("politics", "statement", "restriction", "price_policy", "background", "scene")
EVENT_TYPES = (*ACLED, *OWN_EVENT_TYPES)
SUB_EVENT_TYPES = tuple(sub for subs in ACLED.values() for sub in subs)
PARTICIPANT_ROLES = (
    "actor",
    "target",
    "speaker",
    "addressee",
    "decider",
    "requester",
    "provider",
    "detained",
    "killed",
    "injured",
    "witness",
)
ACTS = (
    "announces",
    "orders",
    "requests",
    "threatens",
    "accuses",
    "denies",
    "confesses",
    "recants",
    "condemns",
    "urges",
    "offers",
    "confirms",
    "comments",
)
EVENT_RELATIONS = (
    "part_of",
    "follows",
    "answers",
    "denies",
    "retracts",
    "contradicts",
    "possibly_same",
)
CERTAINTIES = ("clear", "unclear")
ACCOUNT_STATUSES = (
    "planned",
    "under_way",
    "attempted",
    "happened",
    "ended",
    "said_not_to_have_happened",
)

# When and where.
DAY_PARTS = ("night", "early", "morning", "midday", "afternoon", "evening", "late")
DATE_BASES = ("printed", "weekday", "relative", "caption", "source_date", "bounds", "inferred")
BEARINGS = ("limit", "context", "claimant")

# Attribution, evidence and doubt. The parts are those of a news text; positions follow the W3C
# Web Annotation Data Model (TextPositionSelector).
MANNERS = (
    "said",
    "quoted",
    "confirmed",
    "estimated",
    "reported",
    "observed",
    "shown",
    "passive",
)
PARTS = (
    "headline",
    "standfirst",
    "dateline",
    "byline",
    "subheading",
    "body",
    "note",
    "caption",
    "alt_text",
    "credit",
)
SUPPORTED = ("value", "counted", "place", "date", "attribution", "name", "role", "status")
LONGEST_EVIDENCE = 300
ERRORS = (
    "digit_swap",
    "mistranslated",
    "misparaphrased",
    "wrong_measure",
    "misattributed",
    "misspelled",
    "misdated",
    "truncated",
    "conflated",
    "false_attribute",
)
USES = ("doubt", "unusable")
RELATION_BASES = ("printed", "editor")

# Sources.
SOURCE_TYPES = (
    "news_report",
    "agency_copy",
    "explainer",
    "live_update_page",
    "official_statement",
    "dataset",
)
CONTRIBUTOR_ROLES = ("author", "photographer", "photo_source", "agency")
INFERRED_FIELDS = ("publisher", "published", "title", "original_language")
STANDINGS = ("current", "updated", "corrected", "retracted", "superseded")
CONDITIONS = (
    "original",
    "translated",
    "back_translated",
    "paraphrased",
    "garbled",
    "truncated",
)

# Actors.
ACTOR_TYPES = (
    "person",
    "organization",
    "government_body",
    "security_force",
    "alliance",
    "armed_group",
    "media",
    "company",
    "country",
    "group",
    "unnamed_source",
)
NAME_BASES = ("only_form", "most_frequent", "first_printed", "descriptive", "undecided")
ANONYMITIES = ("named", "first_name_only", "unnamed")

# Figures.
FITS = ("exact", "close", "narrower", "wider", "unclear")
COVERAGES = ("cumulative", "period", "instant", "unclear")
STANCES = ("asserts", "denies", "withdraws")
MODALITIES = ("actual", "planned", "abandoned")
VALUED = ("plain", "about", "nearly", "at_least", "more_than", "at_most", "less_than")
QUANTIFIERS = (*VALUED, "between", "in_words")
INDEFINITE = "indefinite"
MAGNITUDES = ("few", "tens", "hundreds", "thousands", INDEFINITE)
FORMS = ("digits", "words", "enumerated", "implied")
MISSING = ("not_disclosed", "unknown")
FIGURE_RELATIONS = (
    "supersedes",
    "corrects",
    "part_of",
    "restates",
    "rounds",
    "converts",
    "equates",
    "contradicts",
)


class Measure(NamedTuple):
    """What a figure measures: its nature (flow, stock or level) and its dimension."""

    nature: str
    dimension: str

    @property
    def counts(self) -> bool:
        """Whether it counts persons or things, one by one."""
        return self.dimension in ("persons", "things")


MEASURES = {
    "killed": Measure("flow", "persons"),
    "injured": Measure("flow", "persons"),
    "casualties": Measure("flow", "persons"),
    "hospitalised": Measure("flow", "persons"),
    "detained": Measure("flow", "persons"),
    "in_intensive_care": Measure("stock", "persons"),
    "crowd": Measure("stock", "persons"),
    "participants": Measure("stock", "persons"),
    "troops": Measure("stock", "persons"),
    "inhabitants": Measure("stock", "persons"),
    "members": Measure("stock", "things"),
    "count": Measure("stock", "things"),
    "price": Measure("level", "price"),
    "price_cap": Measure("level", "price"),
    "price_factor": Measure("level", "ratio"),
    "share": Measure("level", "ratio"),
    "damage": Measure("flow", "money"),
    "duration": Measure("level", "time"),
    "elapsed": Measure("level", "time"),
    "age": Measure("level", "time"),
    "opening_hours": Measure("level", "time"),
    "ordinal": Measure("level", "one"),
}
COUNTING = tuple(name for name, measure in MEASURES.items() if measure.counts)


class Unit(NamedTuple):
    """The units of a dimension: a pattern, and words that say which there are."""

    pattern: str
    words: str


def _one_of(codes: tuple[str, ...]) -> str:
    return "(?:" + "|".join(re.escape(code) for code in codes) + ")"


# ISO 4217 and UCUM, composed with "/"; persons, things and 1 stand for themselves.
UNITS = {
    "persons": Unit("persons", "the unit is persons"),
    "things": Unit("things", "the unit is things"),
    "price": Unit(
        f"{_one_of(CURRENCIES)}/{_one_of(VOLUMES)}",
        f"the unit is a currency (ISO 4217) by a volume ({', '.join(VOLUMES)}), as in KZT/L",
    ),
    "money": Unit(_one_of(CURRENCIES), "the unit is a currency of ISO 4217, as in KZT"),
    "time": Unit(_one_of(TIMES), f"the unit is one of UCUM's: {', '.join(TIMES)}"),
    "ratio": Unit("[1%]", "the unit is 1 or %"),
    "one": Unit("1", "the unit is 1"),
}
