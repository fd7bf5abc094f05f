"""Sending releases as a client does; each answer is held against the served document."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from werkzeug.test import TestResponse

from service import loader, tokens
from service.app import create_app
from service.config import Config
from service.model import KINDS
from service.store import Database
from service.web.api import ingestions
from tests.api.contract import Contract
from tests.builders import DATASET, Records
from tests.loader.releases import actors
from tests.schemas import samples

SECRET, GRANT = tokens.made(DATASET)
CREATING, MAY_CREATE = tokens.made(tokens.ANY, may_create=True)
FOREIGN, ELSEWHERE = tokens.made("elsewhere", may_create=True)
GRANTS = (GRANT, MAY_CREATE, ELSEWHERE)

NDJSON = "application/x-ndjson"
JSON = "application/json"
HEAD = f"/v1/datasets/{DATASET}"
LIST = f"{HEAD}/ingestions"


def lines(
    records: Records,
    document: Mapping[str, Any] | None = None,
    removals: Iterable[tuple[str, str]] = (),
    **release: Any,
) -> bytes:
    """Return a release as interchange; a snapshot has the sample document."""
    release.setdefault("mode", "snapshot")
    if document is None and release["mode"] == "snapshot":
        document = samples.dataset()
    first: dict[str, Any] = {"release": release} | ({"dataset": document} if document else {})
    told = [first, *({"kind": k, "record": r} for k in KINDS for r in records.get(k, ()))]
    told += [{"kind": kind, "remove": name} for kind, name in removals]
    return b"".join(json.dumps(line).encode() + b"\n" for line in told)


def whole(records: Records, **release: Any) -> bytes:
    """Return a snapshot as one document of JSON."""
    told = {"release": {"mode": "snapshot", **release}, "dataset": samples.dataset(), **records}
    return json.dumps(told).encode()


FIRST = lines(actors("ab"), issued="2022-01-06")
SECOND = lines(actors("abc"), issued="2022-01-07")
KEY = {"Idempotency-Key": "0b7d"}


class Sender:
    """Sends requests to an application over a store, and checks each answer."""

    def __init__(self, db: Database, contract: Contract, **settings: Any) -> None:
        config = Config(**{"tokens": GRANTS, "threads": 8, **settings})
        self.db = db
        self.app = create_app(config, db)
        self.contract = contract
        self.statuses: set[int] = set()

    def post(
        self,
        body: Any,
        query: str = "",
        *,
        token: str | None = CREATING,
        path: str = LIST,
        form: str = NDJSON,
        headers: Mapping[str, str] | None = None,
        length: str | None = None,
        **options: Any,
    ) -> TestResponse:
        """Send a release: bytes, or what is read as far as it goes, or says so in its length."""
        told = {"Content-Type": form, **_bearing(token), **(headers or {})}
        options["data"] = body
        if hasattr(body, "read"):
            sized = {"CONTENT_LENGTH": length} if length else {"wsgi.input_terminated": True}
            options |= {"data": b"", "environ_overrides": {"wsgi.input": body, **sized}}
        client = self.app.test_client()
        return self._checked(path, client.post(path, query_string=query, headers=told, **options))

    def get(self, path: str = LIST, token: str | None = CREATING, **headers: str) -> TestResponse:
        """Ask for runs."""
        told = {**_bearing(token), **headers}
        return self._checked(path, self.app.test_client().get(path, headers=told))

    def _checked(self, path: str, answer: TestResponse) -> TestResponse:
        self.statuses.add(answer.status_code)
        assert self.contract.violations(path.partition("?")[0], answer) == []
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers
        return answer


def _bearing(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def data(answer: TestResponse) -> dict[str, Any]:
    """Return what a good answer tells."""
    told: dict[str, Any] = answer.get_json()["data"]
    return told


class Paused:
    """A load that another thread began and that waits."""

    def __init__(self) -> None:
        self.begun, self.go_on = Event(), Event()
        self.answers: list[TestResponse] = []


@contextmanager
def paused(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, body: bytes, **options: Any
) -> Iterator[Paused]:
    """Send a release from another thread, and hold its load back until the block ends."""
    held = Paused()

    def load(*arguments: Any, **more: Any) -> Any:
        held.begun.set()
        assert held.go_on.wait(20)
        return loader.load(*arguments, **more)

    def send() -> None:
        held.answers.append(sender.post(body, **options))

    monkeypatch.setattr(ingestions, "load", load)
    thread = Thread(target=send)
    thread.start()
    try:
        assert held.begun.wait(20)
        monkeypatch.setattr(ingestions, "load", loader.load)
        yield held
    finally:
        held.go_on.set()
        thread.join()


def head(sender: Sender) -> int:
    """Return the number of the head; 0 before the first."""
    answer = sender.app.test_client().get(HEAD)
    return int(answer.get_json()["meta"]["revision"]) if answer.status_code == 200 else 0
