"""First and last possible days of the EDTF dates that records carry.

The records were validated, so this only reads; `schemas.edtf` is the reference in a property test.
"""

from calendar import monthrange
from functools import lru_cache
from typing import NamedTuple

OPEN_START, OPEN_END = "0000-01-01", "9999-12-31"


class Days(NamedTuple):
    """The first and the last day that a date can mean, as ISO dates."""

    start: str
    end: str

    def after(self, other: "Days") -> bool:
        """Whether this is surely the later: its first possible day is after the other's last."""
        return self.start > other.end


ANY_DAY = Days(OPEN_START, OPEN_END)


@lru_cache(maxsize=4096)
def days(text: str) -> Days:
    """Return the first and the last possible day; an open end reaches to the end of all days."""
    start, _, end = text.partition("/")
    return Days(
        OPEN_START if start == ".." else _ends(start)[0],
        OPEN_END if end == ".." else _ends(end or start)[1],
    )


@lru_cache(maxsize=4096)
def end_of(period: str) -> Days:
    """Return the days on which a period can end: a running total counts up to then.

    A month means that the total may be of any of its days; an open end lies on or after the start.
    """
    start, _, end = period.partition("/")
    return Days(_ends(start)[0], OPEN_END) if end == ".." else days(end or start)


def _ends(date: str) -> tuple[str, str]:
    year, month, day = (*date.rstrip("?~%").split("-"), "XX", "XX")[:3]
    first, last = year.replace("X", "0"), year.replace("X", "9")
    first_month, last_month = ("01", "12") if month == "XX" else (month, month)
    if day != "XX":
        return f"{first}-{first_month}-{day}", f"{last}-{last_month}-{day}"
    # The calendar module begins in the year 1; leap years repeat every 400 years.
    length = monthrange(int(last) or 400, int(last_month))[1]
    return f"{first}-{first_month}-01", f"{last}-{last_month}-{length}"
