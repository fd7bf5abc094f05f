"""A search gives what the same question gives of a list in memory, order included."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import KINDS
from schemas.folding import distinct, wanted, wholes
from service.lines.derivation import indexed
from service.loader.redaction import redact
from service.reading import search
from service.store import Database, searching
from tests.reading import listing
from tests.schemas import samples
from tests.store.states import State, at, publish

NAME = "found"
WORDS = ("Tokayev", "Токаев", "Тоқаев", "Kazakhstan", "Қазақстан", "Habar", "Khabar", "U.S.",
         "Jañaözen", "Жанаозен", "killed", "e\u0301tude", "étude", "日本", "12", "½")  # fmt: skip
ASKED = ("toqayev", "Казахстан", "khabar", "HABAR", "us", "zhanaozen", "killed", "ETUDE", "日本",
         "12", "1", "nobody", "or", "not", "near")  # fmt: skip

KEYED = {"figures": {"measure": "price", "of": {"event": "one"}}}
"""What the key of a series is made of."""

Records = dict[str, dict[str, Any]]

SETTINGS = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _text(rng: random.Random) -> str:
    return rng.choice((" ", ", ", "-")).join(rng.choices(WORDS, k=rng.choice((1, 1, 2, 4))))


def _put(record: dict[str, Any], path: list[str], rng: random.Random) -> None:
    """State a text at a path, in a list where the schema has one."""
    name, *rest = path
    if not rest:
        record[name] = _text(rng)
    elif name == "place":
        record[name] = {"bearing": "context", "printed": [_text(rng), _text(rng)]}
    elif name == "counted":
        record[name] = {"group": "people", "label": _text(rng)}
    else:
        members = record.setdefault(name, [])
        members.append({})
        _put(members[-1], rest, rng)


def _record(rng: random.Random, kind: str, name: str) -> dict[str, Any]:
    if rng.random() < 0.1:
        return samples.stub(name)
    record: dict[str, Any] = {"id": name, **KEYED.get(kind, {})}
    for field in rng.sample(list(KINDS[kind].searchable), 2):
        for _ in range(rng.choice((1, 1, 2))):
            _put(record, field.split("."), rng)
    return record


def _revisions() -> list[dict[str, Records]]:
    rng = random.Random(20220106)  # noqa: S311 - nothing depends on its being hard to guess
    revisions: list[dict[str, Records]] = []
    for _ in range(3):
        before = revisions[-1] if revisions else {kind: {} for kind in KINDS}
        after = {}
        for kind, records in before.items():
            kept = {name: each for name, each in records.items() if rng.random() < 0.9}
            names = [f"{kind}-{rng.randrange(40)}" for _ in range(14)]
            after[kind] = {**kept, **{name: _record(rng, kind, name) for name in names}}
        revisions.append(after)
    return revisions


@pytest.fixture
def revisions(db: Database) -> list[dict[str, Records]]:
    made = _revisions()
    # Another dataset with the same words is not to be seen.
    publish(db, _state(made[0]), "other")
    for each in made:
        publish(db, _state(each), NAME)
    return made


def _state(records: dict[str, Records]) -> State:
    return {(kind, name): record for kind, each in records.items() for name, record in each.items()}


def _rank(kind: str, record: dict[str, Any], text: str) -> int | None:
    """Return the rank that a record has by definition, or None for one that lacks a word."""
    needed = []
    for word in distinct(text):
        has = [
            rank
            for field, rank in KINDS[kind].searchable.items()
            for value in listing.stated(record, field, kind)
            if any(set(word) & set(each) for each in distinct(value))
        ]
        if not has:
            return None
        needed.append(min(has))
    names = [
        value
        for field, rank in KINDS[kind].searchable.items()
        for value in listing.stated(record, field, kind)
        if rank == 2
    ]
    rank = max(needed)
    whole = any(wholes(distinct(name)) & wholes(distinct(text)) for name in names)
    return 1 if rank == 2 and whole else rank


def expected(records: dict[str, Records], kinds: list[str], text: str) -> list[Any]:
    ranked = [
        (_rank(kind, record, text), kind, name)
        for kind in kinds
        for name, record in records[kind].items()
    ]
    return sorted(each for each in ranked if each[0])  # type: ignore[type-var]


def walked(db: Database, number: int, kinds: list[str], text: str, limit: int) -> list[Any]:
    reading, told, after, more = at(db, number, NAME), [], None, True
    while more:
        hits = search.page(db, reading, wanted(text), kinds, after, limit)
        assert len(hits.found) == limit or not hits.more
        told += [(hit.rank, hit.kind, hit.id) for hit in hits.found]
        assert all(part for hit in hits.found for part in hit.matches)
        after, more = hits.found[-1].key if hits.found else None, hits.more
    return told


def test_a_search_tells_what_a_list_in_memory_does(
    db: Database, revisions: list[dict[str, Records]]
) -> None:
    seen: set[int] = set()

    @SETTINGS
    @given(
        st.lists(st.sampled_from(ASKED), min_size=1, max_size=3),
        st.sampled_from([list(KINDS), ["actors"], ["events"], ["figures"], ["sources"]]),
        st.integers(1, 3),
        st.sampled_from([1, 2, 5, 200]),
    )
    def agrees(asked: list[str], kinds: list[str], number: int, limit: int) -> None:
        text = " ".join(asked)
        due = expected(revisions[number - 1], kinds, text)

        assert walked(db, number, kinds, text, limit) == due
        seen.update(rank for rank, _, _ in due)

    agrees()
    assert seen == {1, 2, 3, 4}


def test_a_search_that_finds_too_much_would_be_noticed(
    db: Database, revisions: list[dict[str, Records]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_within", lambda kind, rank: search.Within(
        frozenset(KINDS[kind].searchable if rank else ()), whole=rank == 1))  # fmt: skip

    told = walked(db, 1, list(KINDS), "Tokayev", 200)

    assert told != expected(revisions[0], list(KINDS), "Tokayev")


def test_what_was_redacted_is_found_in_no_revision(db: Database) -> None:
    made = [{"sources": each["sources"]} for each in _revisions()]
    for each in made:
        publish(db, _state(each), NAME)
    *_, (_, kind, name) = expected(made[2], ["sources"], "killed")
    assert name in str(walked(db, 3, [kind], "killed", 10))

    redact(db, NAME, kind, name, "At risk.")

    for number in (1, 2, 3, 4):
        for word in ("killed", "At", "risk", "redacted", name):
            assert name not in str(walked(db, number, [kind], word, 10))
    assert name in str(expected(made[2], [kind], "killed"))


def test_the_index_holds_each_word_behind_its_field_and_whole_names() -> None:
    record = {"id": "a", "name": "Khabar", "note": "us"}

    actors = searching.DESCRIBED["actors"]
    told = indexed(actors, actors.stated(record).texts)
    assert told == "a0habar a0kabar aaus abhabar abkabar"
