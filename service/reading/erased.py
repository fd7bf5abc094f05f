"""Records whose own body was erased from a revision, so that their stub stands there."""

from service.model import Reading
from service.store import Database, records, redactions

REDACTED = "REDACTED"
"""The file of an exported folder that lists them."""


def is_erased(db: Database, at: Reading, kind: str, record_id: str, body: str) -> bool:
    """Say whether a body is the stub of a record that the revision had another body of."""
    if redactions.stub_of(body) is None:
        return False
    kept = records.digests(db, at, kind, [record_id])[record_id]
    return redactions.erased(body, kept)
