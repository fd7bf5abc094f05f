"""The diffs of a large dataset against two exports: `python -m tests.benchmarks.diff_equals`.

Loads a synthetic dataset into SQLite through the loader, then asks the service, over its own
interface, for the diffs of the first, the last and all revisions, and compares each with what a
dictionary of one export says of the other. Then applies the JSON Patch of all revisions to the
first export, page by page, and compares the bytes with the last. Prints what each step took; ends
with status 1 at the first difference.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from flask.testing import FlaskClient

from service.app import create_app
from service.canonical import canonical
from service.config import Config
from service.loader import Request, load, open_release
from service.store import Database, open_database
from service.store.migrate import migrate
from tests.api import differing
from tests.api.differing import Export
from tests.api.patching import applied
from tests.api.walking import BASE, following_link
from tests.benchmarks import dataset
from tests.benchmarks.dataset import Generator

DIFF = f"/v1/datasets/{dataset.NAME}/diff"


def main() -> None:
    """Load, compare, and say what it took."""
    given = dataset.arguments("Compare the diffs of a synthetic dataset with its exports.")
    asked = given.parse_args()
    drawn = Generator(asked.records, asked.seed)
    with TemporaryDirectory() as folder:
        releases = _timed(
            f"{asked.records} records, {asked.revisions} revisions generated",
            lambda: dataset.write(Path(folder), drawn.releases(asked.revisions)),
        )
        db = open_database(f"sqlite:///{folder}/recension.db")
        migrate(db)
        _timed("loaded", lambda: _load(db, releases))
        compare(db, asked.revisions)
        db.close()


def compare(db: Database, last: int) -> None:
    """Compare the diffs of the first, the last and all revisions, and the patch of all."""
    client = create_app(Config(public_url=BASE), db).test_client()
    exports = {n: differing.export(db, n, dataset.NAME) for n in {1, 2, last - 1, last}}
    for old, new in ((1, 2), (last - 1, last), (1, last), (last, 1)):
        told = _timed(f"diff {old} to {new}", lambda pair=(old, new): _lines(client, *pair))
        wanted = differing.changes(exports[old], exports[new], dataset.NAME)
        *lines, end = told
        net = list(map(differing.net, lines))
        _require(net == wanted, f"the diff from {old} to {new} is not that of the exports")
        counts = differing.counted(wanted)
        _require(end["end"]["counts"] == counts, f"its counts are not {counts}")
        print(f"  equal: {len(wanted)} changes, {counts}")
    pages = _timed("JSON Patch of all", lambda: _patch(client, 1, last))
    _patched(exports[1], exports[last], pages)


def publish(db: Database, release: Path) -> None:
    """Load one release."""
    load(db, open_release(str(release)), Request(dataset.NAME))


def _load(db: Database, releases: list[Path]) -> None:
    for release in releases:
        publish(db, release)


def _lines(client: FlaskClient, old: int, new: int) -> list[Any]:
    answer = client.get(f"{DIFF}?from={old}&to={new}&format=ndjson")
    return [orjson.loads(line) for line in answer.get_data().splitlines()]


def _patch(client: FlaskClient, old: int, new: int) -> list[list[dict[str, Any]]]:
    pages = []
    following: str | None = f"{DIFF}?from={old}&to={new}&format=json-patch&limit=1000"
    while following:
        answer = client.get(following)
        pages.append(orjson.loads(answer.get_data()))
        following = following_link(answer)
    return pages


def _patched(old: Export, new: Export, pages: list[list[dict[str, Any]]]) -> None:
    after = _timed("applied", lambda: applied(old, pages))
    _require(canonical(after) == canonical(new), "the patched export is not the newer one")
    operations = sum(map(len, pages))
    print(f"  equal: {operations} operations on {len(pages)} pages")


def _timed(what: str, do: Callable[[], Any]) -> Any:
    began = time.monotonic()
    made = do()
    print(f"{time.monotonic() - began:8.1f} s  {what}", flush=True)
    return made


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        sys.exit(otherwise)


if __name__ == "__main__":
    main()
