"""What an editor looked up; it is never a claim of a source, and every output says so."""

from schemas.base import StrictSchema
from schemas.fields import Code, SetOf
from schemas.numbers import Integer, Number
from schemas.rules import Condition, Where
from schemas.standards import COUNTRIES, MOST_WHERE_PREC
from schemas.texts import Link, Short


class ReferenceSchema(StrictSchema):
    """What an editor looked up about an actor."""

    country = Code(COUNTRIES, "The country, by ISO 3166-1 alpha-2.", filterable=True)
    same_as = SetOf(Link(), "Pages about the same thing.")
    from_ = Short("Where it was looked up.", required=True, data_key="from", attribute="from")


class PlaceReferenceSchema(ReferenceSchema):
    """What an editor looked up about a place."""

    admin1 = Short("The first-level administrative division.")
    latitude = Number("Degrees north (WGS 84).", least=-90, most=90)
    longitude = Number("Degrees east (WGS 84).", least=-180, most=180)
    where_prec = Integer(
        1, "How precise the position is, by UCDP from 1 (exact) to 7.", most=MOST_WHERE_PREC
    )
    obeys = (
        Where(Condition("latitude"), requires=("longitude",)),
        Where(Condition("longitude"), requires=("latitude",)),
    )
