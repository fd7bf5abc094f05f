"""Publishing over HTTP: each status, who may, approval, and the account of each run."""

import gzip
from typing import Any

import pytest

from service.errors import Unavailable
from service.loader import loading
from service.store import Database
from service.web import bodies
from service.web.api import ingestions
from tests.api.contract import Contract
from tests.api.sending import (
    CREATING,
    FIRST,
    FOREIGN,
    GRANT,
    HEAD,
    JSON,
    KEY,
    LIST,
    SECOND,
    SECRET,
    Sender,
    data,
    head,
    lines,
    paused,
    whole,
)
from tests.builders import DATASET
from tests.loader.releases import actors, numbered

# Published, unchanged, tried


def test_a_release_becomes_a_revision_with_an_account(sender: Sender) -> None:
    answer = sender.post(FIRST)

    assert answer.status_code == 201
    told = data(answer)
    assert (told["outcome"], told["revision"]) == ("published", 1)
    assert answer.headers["Location"] == answer.get_json()["links"]["self"]
    assert answer.get_json()["links"]["revision"].endswith("/revisions/1")
    kept = sender.get(f"{LIST}/{told['id']}")
    assert kept.get_json() == answer.get_json()


def test_every_form_of_a_body_makes_the_same_revision(sender: Sender) -> None:
    plain = data(sender.post(FIRST, "dry_run=true"))["digest"]
    packed = gzip.compress(FIRST[:99]) + gzip.compress(FIRST[99:])
    gzipped = sender.post(packed, "dry_run=true", headers={"Content-Encoding": "gzip"})
    one = sender.post(whole(actors("ab")), "dry_run=true", form=f"{JSON}; charset=UTF-8")
    marked = sender.post(b"\xef\xbb\xbf" + FIRST, "dry_run=true")

    assert {data(each)["digest"] for each in (gzipped, one, marked)} == {plain}
    assert head(sender) == 0


def test_the_same_release_again_is_unchanged(settled: Sender) -> None:
    again = settled.post(FIRST)
    equal = settled.post(lines(actors("ab"), issued="2022-01-08"))

    assert (again.status_code, data(again)["outcome"]) == (200, "unchanged")
    assert (equal.status_code, data(equal)["outcome"]) == (200, "unchanged")
    assert "Location" not in again.headers
    assert head(settled) == 1


def test_a_dry_run_tells_what_would_change_and_publishes_nothing(settled: Sender) -> None:
    records = actors("ab", note="Known.")["actors"][:1] + actors("c")["actors"]

    tried = settled.post(lines({"actors": records}), "dry_run=true")

    assert (tried.status_code, data(tried)["outcome"]) == (200, "dry_run")
    told = {change["id"]: change for change in data(tried)["diff"]}
    assert [(name, change["change"]) for name, change in told.items()] == [
        ("a", "modified"),
        ("b", "removed"),
        ("c", "added"),
    ]
    assert told["a"]["fields"] == [{"path": "/note", "new": "Known."}]
    assert told["c"]["record"]["id"] == "c"
    assert len(told["c"]["digest"]) == 64
    assert head(settled) == 1


def test_a_delta_names_its_base(settled: Sender) -> None:
    read = settled.app.test_client().get(HEAD).get_json()
    base = {"number": 1, "digest": read["meta"]["digest"]}
    delta = {"mode": "delta", "issued": "2022-01-07"}

    bare = settled.post(lines(actors("c"), **delta))
    wrong = settled.post(lines(actors("c"), base={"number": 1}, **delta))
    good = settled.post(lines(actors("c"), base=base, **delta))
    late = settled.post(lines(actors("d"), base=base, **delta))

    assert [each["pointer"] for each in bare.get_json()["errors"]] == ["/release/base"]
    assert "names its base" in bare.get_json()["errors"][0]["detail"]
    assert "names its base" not in wrong.get_data(as_text=True)
    assert [each.status_code for each in (bare, wrong, good, late)] == [422, 422, 201, 409]
    assert late.get_json()["type"].endswith("HeadMoved")


# Statuses


def test_each_documented_status_is_reached(
    empty: Database, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = Sender(empty, contract, max_ingestion_bytes=len(SECOND))
    sender.post(FIRST, token=SECRET)
    sender.post(FIRST)
    sender.post(FIRST)
    sender.post(FIRST, "force=true")
    sender.post(FIRST, f"issued={'9' * 10_000}")
    sender.post(FIRST, token=None)
    sender.post(FIRST, token=FOREIGN)
    sender.post(FIRST, token=SECRET, headers={"Accept": "text/csv"})
    sender.post(lines({}))
    sender.post(SECOND + b"\n")
    sender.post(FIRST, form="text/plain")
    sender.post(b"")
    for name, value in (
        (f"{bodies.__name__}.SECONDS", -1.0),
        (f"{ingestions.__name__}.load", _torn),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(name, value)
            sender.post(SECOND)
    with paused(Sender(empty, contract), monkeypatch, SECOND):
        monkeypatch.setattr(loading, "publish", _lost)
        sender.post(lines(actors("b")))

    documented = contract.document["paths"][f"{HEAD.replace(DATASET, '{dataset}')}/ingestions"]
    assert sender.statuses == {int(status) for status in documented["post"]["responses"]}


def _torn(*_: object) -> None:
    raise RuntimeError


def _lost(*_: object) -> None:
    raise Unavailable("lost")


@pytest.mark.parametrize("harm", ["status", "header", "body", "type"])
def test_a_planted_wrong_answer_is_caught(settled: Sender, contract: Contract, harm: str) -> None:
    answer = settled.post(SECOND)
    assert contract.violations(LIST, answer) == []

    match harm:
        case "status":
            answer.status_code = 202
        case "header":
            del answer.headers["Cache-Control"]
        case "body":
            answer.set_data(answer.get_data().replace(b"outcome", b"result"))
        case "type":
            answer.headers["Content-Type"] = "text/plain"

    assert contract.violations(LIST, answer) != []


# Refused


def test_every_problem_of_a_release_is_told_where_it_lies(settled: Sender) -> None:
    records = [{**record, "name": 12, "x": 1} for record in actors("ab")["actors"]]

    answer = settled.post(lines({"actors": records}))

    assert answer.status_code == 422
    told = answer.get_json()
    places = [(each["line"], each["pointer"]) for each in told["errors"]]
    assert places == [(2, "/record/name"), (2, "/record/x"), (3, "/record/name"), (3, "/record/x")]
    account = data(settled.get(f"{LIST}/{told['ingestion']}"))
    assert account["outcome"] == "refused"
    assert [each["detail"] for each in account["problems"]] == [
        each["detail"] for each in told["errors"]
    ]
    assert head(settled) == 1


def test_a_problem_of_a_document_has_a_pointer(settled: Sender) -> None:
    answer = settled.post(whole({"actors": [{"id": "a"}]}), form=JSON)

    assert answer.status_code == 422
    assert all(each["pointer"].startswith("/actors/0") for each in answer.get_json()["errors"])


def test_the_shrink_guard_waits_for_the_digest_it_tells(sender: Sender) -> None:
    assert sender.post(lines(numbered(60))).status_code == 201
    shrunk = lines(numbered(5))

    held = sender.post(shrunk)
    digest = held.get_json()["digest"]
    other = sender.post(shrunk, f"approve={'0' * 64}")
    assert head(sender) == 1
    approved = sender.post(shrunk, f"approve={digest}")

    assert [each.status_code for each in (held, other, approved)] == [409, 409, 201]
    assert held.get_json()["type"].endswith("ApprovalNeeded")
    assert "--approve" not in held.get_data(as_text=True)
    assert data(approved)["digest"] == digest
    outcomes = [each["outcome"] for each in sender.get().get_json()["data"]]
    assert sorted(outcomes) == ["held", "held", "published", "published"]


# Who may


def test_a_dataset_is_only_created_by_a_token_that_may(sender: Sender) -> None:
    assert sender.post(FIRST, token=SECRET).status_code == 404
    assert sender.post(FIRST, token=CREATING).status_code == 201
    assert sender.post(SECOND, token=SECRET).status_code == 201


WRONG = (None, "", "rcn_unknown", f"{SECRET}x", SECRET[:-1], GRANT.sha256, f"{SECRET}, {CREATING}")


def test_without_a_known_token_nothing_is_told(settled: Sender) -> None:
    for token in WRONG:
        for answer in (settled.post(SECOND, token=token), settled.get(token=token)):
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="recension"'
    assert head(settled) == 1


def test_a_token_of_another_dataset_is_forbidden(settled: Sender) -> None:
    run = data(settled.post(FIRST))["id"]

    assert settled.post(SECOND, token=FOREIGN).status_code == 403
    assert settled.get(token=FOREIGN).status_code == 403
    assert settled.get(f"{LIST}/{run}", token=FOREIGN).status_code == 403
    foreign = LIST.replace(DATASET, "elsewhere")
    assert settled.get(f"{foreign}/{run}", token=FOREIGN).status_code == 404


def test_without_tokens_publishing_is_off(db: Database, contract: Contract) -> None:
    sender = Sender(db, contract, tokens=())

    for answer in (sender.post(FIRST), sender.get(), sender.get(f"{LIST}/x")):
        assert answer.status_code == 403
        assert "off" in answer.get_json()["detail"]


# The account of each run


def test_the_runs_are_listed_newest_first_page_by_page(settled: Sender) -> None:
    for _ in range(4):
        settled.post(FIRST)
    all_at_once = settled.get().get_json()
    assert all_at_once["meta"] == {"dataset": DATASET, "total": 5}

    walked, path = [], f"{LIST}?limit=2"
    while path:
        page = settled.get(path).get_json()
        walked += page["data"]
        path = page["links"].get("next", "").partition("8000")[2]

    assert walked == all_at_once["data"]
    assert [run["started_at"] for run in walked] == sorted(
        (run["started_at"] for run in walked), reverse=True
    )


def test_a_list_of_runs_takes_what_lists_take(settled: Sender) -> None:
    for query in ("cursor=x", "limit=0", "outcome=held", "token=x", "cursor="):
        assert settled.get(f"{LIST}?{query}").status_code == 400


def test_what_is_not_there_is_told(settled: Sender) -> None:
    assert settled.get(f"{LIST}/{'0' * 32}").status_code == 404
    assert settled.get("/v1/datasets/nowhere/ingestions").status_code == 404


# Beside readers and other writers


def test_a_load_blocks_no_reader(settled: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    with paused(settled, monkeypatch, SECOND) as held:
        assert head(settled) == 1
        assert settled.app.test_client().get(f"{HEAD}/actors").get_json()["meta"]["total"] == 2

    assert [answer.status_code for answer in held.answers] == [201]
    assert head(settled) == 2


def test_two_releases_at_once_never_mix(settled: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    with paused(settled, monkeypatch, SECOND) as held:
        quick = settled.post(lines(actors("abd"), issued="2022-01-07"))

    assert quick.status_code == 201
    assert [answer.status_code for answer in held.answers] == [201]
    assert head(settled) == 3


def test_more_releases_than_threads_allow_are_told_to_wait(
    db: Database, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = Sender(db, contract, threads=4)
    with paused(sender, monkeypatch, FIRST) as held:
        busy = sender.post(SECOND)
        assert sender.get("/v1/datasets/nowhere/ingestions").status_code == 404

    assert busy.status_code == 503
    assert busy.headers["Retry-After"] == "5"
    assert held.answers[0].status_code == 201
    assert sender.post(SECOND).status_code == 201


def test_a_store_that_is_lost_while_publishing_is_told_as_it_was(
    settled: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = loading.publish

    def after(*arguments: Any) -> None:
        publish(*arguments)
        raise Unavailable("lost at /srv/secret.db")

    def before(*_: object) -> None:
        raise Unavailable("lost at /srv/secret.db")

    monkeypatch.setattr(loading, "publish", before)
    lost = settled.post(SECOND, headers=KEY)
    monkeypatch.setattr(loading, "publish", after)
    kept = settled.post(SECOND, headers=KEY)

    assert (lost.status_code, kept.status_code, head(settled)) == (503, 201, 2)
    assert "secret" not in lost.get_data(as_text=True) + settled.get().get_data(as_text=True)
