"""`Idempotency-Key`: a request that is sent again is answered as it was, for a day.

The key is kept as a hash, together with the token: nobody meets another's keys. What was concluded
is kept (also a refusal); where nothing was (the head had moved, the store was busy) the same
request may come again under its key.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from flask import request

from service.canonical import canonical, digest
from service.errors import BadQuery, RecensionError
from service.model import Ingestion
from service.store import Database, answered, ingestions
from service.store.answered import Claim, Entry, Kept
from service.tokens import Grant

NAME = "Idempotency-Key"

PARAMETER: dict[str, Any] = {
    "name": NAME,
    "in": "header",
    "description": "Names this request, so that sending it again is safe: for 24 hours it is"
    " answered as it was. Made anew for each release; a UUID will do.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}

_KEY = re.compile("[!-~]{1,255}")


class KeyReused(RecensionError):
    """The key was used for another request."""


class KeyInUse(RecensionError):
    """The request of this key is being answered."""


def claimed(grant: Grant, dataset: str, members: Sequence[Any]) -> Claim | None:
    """Return the claim of the current request to its key, if it brings one.

    `members` are what makes it the same request. Raises `BadQuery` for a key that is none.
    """
    key = request.headers.get(NAME)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise BadQuery(f"{NAME} must be 1 to 255 visible characters of ASCII", NAME)
    hashed = digest(f"{grant.sha256} {dataset} {key}".encode())
    return Claim(hashed, dataset, digest(canonical(list(members))), uuid4().hex)


def once(
    db: Database,
    claim: Claim | None,
    answer: Callable[[str], Kept],
    told: Callable[[Ingestion], Kept],
) -> Kept:
    """Return the answer of a run with a new id, or the one that was given under the same key.

    `told` makes the answer of a run that the store knows, where a crash lost it. Raises `KeyReused`
    and `KeyInUse`.
    """
    if claim is None:
        return answer(uuid4().hex)
    entry = answered.claim(db, claim, datetime.now(UTC))
    if entry:
        return _again(db, claim, entry, told)
    try:
        made = answer(claim.ingestion)
    except BaseException:
        answered.release(db, claim.key, claim.ingestion)
        raise
    answered.keep(db, claim.key, claim.ingestion, made)
    return made


def _again(db: Database, claim: Claim, entry: Entry, told: Callable[[Ingestion], Kept]) -> Kept:
    if entry.request != claim.request:
        raise KeyReused(f"this {NAME} was used for another request; make a new one")
    if entry.answer:
        return entry.answer
    run = ingestions.find(db, entry.ingestion)
    if run is None or run.outcome != "published":
        raise KeyInUse("the request of this key is being answered; ask again in a moment")
    made = told(run)
    answered.keep(db, claim.key, entry.ingestion, made)
    return made
