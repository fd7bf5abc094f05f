"""A machine that publishes, reads, redacts, crashes and restores, and compares with the model."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from service.errors import Unavailable
from service.loader.redaction import redact
from service.store import publishing
from tests.api.patching import applied as patched
from tests.api.walking import local
from tests.model import drawn, reference
from tests.model.drawn import SPOILED, Content, contents, release
from tests.model.reference import DATASET, KINDS, Key, Model, Record, State
from tests.model.served import Served

WHY = "A witness is at risk."
_names = count(1)
numbers = st.integers(0, 99)
limits = st.sampled_from((1, 2, 3, 7, 100))
kinds = st.sampled_from(KINDS)
sides = st.booleans()


class Walk(NamedTuple):
    """A list that a client began to read at the head, and where it goes on."""

    kind: str
    revision: int
    told: int
    next: str | None


class Position(NamedTuple):
    """Where a client stopped in the feed: after so many changes."""

    told: int
    next: str


class Machine(RuleBasedStateMachine):
    """One dataset, from its first revision on."""

    walks: Bundle[Walk] = Bundle("walks")
    positions: Bundle[Position] = Bundle("positions")

    def __init__(self, served: Served) -> None:
        super().__init__()
        self.served = served
        self.model = Model(f"model-{next(_names)}")
        self.here = f"/v1/datasets/{self.model.name}"
        self.now = datetime(2022, 1, 6, tzinfo=UTC)
        self.last = b""
        self.releases = count(1)
        self.known: dict[str, tuple[str, bytes]] = {}
        self.seen = 0

    # What rules are made of

    def issued(self, pause: int = 0) -> str:
        self.now += timedelta(seconds=pause)
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def target(self, content: Content, *, on: State | None = None) -> State:
        """Return the state that a content makes, alone or of another state; stubs stay."""
        records = drawn.records(content)
        made = dict(on or {})
        for key in content.chosen:
            made.pop(key, None)
        made |= {key: reference.kept(each) for key, each in {**drawn.BASE, **records}.items()}
        made[self.model.document] = reference.kept(drawn.document(content.title))
        return made | self.stubs()

    def stubs(self) -> State:
        return {key: self.model.state[key] for key in self.model.standing}

    def snapshot(self, state: State, issued: str, stubs: bool = True) -> bytes:
        """Return a state as a release, whose bytes are like no other's."""
        records = {
            key: each.record
            for key, each in state.items()
            if key[0] != DATASET and (stubs or not each.is_stub)
        }
        document = state[self.model.document].record
        return release(records, document, mode="snapshot", issued=issued, message=self.message())

    def delta(self, state: State, issued: str, base: reference.Revision) -> bytes:
        """Return what leads from the head to a state as a release."""
        before = self.model.state
        changed = reference.changed(before, state)
        gone = [key for key, word in changed.items() if word == "removed"]
        records = {key: state[key].record for key in changed if key in state and key[0] != DATASET}
        document = state[self.model.document].record if self.model.document in changed else None
        said = {"base": {"number": base.number, "digest": base.digest}, "message": self.message()}
        return release(records, document, gone, mode="delta", issued=issued, **said)

    def message(self) -> str:
        return f"Release {next(self.releases)}."

    def post(self, body: bytes, query: str = "") -> tuple[int, Any]:
        answer = self.served.post(f"{self.here}/ingestions", body, query)
        return answer.status_code, answer.get_json()

    def published(self, body: bytes, state: State, issued: str, query: str = "") -> None:
        """Send what has to be published, and publish it in the model."""
        status, told = self.post(body, query)
        assert status == 201, told
        self.model.publish(state, issued)
        self.last = body
        head = self.model.head
        data = told["data"]
        assert (data["revision"], data["digest"]) == (head.number, head.digest)

    def number(self, drawn_number: int) -> int:
        return drawn_number % len(self.model.revisions) + 1

    # Publishing

    @initialize(content=contents, more=st.lists(contents, min_size=1, max_size=3))
    def the_first_releases(self, content: Content, more: list[Content]) -> None:
        assert self.served.ask(self.here).status_code == 404
        state, issued = self.target(content), self.issued()
        self.published(self.snapshot(state, issued), state, issued)
        for each in more:
            self.publish_delta(each, pause=1)

    @rule(content=contents, pause=st.integers(0, 2), stubs=sides)
    def a_snapshot(self, content: Content, pause: int, stubs: bool) -> None:
        state, issued = self.target(content), self.issued(pause)
        body = self.snapshot(state, issued, stubs)
        if not self.model.is_new(state):
            status, told = self.post(body)
            assert (status, told["data"]["outcome"]) == (200, "unchanged")
        elif self.model.is_held(state):
            self.held_then_approved(body, state, issued)
        else:
            self.published(body, state, issued)

    @rule(fresh=sides)
    def the_same_again(self, fresh: bool) -> None:
        body = self.snapshot(self.model.state, self.issued(1)) if fresh else self.last
        status, told = self.post(body)

        assert (status, told["data"]["outcome"]) == (200, "unchanged"), told

    @rule(content=contents, how=st.sampled_from(sorted(SPOILED)))
    def a_bad_release(self, content: Content, how: str) -> None:
        body = SPOILED[how](self.snapshot(self.target(content), self.issued()))
        status, told = self.post(body)

        assert status == 422, (how, told)
        assert told["errors"], told

    @rule(content=contents)
    def a_release_of_the_past(self, content: Content) -> None:
        body = self.snapshot(self.target(content), "2022-01-05T23:59:59Z")
        assert self.post(body)[0] == 422

    @precondition(lambda self: self.model.standing)
    @rule(pick=numbers)
    def a_release_that_replaces_a_stub(self, pick: int) -> None:
        kind, name = sorted(self.model.standing)[pick % len(self.model.standing)]
        back = reference.kept(drawn.record((kind, name), 1))
        body = self.snapshot({**self.model.state, (kind, name): back}, self.issued())
        assert self.post(body)[0] == 422

    @rule(title=st.integers(1, 2), name=st.sampled_from(("x", "y")))
    def a_snapshot_that_lacks_nearly_all(self, title: int, name: str) -> None:
        state: State = {
            self.model.document: reference.kept(drawn.document(title)),
            ("sources", name): reference.kept(drawn.record(("sources", name), 1)),
            **self.stubs(),
        }
        if self.model.is_held(state):
            issued = self.issued()
            self.held_then_approved(self.snapshot(state, issued, stubs=False), state, issued)

    def held_then_approved(self, body: bytes, state: State, issued: str) -> None:
        digest = self.model.digest(state)
        for query in ("", f"approve={self.model.head.digest}"):
            status, told = self.post(body, query)
            assert (status, told.get("digest")) == (409, digest), told
        self.the_head_is_where_it_was()
        self.published(body, state, issued, f"approve={digest}")

    @rule(content=contents, pause=st.integers(0, 2))
    def a_delta(self, content: Content, pause: int) -> None:
        self.publish_delta(content, pause)

    def publish_delta(self, content: Content, pause: int) -> None:
        state, issued = self.target(content, on=self.model.state), self.issued(pause)
        body = self.delta(state, issued, self.model.head)
        if self.model.is_new(state):
            self.published(body, state, issued)
        else:
            status, told = self.post(body)
            assert (status, told["data"]["outcome"]) == (200, "unchanged"), told

    @precondition(lambda self: len(self.model.revisions) > 1)
    @rule(content=contents, pick=numbers)
    def a_delta_for_an_earlier_head(self, content: Content, pick: int) -> None:
        base = self.model.revisions[pick % (len(self.model.revisions) - 1)]
        state = self.target(content, on=self.model.state)

        assert self.post(self.delta(state, self.issued(), base))[0] == 409

    @rule(content=contents)
    def a_publish_that_dies_within_its_transaction(self, content: Content) -> None:
        state, issued = self.target(content, on=self.model.state), self.issued()
        if self.model.is_new(state):
            body = self.delta(state, issued, self.model.head)
            with patch.object(publishing, "_insert_nodes", side_effect=Unavailable("lost")):
                assert self.post(body)[0] == 503
            self.served.reopen()
            self.the_revisions_are_those_of_the_model()
            self.published(body, state, issued)

    # Reading

    @rule(kind=kinds, pick=numbers, limit=limits)
    def the_pages_of_a_revision(self, kind: str, pick: int, limit: int) -> None:
        number = self.number(pick)
        pages = list(self.served.pages(f"{self.here}/revisions/{number}/{kind}?limit={limit}"))
        wanted = self.model.records(number, kind)

        assert [each for page in pages for each in page["data"]] == wanted
        assert all(0 < len(page["data"]) <= limit for page in pages) or not wanted
        assert {page["meta"]["revision"] for page in pages} == {number}
        assert {page["meta"]["total"] for page in pages} == {len(wanted)}

    @rule(key=drawn.keys, pick=numbers)
    def one_record(self, key: Key, pick: int) -> None:
        number = self.number(pick)
        answer = self.served.ask(f"{self.here}/revisions/{number}/{key[0]}/{key[1]}")
        held = self.model.revisions[number - 1].state.get(key)
        if held is None or held.is_stub:
            assert answer.status_code == (410 if held else 404)
        else:
            assert answer.get_data() == reference.canonical(held.record)
            assert reference.sha(answer.get_data()) == held.digest

    @rule(target=walks, kind=kinds, limit=limits)
    def begin_a_walk_at_the_head(self, kind: str, limit: int) -> Walk:
        page = self.served.get(f"{self.here}/{kind}?limit={limit}")
        number = len(self.model.revisions)
        assert page["meta"]["revision"] == number
        assert page["data"] == self.model.records(number, kind)[:limit]
        following = page["links"].get("next")
        return Walk(kind, number, len(page["data"]), local(following) if following else None)

    @rule(walk=walks)
    def end_a_walk_at_the_revision_where_it_began(self, walk: Walk) -> None:
        pages = list(self.served.pages(walk.next))
        rest = [each for page in pages for each in page["data"]]

        assert rest == self.model.records(walk.revision, walk.kind)[walk.told :]
        assert {page["meta"]["revision"] for page in pages} <= {walk.revision}

    @rule(old=numbers, new=numbers, limit=limits)
    def the_diff_of_two_revisions_in_both_directions(self, old: int, new: int, limit: int) -> None:
        for start, end in (
            (self.number(old), self.number(new)),
            (self.number(new), self.number(old)),
        ):
            self.diff(start, end, limit)

    def diff(self, start: int, end: int, limit: int) -> None:
        before, after = (self.model.revisions[number - 1].state for number in (start, end))
        wanted = reference.changed(before, after)
        query = f"from={start}&to={end}&limit={limit}"
        pages = list(self.served.pages(f"{self.here}/diff?{query}"))
        told = {(each["kind"], each["id"]): each for page in pages for each in page["data"]}
        assert sum(len(page["data"]) for page in pages) == len(told)
        assert {key: each["change"] for key, each in told.items()} == wanted
        assert list(told) == list(wanted)
        assert all(page["meta"]["counts"] == reference.counted(wanted) for page in pages)
        for key, change in told.items():
            self.one_change(change, before.get(key), after.get(key))
        erased = any("redacted" in change for change in told.values())
        self.patch(start, end, f"{query}&format=json-patch", erased)

    def one_change(
        self,
        change: Mapping[str, Any],
        old: reference.Kept | None,
        new: reference.Kept | None,
    ) -> None:
        assert change.get("digest") == (new.digest if new else None)
        if (old and old.is_erased) or (new and new.is_erased):
            assert change["redacted"] is True
            assert not {"fields", "record"} & change.keys()
        else:
            assert "redacted" not in change
            made = reference.applied(change, old.record if old else None)
            assert made == (new.record if new else None)

    def patch(self, start: int, end: int, query: str, erased: bool) -> None:
        if erased:
            assert self.served.ask(f"{self.here}/diff?{query}").status_code == 410
            return
        operations, address = [], f"{self.here}/diff?{query}"
        while address:
            answer = self.served.ask(address)
            operations.append(answer.get_json(force=True))
            address = _next(answer.headers["Link"])
        assert patched(self.model.whole(start), operations) == self.model.whole(end)

    @rule(pick=numbers)
    def the_exports_of_a_revision(self, pick: int) -> None:
        number = self.number(pick)
        address = f"{self.here}/revisions/{number}/export"

        lines = self.served.ask(f"{address}?format=ndjson").get_data()
        assert lines == self.model.lines(number)
        whole = self.served.ask(f"{address}?format=json").get_data()
        assert whole == reference.canonical(self.model.whole(number))

    @rule(pick=numbers)
    def the_sums_of_a_revision(self, pick: int) -> None:
        revision = self.model.revisions[self.number(pick) - 1]
        for path, text in self.model.tree(revision.state).items():
            below = path.removeprefix("manifest").removeprefix("SHA256SUMS")
            address = f"{self.here}/revisions/{revision.number}/manifest{below}"
            assert self.served.ask(address).get_data(as_text=True) == text

    @rule(pick=numbers, after=st.integers(-1, 1))
    def the_revision_of_an_instant(self, pick: int, after: int) -> None:
        known = datetime.fromisoformat(self.model.revisions[self.number(pick) - 1].issued)
        instant = (known + timedelta(seconds=after)).strftime("%Y-%m-%dT%H:%M:%SZ")
        found = [each.number for each in self.model.revisions if each.issued <= instant]
        answer = self.served.ask(f"{self.here}/actors?as_of={instant}&limit=1")
        if found:
            assert answer.get_json()["meta"]["revision"] == found[-1]
        else:
            assert answer.status_code == 404

    # The feed

    @rule(target=positions, limit=limits)
    def begin_to_follow_the_feed(self, limit: int) -> Position:
        return self.followed(f"{self.here}/changes?limit={limit}", 0)

    @rule(target=positions, position=positions)
    def go_on_one_page(self, position: Position) -> Position:
        return self.followed(position.next, position.told)

    @rule(position=positions)
    def go_on_to_the_end(self, position: Position) -> None:
        whole = list(self.model.feed())
        while position.told < len(whole):
            position = self.followed(position.next, position.told)
        assert self.followed(position.next, position.told) == position

    def followed(self, address: str, told: int) -> Position:
        """Ask for what follows, which is what the model has there."""
        page = self.served.get(address)
        whole = list(self.model.feed())
        data = page["data"]
        assert data == whole[told : told + len(data)]
        assert len(data) == min(
            len(whole) - told, int(address.partition("limit=")[2].partition("&")[0])
        )
        assert page["meta"]["more"] == (told + len(data) < len(whole))
        return Position(told + len(data), local(page["links"]["next"]))

    @rule()
    def a_replay_of_the_feed_is_the_head(self) -> None:
        held: dict[Key, Record] = {}
        address, more = f"{self.here}/changes?limit=50", True
        while more:
            page = self.served.get(address)
            for item in page["data"]:
                key = item["kind"], item["id"]
                assert (key in held) == (item["change"] != "added")
                held.pop(key, None)
                if item["change"] != "removed":
                    held[key] = item["record"]
            address, more = local(page["links"]["next"]), page["meta"]["more"]
        assert held == {key: each.record for key, each in self.model.state.items()}

    # Redaction, crash, backup

    @precondition(lambda self: len(self.model.standing) < 3)
    @rule(pick=numbers, pause=st.integers(0, 2))
    def redact_a_record(self, pick: int, pause: int) -> None:
        records = [key for key, each in self.model.state.items() if key[0] != DATASET]
        open_ones = sorted(key for key in records if not self.model.state[key].is_stub)
        if not open_ones:
            return
        kind, name = open_ones[pick % len(open_ones)]
        at = self.issued(pause)
        redact(self.served.db, self.model.name, kind, name, WHY, clock=lambda: self.now)
        self.model.redact((kind, name), at, WHY)
        self.known = {}
        self.the_record_is_gone(kind, name)

    def the_record_is_gone(self, kind: str, name: str) -> None:
        for revision in self.model.revisions:
            address = f"{self.here}/revisions/{revision.number}/{kind}/{name}"
            wanted = 410 if (kind, name) in revision.state else 404
            assert self.served.ask(address).status_code == wanted
        head = self.served.ask(f"{self.here}/{kind}/{name}")
        assert head.status_code == 410
        assert WHY in head.get_json()["detail"]

    @rule()
    def close_and_reopen(self) -> None:
        self.served.reopen()

    @precondition(lambda self: self.served.can_restore)
    @rule()
    def back_up_and_go_on_with_the_copy(self) -> None:
        self.served.restore()

    # What always holds

    @invariant()
    def the_revisions_are_those_of_the_model(self) -> None:
        told = self.served.get(f"{self.here}/revisions?limit=1000")["data"]
        names = ("number", "issued", "digest", "chain", "records", "changes")
        assert [{name: each[name] for name in names} for each in reversed(told)] == [
            {
                "number": number,
                "issued": each.issued,
                "digest": each.digest,
                "chain": each.chain,
                "records": reference.counts(each.state),
                "changes": each.changes,
            }
            for number, each in enumerate(self.model.revisions, 1)
        ]

    @invariant()
    def every_manifest_makes_its_digest(self) -> None:
        for revision in self.model.revisions:
            answer = self.served.ask(f"{self.here}/revisions/{revision.number}/manifest")
            assert reference.sha(answer.get_data()) == revision.digest

    @invariant()
    def the_head_is_where_it_was(self) -> None:
        head = self.served.get(self.here)["data"]["head"]["number"]
        assert head == len(self.model.revisions)
        assert head >= self.seen
        self.seen = head

    @invariant()
    def what_did_not_change_is_not_sent_again(self) -> None:
        number = len(self.model.revisions)
        pinned = f"{self.here}/revisions/{number // 2 + 1}/actors?limit=3"
        for address in (pinned, self.here, f"{self.here}/figures?limit=2"):
            answer = self.served.ask(address)
            tag, body = answer.headers["ETag"], answer.get_data()
            again = self.served.ask(address, tag)
            assert (again.status_code, again.get_data()) == (304, b"")
            was = self.known.get(address)
            assert was is None or was[0] != tag or was[1] == body
            assert was is None or address != pinned or was[0] == tag
            self.known[address] = tag, body


def _next(link: str) -> str | None:
    """Return what a Link header calls next."""
    for part in link.split(", <"):
        if 'rel="next"' in part:
            return local(part.lstrip("<").partition(">")[0])
    return None
