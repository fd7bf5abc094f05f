"""Whether the evidence of releases stands where it says, and carries what it is said to carry.

No database takes part: releases are applied to each other in memory, as states of a dataset. Of
each state the evidence that is new in it, or whose source changed, is held against the documents.
"""

from service.loader.evidence.documents import Documents
from service.loader.evidence.verification import Tally, Verification

__all__ = ["Documents", "Tally", "Verification"]
