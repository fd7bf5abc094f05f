"""The service, asked by schemathesis all that its own document allows, and much that it does not.

What is allowed has to be answered as documented, and what is not has to be refused as documented;
nothing may be answered 5xx.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import requests
import schemathesis
from schemathesis.engine import events, from_schema
from schemathesis.engine.run import PhaseName

from tests.contract.leading import lending
from tests.contract.portions import Document, alike, paths_only, portions
from tests.contract.rules import refuses_by_rule

PHASES = ("examples", "coverage", "fuzzing", "stateful")
PART = 4
"""One part of the filters in so many is drawn for where not every filter is asked for."""

OWN = 5
"""Cases of their own of operations that are asked what was drawn for another."""

REFUSED = ("400", "401", "403", "404", "405", "406", "409", "413", "415", "422")
"""What may be answered to what the document does not allow; a body may be too large as well."""


class Fault(NamedTuple):
    """What is wrong with the answer to a request."""

    operation: str
    check: str
    request: str
    told: str

    def __str__(self) -> str:
        """Return some lines for people."""
        return f"\n{self.operation}: {self.check}\n{self.request}\n{self.told}\n"


class Run:
    """What came of a run: how many answers each status had, by operation, and what was wrong."""

    def __init__(self) -> None:
        self.answers: dict[str, Counter[int]] = {}
        self.cases: Counter[str] = Counter()
        """How much was drawn, lent or given as an example, by operation; coverage comes on top."""
        self.drawn: dict[str, list[Any]] = {}
        """What was drawn, by operation."""
        self._faults: dict[tuple[str, str, str], Fault] = {}

    @property
    def faults(self) -> list[Fault]:
        """Each fault once."""
        return list(self._faults.values())

    def adds(self, fault: Fault) -> bool:
        """Note a fault, and say whether it is new."""
        known = (fault.operation, fault.check, fault.told[:60])
        return self._faults.setdefault(known, fault) is fault

    def note(self, event: events.ScenarioFinished) -> list[Fault]:
        """Note what was asked and answered, and return what is wrong and new."""
        for key, exchange in event.recorder.interactions.items():
            if exchange.response is not None:
                found = self.answers.setdefault(_name(event, key), Counter())
                found[exchange.response.status_code] += 1
        if event.phase in (PhaseName.FUZZING, PhaseName.EXAMPLES):
            for key, node in event.recorder.cases.items():
                if node.parent_id is None:
                    self.cases[_name(event, key)] += 1
                    if event.phase is PhaseName.FUZZING:
                        self.drawn.setdefault(_name(event, key), []).append(node.value)
        return [fault for fault in _faults(event) if self.adds(fault)]


Asked = Any
"""An application, or the address of a service."""


def described(asked: Asked) -> Document:
    """Return the document of what is asked."""
    if isinstance(asked, str):
        return dict(requests.get(f"{asked}/openapi.json", timeout=30).json())
    return dict(asked.test_client().get("/openapi.json").get_json())


def run(
    asked: Asked,
    names: Iterable[str],
    cases: int,
    phases: Iterable[str] = PHASES,
    token: str = "",
    tell: Callable[[str], None] = lambda line: None,
    *,
    every_filter: bool = True,
) -> Run:
    """Ask operations, each so often in each phase, half of it for the filters if it has many.

    To draw a question takes several times as long as to answer it, so of operations that take the
    same one is drawn for, and the same is put to all. To cover each filter takes some ten thousand
    requests, and to draw for all of them as long as for all else: one part in `PART` of them is
    drawn for alone where not every filter is asked for.
    What is done, and each fault when it is found, is told in lines.
    """
    done, document, chosen = Run(), described(asked), list(names)
    plain, filtered = portions(document, chosen)
    alone = [phase for phase in phases if phase != "stateful"]
    of_filters = [phase for phase in alone if every_filter or phase != "coverage"]
    put = partial(ask, asked, token=token, done=done, tell=tell)
    groups = [[each for each in group if each in chosen] for group in alike(document)]
    for name, *twins in filter(None, groups if alone else ()):
        few = -(-cases // 2) if name in filtered else cases
        put(plain, [name], few, alone)
        parts = filtered.get(name, [])[:: 1 if every_filter else PART]
        for number, part in enumerate(parts, start=1):
            tell(f"{name}: filters, part {number} of {len(parts)}")
            put(part, [name], -(-cases // 2 // len(parts)), of_filters)
        if twins:
            # A little of their own is what tries their paths.
            lent = {twin: done.drawn.get(name, ()) for twin in twins}
            put(paths_only(document, twins), twins, OWN, alone, lent=lent)
    if "stateful" in phases:
        put(plain, chosen, cases, ["stateful"])
    return done


def ask(
    asked: Asked,
    document: Document,
    names: Sequence[str],
    cases: int,
    phases: Sequence[str],
    token: str = "",
    lent: Mapping[str, Sequence[Any]] | None = None,
    *,
    done: Run,
    tell: Callable[[str], None] = lambda line: None,
) -> None:
    """Ask operations as a document declares them, and what was drawn for others and is lent."""
    told = _config(cases, phases, token, remote=isinstance(asked, str))
    config = schemathesis.Config.from_dict(told)
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.hook(lending(lent or {}))
    if isinstance(asked, str):
        schema.location = f"{asked}/openapi.json"
    else:
        schema.app, schema.location = asked, "/openapi.json"
    for event in from_schema(schema.include(operation_id=list(names))).execute():
        if isinstance(event, events.ScenarioFinished):
            tell(f"{event.phase.value}: {event.label}, {event.elapsed_time:.1f} s")
            for fault in done.note(event):
                tell(str(fault))
        elif isinstance(event, events.NonFatalError | events.FatalError):
            wrong = str(getattr(event, "value", None) or getattr(event, "exception", event))
            done.adds(Fault(str(getattr(event, "label", "")), "engine", "", wrong))


def _config(cases: int, phases: Iterable[str], token: str, *, remote: bool) -> dict[str, Any]:
    return {
        "phases": {phase: {"enabled": phase in phases} for phase in PHASES},
        # No database of examples: the seed alone says what is asked.
        "generation": {"max-examples": cases, "database": "none"},
        "checks": {
            "negative_data_rejection": {"expected-statuses": list(REFUSED)},
            # It repeats requests in a way that only works over HTTP.
            "ignored_auth": {"enabled": remote},
        },
        # How fast a machine draws says nothing of the service.
        "suppress-health-check": ["too_slow"],
        "continue-on-failure": True,
        "seed": 1,
        "headers": {
            # Only over HTTP does it take compressed answers apart.
            **({} if remote else {"Accept-Encoding": "identity"}),
            **({"Authorization": f"Bearer {token}"} if token else {}),
        },
    }


def _faults(event: events.ScenarioFinished) -> Iterator[Fault]:
    for key, checks in event.recorder.checks.items():
        exchange = event.recorder.interactions[key]
        for check in checks:
            if check.failure_info is None:
                continue
            name, answer = _name(event, key), exchange.response
            is_refusal = check.name == "positive_data_acceptance" and answer is not None
            if is_refusal and refuses_by_rule(name, answer.status_code, answer.content):
                continue
            request = f"{exchange.request.method} {exchange.request.uri}"
            body = b"" if answer is None else answer.content[:500]
            told = f"{check.failure_info.failure}\n{body!r}"
            yield Fault(name, check.name, request, told)


def _name(event: events.ScenarioFinished, key: str) -> str:
    return str(event.recorder.cases[key].value.operation.definition.raw.get("operationId"))
