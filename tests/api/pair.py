"""Two applications over one store, which have to answer alike whatever one of them keeps."""

from typing import Any

from werkzeug.test import TestResponse

from service.app import create_app
from service.config import Config
from service.store import Database
from tests.api.published import NAME
from tests.api.walking import BASE

OWN = {"Date", "X-Request-ID"}
"""Headers that each answer has of its own."""


class Pair:
    """Two applications over one store: one keeps what it sent, the other makes everything."""

    def __init__(self, db: Database, name: str = NAME) -> None:
        config = Config(public_url=BASE)
        self.name = name
        self.kept = create_app(config, db).test_client()
        self.made = create_app(Config(public_url=BASE, cache_bytes=0), db).test_client()
        self.bytes_of: dict[str, tuple[Any, ...]] = {}

    def ask(
        self, method: str, start: str, read: str, coding: Any, accept: Any, condition: str
    ) -> None:
        """Ask both, and compare."""
        path = f"/v1/datasets/{self.name}{start}{read}"
        headers = {"Accept": accept} if accept else {}
        tag = self.made.get(path, headers=headers).headers.get("ETag", '"none"')
        headers |= {"Accept-Encoding": coding} if coding else {}
        if condition != "identity":
            tag = self.made.get(path, headers=headers).headers.get("ETag", '"none"')
        conditions = {"held": tag, "weak": f"W/{tag}", "other": '"x"', "star": "*", "identity": tag}
        if condition in conditions:
            headers["If-None-Match"] = conditions[condition]
        for _ in range(2):
            kept = self.kept.open(path, method=method, headers=headers)
            made = self.made.open(path, method=method, headers=headers)
            assert told(kept) == told(made), (method, path, headers)
            self._hold(method, kept)

    def _hold(self, method: str, answer: TestResponse) -> None:
        """Hold the answer against all others that had its tag."""
        if method == "GET" and answer.status_code == 200 and "ETag" in answer.headers:
            sent = (answer.get_data(), answer.content_type, answer.content_encoding)
            assert self.bytes_of.setdefault(answer.headers["ETag"], sent) == sent


def told(answer: TestResponse) -> tuple[Any, ...]:
    """Return what has to be the same of two answers."""
    headers = [header for header in answer.headers if header[0] not in OWN]
    assert {header[0] for header in answer.headers} >= {"X-Request-ID"}
    body = b"".join(answer.response)
    if answer.content_type == "application/problem+json":
        return answer.status_code, headers, body
    return answer.status_code, sorted(headers), body
