"""What is kept of series and events is what judging each revision by itself finds."""

from itertools import count
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.contested import around, assess, dispute, hierarchy
from service.errors import Unjudged
from service.loader.redaction import redact
from service.model import DATASET, Dataset
from service.store import Database, revisions
from service.store.standings import judging, rows
from service.store.standings.judging import keep, require
from service.store.standings.rows import Content, Row, of_dispute, of_series
from tests.contested import dataset
from tests.contested.drawn import DAYS, SOURCES, VOICES, series
from tests.contested.made import figure
from tests.store.states import State, at, publish

NUMBERS = count(1)
DRAWN = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
EVENTS = ("event-0", "event-1")
PLACES = ("city", "quarter", "region")
STATUSES = ("happened", "planned", "said_not_to_have_happened")


class History(NamedTuple):
    """States of a dataset, and after which of them what is kept is brought up to date."""

    states: list[State]
    kept: list[bool]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Draw revisions in which anything on which a judgement rests may come, change and go."""
    pools: dict[str, list[Any]] = {}
    for event in ("clash", "riot"):
        for made in draw(series()).figures:
            pools.setdefault(made["id"], [None]).append({**made, "of": {"event": event}})
    length = draw(st.integers(1, 4))
    states = [_state(draw, pools) for _ in range(length)]
    return History(states, draw(st.lists(st.booleans(), min_size=length, max_size=length)))


def _state(draw: st.DrawFn, pools: dict[str, list[Any]]) -> State:
    figures = {n: draw(st.sampled_from(pool)) for n, pool in pools.items()}
    state: dict[tuple[str, str], Any] = {("figures", n): f for n, f in figures.items() if f}
    for name in SOURCES:
        source = {
            "id": name,
            "published": {"date": draw(st.sampled_from(DAYS)), "basis": "printed"},
            "standing": draw(st.sampled_from(("current", "current", "retracted"))),
        }
        publisher = draw(st.sampled_from((None, "outlet", "spokesman")))
        state["sources", name] = source | ({"publisher": publisher} if publisher else {})
    for name, voice in VOICES.items():
        actor = {"id": name, **voice, "anonymity": draw(st.sampled_from(("named", "unnamed")))}
        if name == "outlet" and draw(st.booleans()):
            actor["member_of"] = [{"actor": "ministry", "source": "source-0"}]
        state["actors", name] = actor
    for name in EVENTS:
        if draw(st.integers(0, 3)):
            state["events", name] = _event(draw, name, list(figures))
    around = draw(st.sampled_from(([], ["region"], ["city"])))
    places = [{"id": "city"}, {"id": "region"}, {"id": "quarter"} | _stated("within", around)]
    state[DATASET, "here"] = {"title": "Drawn", "places": places}
    return state


def _stated(name: str, value: Any) -> dict[str, Any]:
    return {name: value} if value else {}


def _event(draw: st.DrawFn, name: str, figures: list[str]) -> dict[str, Any]:
    accounts = [
        {
            "date": {"date": draw(st.sampled_from(DAYS)), "basis": "printed"},
            "place": {"id": draw(st.sampled_from(PLACES))},
            "participants": [{"actor": draw(st.sampled_from(sorted(VOICES))), "role": "actor"}],
            "status": draw(st.sampled_from(STATUSES)),
            "attribution": [],
            "evidence": [{"source": source, "start": 0, "end": 1, "sha256": "0" * 64}],
        }
        for source in SOURCES[: draw(st.integers(1, 3))]
    ]
    retracts = [{"type": "retracts", "figure": draw(st.sampled_from(figures))}]
    return {"id": name, "accounts": accounts} | _stated(
        "relations", retracts if draw(st.integers(0, 2)) == 0 else []
    )


def judged(state: State) -> dict[tuple[str, str], Content]:
    """Return what is to be kept of one state, from its records alone."""
    held: dict[str, dict[str, Any]] = {k: {} for k in ("sources", "actors", "events", "figures")}
    document: Any = {}
    for (kind, name), record in state.items():
        if kind == DATASET:
            document = record
        elif "redacted" not in record or kind in ("sources", "actors"):
            held[kind][name] = record
    cut = dataset.State(held, document, {})
    found = {
        ("series", key): of_series(assess(material))
        for key, material in dataset.materials(cut).items()
    }
    retracted = {n for n, s in held["sources"].items() if s.get("standing") == "retracted"}
    surroundings = around(hierarchy(document), held["actors"])
    for name, event in held["events"].items():
        if about := dispute(event, surroundings, retracted):
            found["events", name] = of_dispute(about)
    return found


def kept(db: Database, of: Dataset, number: int) -> dict[tuple[str, str], Row]:
    """Return all that is kept of a revision."""
    asked = db.rows(
        "SELECT about, id FROM standings WHERE dataset = ? AND since <= ? AND until > ?",
        (of.key, number, number),
    )
    return {
        (about, name): row
        for about, name in asked
        for row in rows.standing(db, of, about, [name], number)
    }


def mistakes(db: Database, of: Dataset, states: list[State]) -> list[str]:
    """Return where what is kept is not what each revision comes to by itself."""
    wrong = []
    since: dict[tuple[str, str], int] = {}
    for number, state in enumerate(states, 1):
        expected, found = judged(state), kept(db, of, number)
        if {what: row.content for what, row in found.items()} != expected:
            wrong.append(f"revision {number}")
        since = {
            what: since.get(what, number)
            for what, content in expected.items()
            if content.status == "contested"
        }
        if {what: row.contested for what, row in found.items() if row.contested} != since:
            wrong.append(f"since when, in revision {number}")
    return wrong


def published(db: Database, history: History) -> str:
    """Publish a history as a dataset of its own, and return its name."""
    name = f"drawn-{next(NUMBERS)}"
    for state, keeping in zip(history.states, history.kept, strict=True):
        named = {(k, name if k == DATASET else n): record for (k, n), record in state.items()}
        publish(db, named, name)
        if keeping:
            keep(db, name)
    keep(db, name)
    return name


def test_what_is_kept_is_what_each_revision_comes_to_by_itself(db: Database) -> None:
    @DRAWN
    @given(histories())
    def holds(history: History) -> None:
        name = published(db, history)

        assert mistakes(db, revisions.dataset(db, name), history.states) == []
        assert not keep(db, name)

    holds()


def test_what_is_kept_does_not_depend_on_how_often_it_is_brought_up_to_date(db: Database) -> None:
    @settings(DRAWN, max_examples=6)
    @given(histories())
    def holds(history: History) -> None:
        told = []
        for keeping in (True, False):
            name = published(db, history._replace(kept=[keeping] * len(history.states)))
            of = revisions.dataset(db, name)
            told.append([kept(db, of, n + 1) for n in range(len(history.states))])

        assert told[0] == told[1]

    holds()


def test_what_the_head_comes_to_does_not_depend_on_how_it_was_cut_into_releases(
    db: Database,
) -> None:
    @settings(DRAWN, max_examples=6)
    @given(histories())
    def holds(history: History) -> None:
        last = len(history.states)
        cut, whole = published(db, history), published(db, History(history.states[-1:], [True]))

        found = [
            {what: row.content for what, row in kept(db, revisions.dataset(db, n), at).items()}
            for n, at in ((cut, last), (whole, 1))
        ]
        assert found[0] == found[1]

    holds()


def test_what_a_revision_came_to_is_not_touched_by_later_ones(db: Database) -> None:
    @settings(DRAWN, max_examples=6)
    @given(histories())
    def holds(history: History) -> None:
        length = len(history.states)
        name = published(db, History(history.states[:1], [True]))
        before = _contents(db, name, 1)
        for number in range(2, length + 1):
            named = {
                (k, name if k == DATASET else n): record
                for (k, n), record in history.states[number - 1].items()
            }
            publish(db, named, name)
            keep(db, name)

        assert _contents(db, name, 1) == before

    holds()


def _contents(db: Database, name: str, number: int) -> Any:
    """Return what is kept of a revision, but for how long it holds."""
    found = kept(db, revisions.dataset(db, name), number)
    return {what: (row.since, row.contested, row.content) for what, row in found.items()}


def test_what_was_redacted_is_in_nothing_that_is_kept(db: Database) -> None:
    @settings(DRAWN, max_examples=8)
    @given(histories(), st.data())
    def holds(history: History, data: st.DataObject) -> None:
        name = published(db, history)
        last = {what for what in history.states[-1] if what[0] != DATASET}
        kind, gone = data.draw(st.sampled_from(sorted(last)))

        redact(db, name, kind, gone, "A witness is at risk.")

        stub = {"id": gone, "redacted": {"at": "2022-01-08T00:00:00Z", "why": "x"}}
        states = [
            {what: stub if what == (kind, gone) else record for what, record in state.items()}
            for state in history.states
        ]
        assert mistakes(db, revisions.dataset(db, name), [*states, states[-1]]) == []
        text = str(db.rows("SELECT * FROM standings WHERE about = 'series'"))
        assert kind != "figures" or f'"{gone}"' not in text.partition(name)[2]

    holds()


DAY = {"date": "2022-01-06", "basis": "printed"}
ONE: dict[tuple[str, str], Any] = {
    ("figures", "one"): figure("one", 10, source="s", by=[]),
    ("sources", "s"): {"id": "s", "published": DAY, "publisher": "p"},
    ("actors", "p"): {"id": "p", "anonymity": "named"},
}
TWO = {
    **ONE,
    ("figures", "two"): figure("two", 10, source="t", by="a"),
    ("sources", "t"): {"id": "t", "published": DAY},
    ("actors", "a"): {"id": "a", "anonymity": "named"},
}
UNSETTLING = {
    "sources": {("sources", "s"): {"id": "s", "published": DAY}},
    "actors": {("actors", "a"): {"id": "a", "anonymity": "unnamed"}},
}
"""Kind to what takes a voice from a series on which two agree."""


@pytest.mark.parametrize("kind", UNSETTLING)
def test_a_change_that_is_overlooked_is_noticed(
    db: Database, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    states: list[State] = [TWO, {**TWO, **UNSETTLING[kind]}]
    history = History(states, [True, True])
    seen = published(db, history)
    monkeypatch.setattr(judging.series, "changed", lambda *_: set())
    overlooked = published(db, history)

    assert mistakes(db, revisions.dataset(db, seen), states) == []
    assert mistakes(db, revisions.dataset(db, overlooked), states) == ["revision 2"]


def test_a_reader_makes_what_little_is_missing_and_does_not_wait_for_much(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(db, ONE)
    monkeypatch.setattr(judging, "LITTLE", 2)
    with pytest.raises(Unjudged, match="ask again"):
        require(db, at(db))

    monkeypatch.setattr(judging, "LITTLE", 10)
    require(db, at(db))

    assert kept(db, at(db).dataset, 1).keys() == {("series", "killed.people.clash")}


def test_another_rule_has_everything_judged_again(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(db, ONE)
    keep(db, at(db).dataset.name)
    db.run("UPDATE standings SET status = 'agreed'")
    assert not keep(db, at(db).dataset.name)

    monkeypatch.setattr(judging, "JUDGED_BY", "another/1")

    assert keep(db, at(db).dataset.name)
    (row,) = kept(db, at(db).dataset, 1).values()
    assert row.content.status == "single_voice"
