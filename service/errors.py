"""The errors of the domain. None knows HTTP or exit statuses: `web.problems` and `cli` map them."""

from collections.abc import Sequence

from service.model import Flaw


class RecensionError(Exception):
    """Something that the caller can understand and act on; the message is one clear sentence.

    `ingestion` is the run of the loader that it ended, where there was one.
    """

    ingestion: str | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(RecensionError):
    """The dataset, revision, record or node does not exist."""


class Gone(RecensionError):
    """The record was redacted; its reason is the message."""


class BadQuery(RecensionError):
    """A parameter of a question is unknown or malformed; `parameter` names it."""

    def __init__(self, message: str, parameter: str) -> None:
        super().__init__(message)
        self.parameter = parameter


class Refused(RecensionError):
    """A release cannot be published as it stands; `flaws` names each place, up to a limit."""

    def __init__(self, message: str, flaws: Sequence[Flaw]) -> None:
        super().__init__(message)
        self.flaws = tuple(flaws)


class TooLarge(RecensionError):
    """An input is larger than is taken here; the message names another way."""


class HeadMoved(RecensionError):
    """Another revision was published since this one was prepared; load again to follow it."""


class ApprovalNeeded(RecensionError):
    """The shrink guard held the release back; `digest` is what an approval must name."""

    def __init__(self, message: str, digest: str) -> None:
        super().__init__(message)
        self.digest = digest


class Unavailable(RecensionError):
    """The store cannot answer now: unreachable, busy, or not migrated."""


class Unjudged(Unavailable):
    """The series of a revision are not judged yet, and they are too many to wait for."""


class Interrupted(RecensionError):
    """Something ended from outside what was being done, and nothing of it is stored."""


class OutOfTime(RecensionError):
    """A question took longer than one may; asked for less, it may be answered."""


class Misconfigured(RecensionError):
    """A setting has a value that cannot work."""
