"""A store behind its application, which can be closed, copied and opened anew."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from service import tokens
from service.app import create_app
from service.config import Config
from service.store import backup, open_database
from tests.api.walking import BASE, local

SECRET, GRANT = tokens.made(tokens.ANY, may_create=True)
_copies = count(1)


class Served:
    """One service at a time; each example has a dataset of its own in it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        self._open(url)

    def _open(self, url: str) -> None:
        self.url = url
        self.db = open_database(url)
        app = create_app(Config(public_url=BASE, tokens=(GRANT,)), self.db)
        self.client = app.test_client()

    @property
    def can_restore(self) -> bool:
        """Where a backup is a file that is opened as it is."""
        return self.db.engine == "sqlite"

    def reopen(self) -> None:
        """End the service, and begin another over the same store."""
        self.db.close()
        self._open(self.url)

    def restore(self) -> None:
        """Take a backup, lose the store, and go on with the copy."""
        path = self.folder / f"copy-{next(_copies)}.db"
        backup.write(self.db, path)
        self.db.close()
        self._open(f"sqlite:///{path}")

    def post(self, address: str, body: bytes, query: str = "") -> TestResponse:
        headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/x-ndjson"}
        return self.client.post(address, data=body, query_string=query, headers=headers)

    def ask(self, address: str, tag: str | None = None) -> TestResponse:
        return self.client.get(address, headers={"If-None-Match": tag} if tag else {})

    def get(self, address: str) -> Any:
        """Return the decoded answer to a good question."""
        answer = self.client.get(address)
        assert answer.status_code == 200, (address, answer.get_data(as_text=True))
        return answer.get_json(force=True)

    def pages(self, address: str | None) -> Iterator[Any]:
        """Yield a page and all that follow it."""
        while address:
            page = self.get(address)
            yield page
            address = local(page["links"]["next"]) if "next" in page["links"] else None
