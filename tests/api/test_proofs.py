"""A record is proved to be in a revision by whoever kept no more than the revision's digest."""

import hashlib
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.config import Config
from service.loader.redaction import redact
from service.model import KINDS
from service.store import Database
from tests.api.published import CHANGED, FIRST_OF
from tests.api.walking import BASE, HERE
from tests.store.states import actors, publish


def is_proved(record: bytes, proof: dict[str, Any], digest: str) -> bool:
    """Say whether the bytes are those of a record of the revision with this digest."""
    expected, name = digest, "SHA256SUMS"
    for sums in proof["sums"]:
        if sums["path"] != name or hashlib.sha256(sums["text"].encode()).hexdigest() != expected:
            return False
        listed = dict(reversed(line.split("  ")) for line in sums["text"].splitlines())
        name = next((path for path in listed if leads(path, proof["path"], listed)), "")
        expected = listed.get(name, "")
    return name == proof["path"] and hashlib.sha256(record).hexdigest() == expected


def leads(path: str, record: str, listed: dict[str, str]) -> bool:
    """Say whether a line is the record's, or of the file of sums that its id belongs to."""
    kind, _, name = record.removesuffix(".json").partition("/")
    position = "/".join(hashlib.sha256(name.encode()).hexdigest())
    return path == record or (
        path.endswith(".sums") and f"manifest/{kind}/{position}".startswith(path[: -len(".sums")])
    )


def _proof(client: FlaskClient, address: str) -> dict[str, Any]:
    return dict(client.get(f"{address}/proof").get_json()["data"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_record_is_proved_by_the_digest_of_its_revision(
    client: FlaskClient, kind: str, number: int
) -> None:
    revision = client.get(f"{HERE}/revisions/{number}").get_json()["data"]
    address = f"{HERE}/revisions/{number}/{kind}/{FIRST_OF[kind]}"
    record, proof = client.get(address).get_data(), _proof(client, address)

    assert is_proved(record, proof, revision["digest"])
    assert proof["digest"] == hashlib.sha256(record).hexdigest()


def test_what_was_forged_is_not_proved(client: FlaskClient) -> None:
    digest = client.get(f"{HERE}/revisions/3").get_json()["data"]["digest"]
    address = f"{HERE}/revisions/3/figures/{CHANGED}"
    record, proof = client.get(address).get_data(), _proof(client, address)
    forged = record.replace(b"15", b"51", 1)
    assert forged != record

    assert is_proved(record, proof, digest)
    assert not is_proved(forged, proof, digest)
    assert not is_proved(record, proof, "0" * 64)
    for place, sums in enumerate(proof["sums"]):
        hexdigest = hashlib.sha256(forged).hexdigest()
        text = sums["text"].replace(proof["digest"], hexdigest)
        text = text if text != sums["text"] else text.replace(text[:8], "00000000", 1)
        other = [*proof["sums"][:place], {**sums, "text": text}, *proof["sums"][place + 1 :]]
        assert not is_proved(forged, {**proof, "sums": other}, digest)
        assert not is_proved(record, {**proof, "sums": other}, digest)
    shortened = {**proof, "sums": proof["sums"][:-1]}
    assert not is_proved(record, shortened, digest)


def test_another_record_does_not_have_the_proof(client: FlaskClient) -> None:
    digest = client.get(f"{HERE}/revisions/3").get_json()["data"]["digest"]
    other = client.get(f"{HERE}/revisions/3/figures/more-001").get_data()

    assert not is_proved(other, _proof(client, f"{HERE}/revisions/3/figures/{CHANGED}"), digest)


def test_a_proof_is_a_few_files_where_records_are_many(empty: Database) -> None:
    publish(empty, actors(*(f"a-{number}" for number in range(200))))
    client = create_app(Config(public_url=BASE), empty).test_client()
    digest = client.get("/v1/datasets/example/revisions/1").get_json()["data"]["digest"]

    for name in ("a-0", "a-199"):
        record = client.get(f"/v1/datasets/example/actors/{name}").get_data()
        proof = _proof(client, f"/v1/datasets/example/actors/{name}")
        assert [sums["path"] for sums in proof["sums"]][:2] == [
            "SHA256SUMS",
            "manifest/actors.sums",
        ]
        assert len(proof["sums"]) == 3
        assert is_proved(record, proof, digest)


def test_an_erased_record_keeps_its_proof(publishing: FlaskClient, store: Database) -> None:
    address = f"{HERE}/revisions/1/figures/{CHANGED}"
    record, before = publishing.get(address).get_data(), _proof(publishing, address)
    digest = publishing.get(f"{HERE}/revisions/1").get_json()["data"]["digest"]

    redact(store, "port-ember", "figures", CHANGED, "A witness is at risk.")

    assert publishing.get(address).status_code == 410
    assert _proof(publishing, address) == before
    assert is_proved(record, before, digest)


def test_what_is_not_there_has_no_proof(client: FlaskClient) -> None:
    assert client.get(f"{HERE}/revisions/1/figures/more-000/proof").status_code == 404
