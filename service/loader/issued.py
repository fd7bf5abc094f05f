"""The instant that a revision stands for."""

from datetime import UTC, datetime

INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def instant(moment: datetime) -> str:
    """Return a moment as text, cut to the second."""
    return moment.astimezone(UTC).strftime(INSTANT)


def resolve(given: str | None, now: str) -> str:
    """Return the instant for what a release says: nothing is the present, a day its last second.

    Today is the present: its last second has not come yet.
    """
    if given is None or given == now[:10]:
        return now
    return given if "T" in given else f"{given}T23:59:59Z"


def fault(issued: str, now: str, head: str | None) -> str | None:
    """Return what is wrong with an instant, or None: neither the future nor before the head."""
    if issued > now:
        return f"{issued} lies in the future; it is {now} now"
    if head is not None and issued < head:
        return f"{issued} lies before the head, which stands for {head}; give that or later"
    return None
