"""What stands for each part of a path, and what a read cannot be asked without."""

from tests.api.published import FIRST_OF, NAME

VALUES = {
    "dataset": NAME,
    "revision": 2,
    "node": "figures.sums",
    "rest": "figures",
    "file": "swagger-ui.css",
    "key": "injured.people.bridge-fall",
    "source": FIRST_OF["sources"],
}
"""Part of a path to what it is in the dataset of `published`, save kinds and ids."""

ASKED = {"diff": "from=1", "facets": "kind=figures&field=measure", "search": "q=Tokayev"}
"""Last part of a path to the query that it needs."""
