"""Dates in the part of the Extended Date/Time Format (EDTF, ISO 8601-2) that records use.

Level 1 without seasons, times, letters before years and unknown ends: a day, month or year,
digits left unspecified from the right, a qualifier at the end, and intervals of two of these or
with one open end.
"""

import re
from calendar import isleap
from functools import lru_cache

FIRST_DAY = "0000-01-01"
LAST_DAY = "9999-12-31"

_DATE = (
    r"(?:[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]|XX)"
    r"|[0-9]{4}-(?:0[1-9]|1[0-2]|XX)"
    r"|[0-9]{4}-XX-XX"
    r"|[0-9]{2}(?:[0-9]{2}|[0-9]X|XX))[?~%]?"
)
PATTERN = rf"^(?:{_DATE}|{_DATE}/(?:{_DATE}|\.\.)|\.\./{_DATE})$"
_SHAPE = re.compile(PATTERN[1:-1])

_ADVICE = (
    "a date is written 2022, 2022-01 or 2022-01-05, with X for unspecified digits from the right "
    "(202X, 2022-01-XX), ?, ~ or % at its end, or as an interval of two dates or with .. "
    "(2022-01-05/..)"
)


def bounds(text: str) -> tuple[str, str]:
    """Return the first and the last possible day as ISO dates, or raise ValueError with advice.

    Qualifiers widen nothing; an open end reaches to the first or the last day there is.
    """
    if not _SHAPE.fullmatch(text):
        raise ValueError(_ADVICE)
    start, _, end = text.partition("/")
    earliest = FIRST_DAY if start == ".." else _days(start)[0]
    latest = LAST_DAY if end == ".." else _days(end or start)[1]
    if earliest > latest:
        raise ValueError("the interval ends before it starts; write the earlier date first")
    return earliest, latest


remembered = lru_cache(maxsize=4096)(bounds)
"""The same as `bounds`: records repeat dates, and each is judged, compared and made a column of."""


def _days(date: str) -> tuple[str, str]:
    year, month, day = (*date.rstrip("?~%").split("-"), "XX", "XX")[:3]
    first_year, last_year = year.replace("X", "0"), year.replace("X", "9")
    first_month, last_month = ("01", "12") if month == "XX" else (month, month)
    length = _length(int(last_year), int(last_month))
    if day == "XX":
        return f"{first_year}-{first_month}-01", f"{last_year}-{last_month}-{length}"
    if int(day) > length:
        raise ValueError(f"there is no day {day} in {year}-{month}; it has {length} days")
    return f"{year}-{month}-{day}", f"{year}-{month}-{day}"


def _length(year: int, month: int) -> int:
    if month == 2:
        return 29 if isleap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31
