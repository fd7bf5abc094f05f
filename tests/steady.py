"""How properties are tried: the same examples in every run, and no clock on them."""

from hypothesis import HealthCheck, settings

steady = settings(deadline=None, derandomize=True, max_examples=60)
"""For what touches no store. A shared machine pauses now and then, so no example has a deadline."""

steady_store = settings(
    steady,
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""For what touches a store: few examples, each in datasets of its own in one database."""
