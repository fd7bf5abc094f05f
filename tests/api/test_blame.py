"""Blame, against every version of a record looked at one by one."""

from service.app import create_app
from service.config import Config
from service.loader.redaction import redact
from service.model import Reason
from service.store import Database, ingestions
from tests.api import differing
from tests.api.differing import Export
from tests.api.published import CHANGED, publish, second
from tests.api.walking import BASE, HERE
from tests.store.states import actors
from tests.store.states import publish as publish_state

REVISIONS = 4


def blamed(exports: list[Export], kind: str, name: str) -> dict[str, int]:
    """Return pointer to the revision that last set it, from the exports up to one."""
    told: dict[str, int] = {}
    before: dict[str, object] = {}
    for number, whole in enumerate(exports, 1):
        after = dict(differing.fields(whole[kind][name])) if name in whole[kind] else {}
        told = {
            path: told[path] if path in before and before[path] == value else number
            for path, value in after.items()
        }
        before = after
    return told


def test_each_field_is_blamed_on_what_last_set_it(db: Database) -> None:
    exports = differing.published(db, differing.history(3, REVISIONS))
    client = create_app(Config(public_url=BASE), db).test_client()
    runs = {run.revision: run.id for run in ingestions.every(db, differing.NAME)}

    for number in range(1, REVISIONS + 1):
        here = f"/v1/datasets/{differing.NAME}/revisions/{number}"
        for kind in ("actors", "events", "sources"):
            for name in exports[number - 1][kind]:
                told = client.get(f"{here}/{kind}/{name}/blame").get_json()["data"]
                wanted = blamed(exports[:number], kind, name)
                assert {each["path"]: each["revision"] for each in told} == wanted
                assert [each["path"] for each in told] == sorted(wanted)
                assert all(each["ingestion"] == runs[each["revision"]] for each in told)


def test_a_value_rests_on_its_own_evidence_or_on_that_of_its_record(publishing, store) -> None:
    def sources(address: str) -> dict[str, list[str]]:
        told = publishing.get(f"{HERE}/{address}/blame").get_json()["data"]
        return {each["path"]: each.get("sources", []) for each in told}

    event = sources("events/clearance")
    assert event["/title"] == event["/accounts"] == ["herald-001", "wire-002"]
    assert sources("figures/herald-001-hurt")["/value"] == ["herald-001"]
    assert set(map(tuple, sources("sources/wire-002").values())) == {()}


def test_the_reason_is_that_of_the_change(empty: Database) -> None:
    why = Reason("reading_corrected", "It says A.")
    publish_state(empty, actors("a", name="B", note="n"))
    publish_state(empty, actors("a", name="A", note="n"), reasons={("actors", "a"): why})
    client = create_app(Config(public_url=BASE), empty).test_client()

    told = client.get("/v1/datasets/example/actors/a/blame").get_json()["data"]

    stated = {each["path"]: (each["revision"], each["reason"], each.get("why")) for each in told}
    assert stated["/name"] == (2, "reading_corrected", "It says A.")
    assert stated["/note"] == (1, "unstated", None)


def test_what_came_back_was_set_anew(empty: Database) -> None:
    for state in (actors("a", name="A"), {}, actors("a", name="A")):
        publish_state(empty, state)
    client = create_app(Config(public_url=BASE), empty).test_client()

    told = client.get("/v1/datasets/example/actors/a/blame").get_json()["data"]

    assert {each["revision"] for each in told} == {3}


def test_a_value_that_was_changed_and_changed_back_was_set_by_the_later(publishing, store) -> None:
    publish(store, second()._replace(issued="2022-01-09", message="Back."))

    told = publishing.get(f"{HERE}/figures/{CHANGED}/blame").get_json()

    assert {each["path"]: each["revision"] for each in told["data"]}["/note"] == 2
    assert told["meta"]["total"] == len(told["data"])


def test_what_is_not_there_or_erased_has_no_blame(publishing, store) -> None:
    redact(store, "port-ember", "figures", CHANGED, "A witness is at risk.")

    assert publishing.get(f"{HERE}/figures/nobody/blame").status_code == 404
    assert publishing.get(f"{HERE}/figures/{CHANGED}/blame").status_code == 410
    assert publishing.get(f"{HERE}/revisions/1/figures/{CHANGED}/blame").status_code == 410
