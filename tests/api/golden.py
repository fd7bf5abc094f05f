"""The forms of answers as they are today: `python -m tests.api.golden` writes them anew.

Caches hold answers by their ETag, which counts the forms. So the writer refuses a change of form
while `service.web.caching.REPRESENTATION` says that there was none.
"""

import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.app import create_app
from service.config import Config
from service.loader import Request, load, open_release
from service.store import open_database
from service.store.migrate import migrate
from service.web import caching
from tests.builders import write_release

FILE = Path(__file__).with_name("golden.json")

HERE = "/v1/datasets/golden"
ADDRESSES = (
    HERE,
    f"{HERE}/dataset.json",
    f"{HERE}/revisions?limit=1",
    f"{HERE}/revisions/2",
    f"{HERE}/revisions/2/manifest",
    f"{HERE}/actors?limit=1",
    f"{HERE}/revisions/1/actors",
    *(f"{HERE}/revisions/1/actors?format={name}" for name in ("ndjson", "csv")),
    f"{HERE}/revisions/1/actors?format=csv&escape=formulas",
    f"{HERE}/revisions/1/events?format=geojson",
    f"{HERE}/revisions/1/export?format=geojson",
    f"{HERE}/actors/one",
    f"{HERE}/actors/one/history",
    f"{HERE}/actors/one/proof",
    f"{HERE}/diff?from=1",
    f"{HERE}/diff?from=2&to=1&limit=1",
    f"{HERE}?as_of=2022-01-06",
    f"{HERE}/changes",
    f"{HERE}/revisions.atom",
    f"{HERE}/timemap/actors?limit=1",
    *(f"{HERE}/revisions/1/export?format={name}" for name in ("ndjson", "json")),
    *(f"{HERE}/diff?from=1&to=2&format={name}" for name in ("ndjson", "csv", "json-patch")),
)

DOCUMENT = {"title": "Golden", "licence": "CC0-1.0", "schema": 1}
ACTOR = {"actor_type": "group", "anonymity": "named", "name_basis": "only_form"}
RELEASES = (
    ("2022-01-06", {"id": "one", "name": "One"}, {"id": "two", "name": "Two"}),
    ("2022-01-07", {"id": "one", "name": "First"}, {"id": "three", "name": "Three"}),
)


def answers() -> dict[str, Any]:
    """Return what each address answers over two fixed revisions."""
    with tempfile.TemporaryDirectory() as folder:
        db = open_database(f"sqlite:///{folder}/golden.db")
        migrate(db)
        for issued, *actors in RELEASES:
            records = {"actors": [ACTOR | actor for actor in actors]}
            path = write_release(Path(folder) / "r.ndjson", records, DOCUMENT, issued=issued)
            load(db, open_release(str(path)), Request("golden"), clock=_always)
        client = create_app(Config(public_url="https://golden.example"), db).test_client()
        told = {address: client.get(address).get_data(as_text=True) for address in ADDRESSES}
        db.close()
    return told


def main() -> None:
    """Write the answers, unless they changed without a new representation version."""
    golden, now = json.loads(FILE.read_text(encoding="utf-8")), answers()
    if now != golden["answers"] and golden["representation"] == caching.REPRESENTATION:
        sys.exit("answers changed: raise REPRESENTATION in service/web/caching.py first")
    told = {"representation": caching.REPRESENTATION, "answers": now}
    FILE.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _always() -> datetime:
    return datetime(2022, 1, 8, tzinfo=UTC)


if __name__ == "__main__":
    main()
