"""Filtered pages: every advertised equality filter in default order, and ten pairs.

All of them are asked for by one client in turn with the plain page of their kind, which tells the
middle and the slowest; those are then driven as other pages are. Every other pair is asked of the
store alone.
"""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import combinations
from statistics import median
from typing import Any, NamedTuple

import orjson

from schemas import KINDS, Kind
from schemas.fields import Code
from schemas.filters import Filterable, read
from service.store import records, selecting
from service.store.selecting import Selection
from service.web.address import Address
from tests.benchmarks import walking
from tests.benchmarks.driving import Driven, Failed
from tests.benchmarks.ground import say
from tests.benchmarks.measures import Figures, Part, Ratio, Work
from tests.benchmarks.stage import DATASET, Stage, told

PAIRS = (
    ("measure", "place.id"),
    ("measure", "of.event"),
    ("measure", "asserted.date"),
    ("place.id", "asserted.date"),
    ("place.id", "stance"),
    ("counted.group", "coverage"),
    ("attribution.actor", "measure"),
    ("evidence.source", "value"),
    ("asserter", "place.id"),
    ("series", "modality"),
)
"""Filters of figures that go together in one question."""

SAMPLE = 2000
TUTORIAL_PAGES = 50
TIMES = 15


Record = dict[str, Any]


class Asked(NamedTuple):
    """A list: its kind, and its filters by name and value."""

    kind: str
    filters: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """Return it as it is asked for."""
        query = "&".join(f"{name}={value}" for name, value in self.filters)
        return f"`{self.kind}?{query}`" if query else self.plain

    @property
    def plain(self) -> str:
        """What the whole kind is called."""
        return f"plain page of {self.kind}"


def filters(stage: Stage) -> Part:
    """Pages of a filter against plain ones, and against the same filter of the reference."""
    asked = [each for kind in KINDS.values() for each in single(stage, kind)]
    paired = pairs(stage)
    lists = _Lists(stage)
    found = lists.surveyed([*asked, *paired])
    every = _every_pair(stage, [each for each in asked if each.kind == "figures"])
    ranked = sorted(asked, key=lambda each: found[each].rate)
    full = [each for each in ranked if found[each].records == walking.LIMIT] or ranked
    worst, middle = ranked[0], full[len(full) // 2]
    pair = min(paired, key=lambda each: found[each].rate)
    measure = next(each for each in asked if each.filters[0][0] == "measure")
    known = measure.filters[0][1]
    plain = [Asked(kind) for kind in sorted({worst.kind, middle.kind, "figures"})]
    works = [lists.work(each) for each in dict.fromkeys([*plain, worst, middle, pair, measure])]
    counted = (f"/figures?measure={known}&page={n + 1}" for n in range(_full(stage, measure)))
    reference = stage.by_the_tutorial(
        "same filter, reference service", stage.listed("tutorial-filtered", counted)
    )
    return Part(
        [*works, reference],
        [
            Ratio(
                f"the middle of {len(full)} that fill a page, {middle}",
                str(middle),
                middle.plain,
                least=0.85,
            ),
            Ratio(
                f"the slowest of {len(ranked)} filters, {worst}",
                str(worst),
                worst.plain,
                least=0.85,
            ),
            Ratio(f"the slowest of {len(paired)} pairs, {pair}", str(pair), pair.plain, least=0.85),
            Ratio(str(measure), str(measure), reference.name, least=50),
        ],
        f"{_about(found, ranked, paired)} {every}",
    )


def single(stage: Stage, kind: Kind) -> list[Asked]:
    """Return each equality filter of a kind, by the value that most records have."""
    sample = _sample(stage, kind.name)
    asked = [of for of in kind.filters.values() if "" in of.operators]
    return [Asked(kind.name, ((of.name, str(_value(kind, of, sample))),)) for of in asked]


def pairs(stage: Stage) -> list[Asked]:
    """Return the pairs, by the values that most figures have together."""
    sample, kind = _sample(stage, "figures"), KINDS["figures"]
    return [Asked("figures", _both(sample, *(kind.filters[n] for n in names))) for names in PAIRS]


def _value(kind: Kind, of: Filterable, sample: list[Record]) -> Any:
    """Return what most records state there, or what none does but could."""
    stated = Counter(v for record in sample for v in _stated(kind, of, record))
    if stated:
        return stated.most_common(1)[0][0]
    if isinstance(of.field, Code):
        return of.field.values[0]
    return {"text": "nobody", "date": "2022-01-01"}.get(of.type, 1)


def _both(sample: list[Record], *fields: Filterable) -> tuple[tuple[str, str], ...]:
    kind = KINDS["figures"]
    stated = Counter(
        tuple(next(iter(_stated(kind, of, record))) for of in fields) for record in sample
    )
    names = (of.name for of in fields)
    return tuple(zip(names, map(str, stated.most_common(1)[0][0]), strict=True))


def _stated(kind: Kind, of: Filterable, record: Record) -> Iterator[Any]:
    if of.columns:
        found = ({"id": record["id"]} | kind.values(record))[of.columns[0]]
        yield from () if found is None else (found,)
    else:
        yield from (text for field, text in kind.terms(record) if field in of.terms)


def _sample(stage: Stage, kind: str) -> list[Record]:
    found = records.page(stage.db, stage.at(), kind, None, SAMPLE)
    return [orjson.loads(body) for _, body in found]


def _full(stage: Stage, asked: Asked) -> int:
    """Return how many full pages of a list the reference service is to be asked for."""
    path = Address(f"{DATASET}/{asked.kind}").asking(**dict(asked.filters), limit=1, total="true")
    total = stage.get(str(path)).json()["meta"]["total"]
    return max(1, min(TUTORIAL_PAGES, total // walking.LIMIT))


class _Found(NamedTuple):
    """Of a list: its rate against the plain page of its kind, and how many records a page has."""

    rate: float
    records: int


class _Lists:
    """Pages that begin in the first half of their kind, so that most of them are full."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        ids = {kind: walking.ids(stage, kind) for kind in KINDS}
        self.starts = {kind: found[: len(found) // 2] for kind, found in ids.items()}

    def addresses(self, asked: Asked) -> Iterator[str]:
        """Return the addresses of the pages of a list, each another."""
        starts = self.starts[asked.kind]
        return walking.pages(self.stage, asked.kind, starts, **dict(asked.filters))

    def work(self, asked: Asked) -> Work:
        """Return the work of driving a list."""
        name = "-".join((asked.kind, *(name for name, _ in asked.filters)))
        listed = self.stage.listed(name, self.addresses(asked))
        driven = self.stage.work(str(asked), self.stage.service, listed)
        return Work(driven.name, partial(at_all, self.stage, driven)) if asked.filters else driven

    def surveyed(self, asked: list[Asked]) -> dict[Asked, _Found]:
        """Ask for a page of each list in turn, so many times, and return what was found."""
        say(f"{len(asked)} filters and pairs, {TIMES} pages of each")
        plain = [Asked(kind) for kind in KINDS]
        pages = {each: self.addresses(each) for each in (*plain, *asked)}
        took: dict[Asked, list[float]] = {each: [] for each in pages}
        sizes = dict.fromkeys(pages, 0)
        for _ in range(TIMES):
            for each, addresses in pages.items():
                address = next(addresses)
                began = time.perf_counter()
                answer = self.stage.get(address)
                took[each].append(time.perf_counter() - began)
                sizes[each] = max(sizes[each], len(answer.json()["data"]))
        usual = {each.kind: median(took[each]) for each in plain}
        return {e: _Found(usual[e.kind] / median(took[e]), sizes[e]) for e in asked}


def _every_pair(stage: Stage, single: list[Asked]) -> str:
    """Tell what each pair of filters takes the store, with the choice of its way, against a page of
    the whole kind. The best of three times says what it takes where nothing comes between.
    """
    ids = walking.ids(stage, "figures")
    after, at = ids[len(ids) // 4], stage.at()

    def took(asked: Asked) -> float:
        filters = (read(KINDS[asked.kind].filters, *each) for each in asked.filters)
        selection = Selection(asked.kind, tuple(filters))
        began = time.perf_counter()
        selecting.page(stage.db, at, selection, after, walking.LIMIT + 1)
        return time.perf_counter() - began

    pairs = [
        Asked("figures", one.filters + other.filters) for one, other in combinations(single, 2)
    ]
    say(f"{len(pairs)} pairs of filters, three pages of each from the store")
    plain = median(took(Asked("figures")) for _ in range(TIMES))
    costs = {each: min(took(each) for _ in range(3)) / plain for each in pairs}
    slowest = max(costs, key=lambda each: costs[each])
    return (
        f"Of the store alone, {len(pairs)} pairs of these filters of figures, with the choice of a"
        f" way: the median {median(costs.values()):.1f} plain pages, the slowest, {slowest},"
        f" {costs[slowest]:.0f}."
    )


def at_all(stage: Stage, driven: Work, start: float) -> Figures:
    """Drive a list. One that is too slow to be answered is no reason to tell nothing of others, and
    what it left to be answered is waited for: the next one must not pay for it.
    """
    try:
        return driven.run(start)
    except Failed as error:
        say(f"{driven.name}: {error}")
        return told(driven.name, Driven(0.0, math.inf, math.inf))
    finally:
        stage.rest()


def _about(found: Mapping[Asked, _Found], ranked: list[Asked], pairs: list[Asked]) -> str:
    def rates(some: list[Asked]) -> str:
        return ", ".join(f"{each} {found[each].rate:.2f}" for each in some)

    return (
        "One client in turn, against the plain page of the kind. The slowest filters:"
        f" {rates(ranked[:5])}. Pairs: {rates(pairs)}."
    )


PARTS: dict[str, Callable[[Stage], Part]] = {"filters": filters}
