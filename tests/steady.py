"""How properties are tried: the same examples in every run, or many others where that is asked for.

`RECENSION_TEST_EXAMPLES=200` tries that many, and new ones each time.
"""

import os

from hypothesis import HealthCheck, settings

_ASKED = int(os.environ.get("RECENSION_TEST_EXAMPLES", "0"))

steady = settings(deadline=None, derandomize=not _ASKED, max_examples=_ASKED or 60)
"""For what touches no store. A shared machine pauses now and then, so no example has a deadline."""

steady_store = settings(
    steady,
    max_examples=_ASKED or 8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""For what touches a store: few examples, each in datasets of its own in one database."""
