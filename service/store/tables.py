"""What the tables are called and made of.

A kind's table has fixed columns and, beside them, the filter columns that its schema declares.
Those, `links` and `terms` are derived from the bodies: `derived` can make them again at any time.
"""

from types import MappingProxyType

from schemas import DATASET as DATASET_KIND
from schemas import KINDS as RECORD_KINDS
from service.model import DATASET, KINDS

OPEN = 2_147_483_647
"""The `until` of a version that still holds. A number and not null: one predicate serves all."""

TABLES = MappingProxyType({DATASET: "documents"} | {kind: kind for kind in KINDS})
"""Kind to table; `dataset.json` is kept as the one record of its kind."""

DESCRIBED = MappingProxyType({DATASET: DATASET_KIND, **RECORD_KINDS})
"""Kind to its description in the schemas."""

AT = "since <= ? AND until > ?"
"""Holds in a revision; takes its number twice."""
