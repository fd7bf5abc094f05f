"""Why a record came to differ, where more than one revision had a part in it."""

import json
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.config import Config
from service.store import Database
from tests.builders import DATASET
from tests.builders import load_release as load
from tests.schemas import samples

REASONS = ("unstated", "doubt_raised", "reading_corrected", "withdrawn")
"""What each revision gives for all that it changes."""

HISTORIES: dict[str, tuple[str | None, ...]] = {
    "stays": ("Bridge", "Bridge", "Bridge", "Bridge"),
    "once": ("Bridge", "Bridge", "Viaduct", "Viaduct"),
    "twice": ("Bridge", "Viaduct", "Pier", "Pier"),
    "there-and-back": ("Bridge", "Viaduct", "Bridge", "Pier"),
    "late": (None, "Bridge", "Viaduct", "Pier"),
    "gone": ("Bridge", "Viaduct", None, None),
    "gone-and-back": ("Bridge", None, "Viaduct", "Pier"),
    "passing": (None, "Bridge", None, "Pier"),
}
"""Id to the title in each revision; None where the record is not there."""

REVISIONS = len(REASONS)


@pytest.fixture
def client(db: Database, tmp_path: Path) -> FlaskClient:
    """A client over the histories."""
    for number in range(REVISIONS):
        path = tmp_path / f"{number}.ndjson"
        path.write_text("".join(json.dumps(line) + "\n" for line in _lines(number)))
        assert load(db, path).outcome == "published"
    return create_app(Config(), db).test_client()


def _lines(number: int) -> list[dict[str, Any]]:
    mode = "delta" if number else "snapshot"
    first: dict[str, Any] = {"release": {"mode": mode, "issued": f"1931-05-0{number + 1}"}}
    if number == 0:
        first["dataset"] = samples.minimal_dataset()
    why = {"reason": REASONS[number]} if number else {}
    lines = [first]
    for name, titles in HISTORIES.items():
        record = {**samples.minimal_source(), "id": name, "title": titles[number]}
        if titles[number]:
            lines.append({"kind": "sources", "record": record, **why})
        elif number and titles[number - 1]:
            lines.append({"kind": "sources", "remove": name, **why})
    return lines


def _steps(titles: tuple[str | None, ...], old: int, new: int) -> list[dict[str, Any]]:
    """Return what each revision after `old` did, counted from 1."""
    words = {(True, False): "removed", (False, True): "added", (True, True): "modified"}
    return [
        {"revision": n + 1, "change": words[before, after], "reason": REASONS[n]}
        for n in range(old, new)
        for before, after in [(titles[n - 1] is not None, titles[n] is not None)]
        if titles[n] != titles[n - 1]
    ]


def test_the_steps_are_those_of_the_revisions_that_changed_the_record(
    client: FlaskClient,
) -> None:
    pairs = combinations(range(1, REVISIONS + 1), 2)
    for (old, new), (name, titles) in product(pairs, HISTORIES.items()):
        told = _diff(client, old, new)
        if titles[old - 1] == titles[new - 1]:
            assert name not in told
        else:
            steps = _steps(titles, old, new)
            assert told[name]["reason"] == steps[-1]["reason"]
            assert told[name].get("steps", steps) == steps
            assert ("steps" in told[name]) == (len(steps) > 1)


def test_the_inverse_has_no_steps(client: FlaskClient) -> None:
    told = _diff(client, REVISIONS, 1)

    assert told
    assert all("steps" not in change and change["reason"] == "unstated" for change in told.values())


def _diff(client: FlaskClient, old: int, new: int) -> dict[str, Any]:
    answer = client.get(f"/v1/datasets/{DATASET}/diff?from={old}&to={new}").get_json()
    return {change["id"]: change for change in answer["data"]}
