"""Records as lines, tables and features: lists of them, and whole revisions, on both engines."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service import cli, table
from service.app import create_app
from service.canonical import canonical
from service.config import Config
from service.errors import Refused
from service.loader import Request, load, open_release
from service.loader.redaction import redact
from service.loader.release import Item, tables
from service.model import KINDS
from service.reading import features
from service.store import Database
from service.web import formats
from tests.api.contract import Contract
from tests.api.published import CHANGED, NAME, first, publish, second
from tests.api.walking import BASE, HERE, following_link

PINNED = f"{HERE}/revisions/2"
FORMULA = '=HYPERLINK("http://evil.example";"see")'
NOTES = (FORMULA, "+1", "-1", "@SUM(A1)", "'=1", "＝1", "plain", 'a,"b"\n=1')  # noqa: RUF001


@pytest.fixture
def reader(db: Database) -> FlaskClient:
    """A client over two revisions, on each engine."""
    publish(db, first())
    publish(db, second())
    return create_app(Config(public_url=BASE), db).test_client()


def pages(client: FlaskClient, address: str) -> Iterator[TestResponse]:
    """Yield every page of a list, by the links in headers."""
    following: str | None = address
    while following:
        answer = client.get(following)
        assert answer.status_code == 200, answer.get_data()
        yield answer
        following = following_link(answer)


def told(client: FlaskClient, address: str) -> list[dict[str, Any]]:
    return [dict(record) for record in client.get(address).get_json()["data"]]


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))


def read_back(data: bytes, kind: str) -> list[bytes]:
    """Return the canonical bytes of the records that the loader reads from a table."""
    parts = list(tables.parts(io.BytesIO(data), kind, "table", {}, len))
    assert all(isinstance(part, Item) for part in parts), parts
    return [canonical(part.record) for part in parts if isinstance(part, Item)]


def test_a_walk_of_tables_gives_every_record_with_its_bytes(reader: FlaskClient) -> None:
    for kind in KINDS:
        walked = list(pages(reader, f"{HERE}/{kind}?format=csv&limit=2"))
        header, *_ = walked[0].get_data().partition(b"\r\n")

        bodies = [body for page in walked for body in read_back(page.get_data(), kind)]

        assert all(page.get_data().startswith(header + b"\r\n") for page in walked)
        assert walked[0].headers["Content-Type"] == "text/csv; header=present; charset=utf-8"
        assert walked[0].headers["Form-Version"] == "1"
        assert bodies == [canonical(each) for each in told(reader, f"{HERE}/{kind}?limit=1000")]


def test_each_line_has_the_digest_of_its_record(reader: FlaskClient) -> None:
    lines = [
        line
        for page in pages(reader, f"{PINNED}/figures?format=ndjson&limit=5")
        for line in page.get_data().splitlines()
    ]

    listed = reader.get(f"{PINNED}/manifest/figures.sums").get_data(as_text=True).splitlines()
    assert [sha256(line).hexdigest() for line in lines] == [each.split()[0] for each in listed]


def test_a_table_takes_the_filters_and_the_order_of_the_list(reader: FlaskClient) -> None:
    asked = "measure=injured&sort=-value,-id&fields=value,counted&limit=3&as_of=2022-01-07"
    answer = reader.get(f"{HERE}/figures?{asked}", headers={"Accept": "text/csv"})

    header, *found = rows(answer.get_data())
    counted = ("counted.group", "counted.fit", "counted.label", "counted.label_by")
    assert header == ["id", *counted, "value", "redacted.at", "redacted.why"]
    expected = told(reader, f"{HERE}/figures?{asked}")
    assert [(row[header.index("id")], row[header.index("value")]) for row in found] == [
        (each["id"], str(each["value"])) for each in expected
    ]
    following = following_link(answer)
    assert following is not None
    assert "format=csv" in following
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"


def test_features_lie_where_the_record_says_or_nowhere(reader: FlaskClient) -> None:
    answer = reader.get(f"{PINNED}/events?format=geojson")
    collection = json.loads(answer.get_data())
    at, nowhere = (
        next(each for each in collection["features"] if each["id"] == name)
        for name in ("clearance", "bridge-fall")
    )

    assert answer.mimetype == "application/geo+json"
    assert collection["note"] == f"Coordinates: {features.NEVER_A_CLAIM}."
    assert at["geometry"] == {"type": "Point", "coordinates": [12, -64.25]}
    assert at["properties"].pop("reference") == {
        "place": "port-ember",
        "where_prec": 1,
        "from": "the harbour atlas of 1930",
        "note": features.NEVER_A_CLAIM,
    }
    assert at["properties"].pop("kind") == "events"
    assert [at["properties"]] == told(reader, f"{PINNED}/events?id=clearance")
    assert nowhere["geometry"] is None
    assert "reference" not in nowhere["properties"]


def test_a_place_around_gives_no_coordinates(reader: FlaskClient) -> None:
    (figure,) = json.loads(
        reader.get(f"{PINNED}/figures?format=geojson&id=herald-001-hurt").get_data()
    )["features"]

    assert figure["properties"]["place"]["id"] == "north-quay"
    assert figure["geometry"] is None


@pytest.mark.parametrize("kind", ["actors", "sources"])
def test_what_has_no_place_is_not_on_a_map(
    client: FlaskClient, contract: Contract, kind: str
) -> None:
    named = client.get(f"{HERE}/{kind}?format=geojson")
    accepted = client.get(f"{HERE}/{kind}", headers={"Accept": "application/geo+json"})

    assert named.status_code == 400
    assert "one of: " in named.get_json()["errors"][0]["detail"]
    assert accepted.status_code == 406
    assert contract.violations(f"{HERE}/{kind}", accepted) == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("format=csv&include=evidence.source", "include"),
        ("format=ndjson&total=true", "total"),
        ("format=geojson&total=true", "total"),
        ("format=ndjson&escape=formulas", "escape"),
        ("escape=formulas", "escape"),
        ("format=csv&escape=all", "escape"),
        ("format=xlsx", "format"),
    ],
)
def test_what_a_form_cannot_say_is_refused(client: FlaskClient, query: str, parameter: str) -> None:
    answer = client.get(f"{HERE}/figures?{query}")

    assert answer.status_code == 400
    assert [error["parameter"] for error in answer.get_json()["errors"]] == [parameter]


def test_a_cursor_of_one_form_is_not_taken_by_another(client: FlaskClient) -> None:
    following = following_link(client.get(f"{HERE}/figures?format=csv&limit=2"))
    assert following is not None

    answer = client.get(following.replace("format=csv", "format=ndjson"))

    assert answer.status_code == 400


def test_a_stub_has_its_row_and_its_feature(db: Database, reader: FlaskClient) -> None:
    redact(db, NAME, "figures", CHANGED, "a witness")

    (stub,) = told(reader, f"{HERE}/figures?id={CHANGED}")
    assert canonical(stub) in read_back(
        reader.get(f"{HERE}/figures?format=csv&limit=1000").get_data(), "figures"
    )
    collection = json.loads(reader.get(f"{HERE}/figures?format=geojson&id={CHANGED}").get_data())
    (feature,) = collection["features"]
    assert feature["geometry"] is None
    assert feature["properties"] == {"kind": "figures", **stub}


@pytest.fixture
def dangerous(db: Database) -> FlaskClient:
    """A client over records whose words look like formulas, on each engine."""
    publish(db, first())
    release = second()
    plain = release.records["figures"][-1]
    more = [
        plain | {"id": f"x{number}", "note": note, "printed": note.split("\n")[0]}
        for number, note in enumerate(NOTES)
    ]
    release.records["figures"].extend(more)
    publish(db, release)
    return create_app(Config(public_url=BASE), db).test_client()


@pytest.mark.parametrize(
    "read",
    [
        "figures?limit=1000",
        "diff?from=1&to=2",
        "series/injured.people.bridge-fall?without=wire-002",
    ],
)
def test_formulas_are_escaped_where_that_is_asked(dangerous: FlaskClient, read: str) -> None:
    exact = rows(dangerous.get(f"{HERE}/{read}&format=csv").get_data())
    escaped = rows(dangerous.get(f"{HERE}/{read}&format=csv&escape=formulas").get_data())

    assert escaped[0][0] == table.MARK + exact[0][0]
    assert not [cell for row in escaped for cell in row if cell.startswith(table.FORMULAS)]
    assert [[cell.removeprefix("'") for cell in row] for row in escaped] == exact


def test_without_asking_cells_are_exact(dangerous: FlaskClient) -> None:
    header, *found = rows(dangerous.get(f"{HERE}/figures?limit=1000&format=csv").get_data())

    notes = [row[header.index("note")] for row in found]
    assert set(NOTES) <= set(notes)


def unpacked(data: bytes, path: Path) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        archive.extractall(path)
    return str(path)


def exported(client: FlaskClient, number: int, query: str = "format=csv") -> TestResponse:
    answer = client.get(f"{HERE}/revisions/{number}/export?{query}")
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize("number", [1, 2])
def test_the_tables_of_a_revision_are_a_release_of_the_same_digest(
    reader: FlaskClient, db: Database, tmp_path: Path, number: int
) -> None:
    answer = exported(reader, number)
    folder = unpacked(answer.get_data(), tmp_path / "tables")

    report = load(db, open_release(folder), Request("again"))

    revision = reader.get(f"{HERE}/revisions/{number}").get_json()["data"]
    assert report.digest == revision["digest"]
    assert answer.mimetype == "application/vnd.recension.csv+zip"
    assert answer.headers["Content-Disposition"].endswith(f'revision-{number}.csv.zip"')
    assert revision["digest"] in (tmp_path / "tables/README.txt").read_text(encoding="utf-8")


def test_the_command_line_writes_the_same_bytes(
    reader: FlaskClient, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECENSION_DATABASE_URL", database_url)

    for query, options in {
        "format=csv": ["csv"],
        "format=geojson": ["geojson"],
        "format=csv&escape=formulas": ["csv", "--escape", "formulas"],
    }.items():
        command = ["export", NAME, "--revision", "2", "--format", *options]
        printed = CliRunner().invoke(cli.main, command).stdout_bytes

        assert printed == exported(reader, 2, query).get_data()
    wrong = CliRunner().invoke(cli.main, ["export", NAME, "--escape", "formulas"])
    assert wrong.exit_code == 2


def test_escaped_tables_are_no_release(
    dangerous: FlaskClient, db: Database, tmp_path: Path
) -> None:
    answer = exported(dangerous, 2, "format=csv&escape=formulas")
    folder = unpacked(answer.get_data(), tmp_path / "tables")

    with pytest.raises(Refused) as caught:
        load(db, open_release(folder), Request("again"))

    words = "this table is escaped against formulas"
    assert [flaw.place.line for flaw in caught.value.flaws if words in flaw.detail] == [1] * 4


def test_tables_of_what_was_erased_are_incomplete_and_say_so(
    db: Database, reader: FlaskClient, tmp_path: Path
) -> None:
    redact(db, NAME, "figures", CHANGED, "a witness")

    before = unpacked(exported(reader, 2).get_data(), tmp_path / "before")
    after = unpacked(exported(reader, 3).get_data(), tmp_path / "after")

    assert (tmp_path / "before/REDACTED").read_text() == f"figures/{CHANGED}.json\n"
    with pytest.raises(Refused):
        load(db, open_release(before), Request("again"))
    report = load(db, open_release(after), Request("again"))
    assert report.digest == reader.get(f"{HERE}/revisions/3").get_json()["data"]["digest"]


def test_all_that_can_have_a_place_is_one_collection(reader: FlaskClient) -> None:
    answer = exported(reader, 2, "format=geojson")
    collection = json.loads(answer.get_data())

    expected = [
        (kind, record["id"])
        for kind in ("events", "figures")
        for record in told(reader, f"{PINNED}/{kind}?limit=1000")
    ]
    assert [(f["properties"]["kind"], f["id"]) for f in collection["features"]] == expected
    assert collection["revision"] == 2
    assert answer.headers["Form-Version"] == "1"


def test_a_derived_export_that_was_cut_off_is_seen_to_be(client: FlaskClient) -> None:
    tables_, map_ = (
        exported(client, 2, f"format={name}").get_data() for name in ("csv", "geojson")
    )

    for cut in range(1, len(map_), 97):
        with pytest.raises(json.JSONDecodeError):
            json.loads(map_[:-cut])
    for cut in range(1, len(tables_), 97):
        with pytest.raises(zipfile.BadZipFile):
            zipfile.ZipFile(io.BytesIO(tables_[:-cut]))


def test_the_tag_of_a_compressed_form_tells_what_compressed_it(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tags() -> dict[str, str]:
        forms = ("csv", "zip", "ndjson", "geojson")
        asked = {form: client.head(f"{HERE}/revisions/1/export?format={form}") for form in forms}
        return {form: answer.headers["ETag"] for form, answer in asked.items()}

    before = tags()
    monkeypatch.setattr(formats, "PACKED", {formats.TABLES.media_type: "deflate 99"})

    after = tags()

    assert {form for form in before if before[form] != after[form]} == {"csv"}
