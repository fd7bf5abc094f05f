"""What a failure of a driver means: the store cannot answer now, or this code is wrong.

Only what time, room or an operator can mend is told as `Unavailable`. A statement that is no SQL, a
value of the wrong type or a broken constraint is a fault of this code, and stays what it is.
"""

from collections.abc import Callable
from time import monotonic, sleep

import apsw
import peewee
import psycopg

from service.errors import OutOfTime, RecensionError, Unavailable

FAILURES = (peewee.PeeweeException, apsw.Error, psycopg.Error, OSError)
"""What the drivers raise, wrapped by peewee or bare."""

_OUT_OF_TIME = (apsw.InterruptError, psycopg.errors.QueryCanceled)

_MENDABLE = (
    OSError,
    # A settled contradiction of peewee itself, such as a connection that is closed already.
    peewee.InterfaceError,
    peewee.OperationalError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,
    apsw.BusyError,
    apsw.LockedError,
    apsw.IOError,
    apsw.FullError,
    apsw.CantOpenError,
    apsw.CorruptError,
    apsw.NotADBError,
    apsw.NoMemError,
    apsw.PermissionsError,
    apsw.ProtocolError,
    apsw.ReadOnlyError,
    apsw.ConnectionClosedError,
)

_TOO_COMPLEX = "54"
"""The class of PostgreSQL's codes for statements that are too large: no time mends those."""


def meant(error: BaseException, place: str) -> RecensionError | None:
    """Return what a failure is in the domain's words, or None where it is a fault of this code."""
    cause = _cause(error)
    if isinstance(cause, _OUT_OF_TIME):
        return OutOfTime("the question took longer than a question may")
    too_complex = (getattr(cause, "sqlstate", None) or "").startswith(_TOO_COMPLEX)
    if isinstance(cause, _MENDABLE) and not too_complex:
        return Unavailable(f"the store at {place} does not answer: {_first(error)}")
    return None


def _cause(error: BaseException) -> BaseException:
    """Return the driver's own error, which peewee's was raised over."""
    driver = error.__context__
    wrapped = isinstance(error, peewee.PeeweeException)
    return driver if wrapped and isinstance(driver, apsw.Error | psycopg.Error) else error


def _first(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def patiently(do: Callable[[], object], seconds: float) -> None:
    """Do something again for so long as SQLite says that it is busy: to make a new file one with a
    write-ahead log it needs it for itself, and does not wait for that.
    """
    until = monotonic() + seconds
    while True:
        try:
            do()
        except apsw.BusyError:
            if monotonic() > until:
                raise
            sleep(0.01)
        else:
            return
