"""What the bundled dataset answers, as the OpenAPI document shows it: one example an operation.

`python -m tests.api.answers` writes them anew. They are answers as they were given, by a service
whose clock stands still; what is long (an export) or no data (the explorer) has none.
"""

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient

from service.app import create_app
from service.config import Config
from service.loader import Request, load, open_release, releases_in
from service.store import Database, open_database
from service.store.migrate import migrate
from service.web import openapi
from tests.api.contract import Contract
from tests.contested.dataset import SEEDS

FILE = Path(openapi.__file__).with_name("answers.json")
LONGEST = 9_000
"""Characters of an answer that is shown."""

NONE = frozenset({"getOpenAPI", "getExplorer", "getExplorerFile", "getMetrics"})
"""Operations whose answers say nothing of the data."""

NARROWED = {"getDiff": {"kind": "figures", "change": "modified"}}
"""What is asked for beside the examples of the parameters, so that an answer is short."""


def filled(url: str) -> Database:
    """Return a store with the bundled dataset, loaded at one instant and by runs of known ids."""
    db = open_database(url)
    migrate(db)
    for number, release in enumerate(releases_in(str(SEEDS)), 1):
        request = Request(SEEDS.name, ingestion=f"{number:032x}")
        load(db, open_release(release), request, clock=lambda: datetime(2024, 1, 1, tzinfo=UTC))
    return db


def answers(db: Database) -> dict[str, dict[str, Any]]:
    """Return what each operation answers, by its id: the request, and the value."""
    client = create_app(Config(public_url="https://data.example"), db).test_client()
    contract = Contract(client.get("/openapi.json").get_json())
    return dict(_each(client, contract))


def _each(client: FlaskClient, contract: Contract) -> Iterator[tuple[str, dict[str, Any]]]:
    for template, path in contract.document["paths"].items():
        operation = path.get("get")
        if operation is None or "security" in operation or operation["operationId"] in NONE:
            continue
        parameters = [contract.resolved(each) for each in operation["parameters"]]
        address = _address(template, parameters, NARROWED.get(operation["operationId"], {}))
        answer = client.get(address)
        body = answer.get_data(as_text=True)
        if answer.status_code == 200 and len(body) <= LONGEST:
            value = json.loads(body) if answer.mimetype.endswith("json") else body
            told = {"summary": f"GET {address}", "value": value}
            yield operation["operationId"], {"media_type": answer.mimetype, **told}


def _address(template: str, parameters: list[dict[str, Any]], narrowed: dict[str, str]) -> str:
    """Return the address of the example: its required parameters, and one item of a list."""
    examples = {
        parameter["name"]: _example(parameter)
        for parameter in parameters
        if parameter["in"] == "path" or parameter.get("required") or parameter["name"] == "limit"
    }
    path = template.format(**examples)
    own = {name: value for name, value in examples.items() if f"{{{name}}}" not in template}
    query = own | narrowed
    if "limit" in query:
        query["limit"] = 1
    return f"{path}?{urlencode(query)}" if query else path


def _example(parameter: dict[str, Any]) -> Any:
    if "example" in parameter:
        return parameter["example"]
    return parameter["schema"].get("examples", [""])[0]


def main() -> None:
    """Write the answers."""
    with tempfile.TemporaryDirectory() as folder:
        db = filled(f"sqlite:///{folder}/recension.db")
        told = answers(db)
        db.close()
    FILE.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
