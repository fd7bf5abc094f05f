"""The same request twice: under a key it is answered as it was, whatever happened in between."""

import gzip
from datetime import timedelta

import pytest

from service.errors import HeadMoved, Unavailable
from service.store import answered
from service.web.api import ingestions
from tests.api.sending import (
    CREATING,
    FIRST,
    KEY,
    SECOND,
    SECRET,
    Sender,
    data,
    head,
    lines,
    paused,
)


def test_the_same_request_under_a_key_has_the_same_answer(sender: Sender) -> None:
    first = sender.post(FIRST, headers=KEY)
    again = sender.post(FIRST, headers=KEY)
    packed = sender.post(gzip.compress(FIRST), headers=KEY | {"Content-Encoding": "gzip"})

    for answer in (again, packed):
        assert answer.status_code == first.status_code == 201
        assert answer.get_data() == first.get_data()
        assert answer.headers["Location"] == first.headers["Location"]
    assert sender.get().get_json()["meta"]["total"] == 1


@pytest.mark.parametrize(
    ("body", "query"), [(SECOND, ""), (FIRST, "dry_run=true"), (FIRST, f"approve={'0' * 64}")]
)
def test_another_request_under_the_key_is_refused(sender: Sender, body: bytes, query: str) -> None:
    sender.post(FIRST, headers=KEY)

    answer = sender.post(body, query, headers=KEY)

    assert answer.status_code == 422
    assert answer.get_json()["type"].endswith("KeyReused")
    assert head(sender) == 1


def test_keys_of_other_tokens_are_other_keys(settled: Sender) -> None:
    settled.post(SECOND, headers=KEY, token=CREATING)

    assert data(settled.post(FIRST, headers=KEY, token=SECRET))["outcome"] == "unchanged"


def test_a_refusal_is_kept_too(settled: Sender) -> None:
    bad = lines({"actors": [{"id": "a"}]})

    first, again = settled.post(bad, headers=KEY), settled.post(bad, headers=KEY)

    assert (first.status_code, again.get_data()) == (422, first.get_data())
    assert again.mimetype == "application/problem+json"


def test_a_key_is_plain_and_short(settled: Sender) -> None:
    for key in ("", "a b", "\u00e9", "x" * 256, "a\tb"):
        answer = settled.post(FIRST, environ_overrides={"HTTP_IDEMPOTENCY_KEY": key})

        assert answer.status_code == 400
        assert answer.get_json()["errors"][0]["parameter"] == "Idempotency-Key"


def test_a_key_is_forgotten_after_a_day(settled: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    settled.post(FIRST, headers=KEY)
    assert settled.post(SECOND, headers=KEY).status_code == 422

    monkeypatch.setattr(answered, "KEPT", timedelta(seconds=-5))

    assert settled.post(SECOND, headers=KEY).status_code == 201


def test_a_head_that_moved_is_not_kept(settled: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("service.store.publishing._swap", _moved)
        assert settled.post(SECOND, headers=KEY).status_code == 409

    assert settled.post(SECOND, headers=KEY).status_code == 201


def _moved(*_: object) -> None:
    raise HeadMoved("another load was first")


def test_the_same_request_at_the_same_time_has_to_wait(
    settled: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    with paused(settled, monkeypatch, SECOND, headers=KEY) as held:
        meanwhile = settled.post(SECOND, headers=KEY)

    assert meanwhile.status_code == 409
    assert meanwhile.get_json()["type"].endswith("KeyInUse")
    assert [answer.status_code for answer in held.answers] == [201]
    assert settled.post(SECOND, headers=KEY).get_data() == held.answers[0].get_data()


def test_an_answer_that_was_lost_after_publishing_is_made_again(
    settled: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise Unavailable("lost")

    with monkeypatch.context() as patch:
        patch.setattr(answered, "keep", lost)
        assert settled.post(SECOND, headers=KEY).status_code == 503
    assert head(settled) == 2

    again = settled.post(SECOND, headers=KEY)

    assert (again.status_code, data(again)["revision"]) == (201, 2)
    assert settled.post(SECOND, headers=KEY).get_data() == again.get_data()


def test_a_key_whose_run_died_is_taken_over(
    settled: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(ingestions, "load", lambda *_: 1 / 0)
        patch.setattr(answered, "release", lambda *_: None)
        settled.post(SECOND, headers=KEY)
    assert settled.post(SECOND, headers=KEY).status_code == 409

    monkeypatch.setattr(answered, "LEASE", timedelta(seconds=-5))

    assert settled.post(SECOND, headers=KEY).status_code == 201
