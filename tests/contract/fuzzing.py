"""The service, asked by schemathesis all that its own document allows, and much that it does not.

What is allowed has to be answered as documented, and what is not has to be refused as documented;
nothing may be answered 5xx.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from random import Random
from typing import Any, NamedTuple

import schemathesis
from schemathesis.engine import events, from_schema

from schemas import KINDS, Kind
from service.web.asking import MOST_FILTERS
from tests.contract.rules import refuses_by_rule

PHASES = ("examples", "coverage", "fuzzing", "stateful")
DATASET, REVISIONS = "kazakhstan-2022", 3
FILTERS = {name for kind in KINDS.values() for of in kind.filters.values() for name in of.spellings}
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


class Run(NamedTuple):
    """What came of a run: how many answers each status had, by operation, and what was wrong."""

    answers: Mapping[str, Counter[int]]
    faults: list[Fault]


def run(
    asked: Any,
    names: Iterable[str],
    cases: int,
    phases: Iterable[str] = PHASES,
    token: str = "",
    tell: Callable[[str], None] = lambda line: None,
) -> Run:
    """Ask operations at an address or of an application, each so often in each phase.

    What is done, and each fault when it is found, is told in lines.
    """
    told = _config(cases, phases, token, remote=isinstance(asked, str))
    config = schemathesis.Config.from_dict(told)
    if isinstance(asked, str):
        schema = schemathesis.openapi.from_url(f"{asked}/openapi.json", config=config)
    else:
        schema = schemathesis.openapi.from_wsgi("/openapi.json", asked, config=config)
    answers: dict[str, Counter[int]] = {}
    faults: dict[tuple[str, str, str], Fault] = {}
    for event in from_schema(schema.include(operation_id=list(names))).execute():
        if isinstance(event, events.ScenarioFinished):
            for name, status in _answered(event):
                answers.setdefault(name, Counter())[status] += 1
            tell(f"{event.phase.value}: {event.label}, {event.elapsed_time:.1f} s")
            for fault in _faults(event):
                known = (fault.operation, fault.check, fault.told[:60])
                if known not in faults:
                    faults[known] = fault
                    tell(str(fault))
        elif isinstance(event, events.NonFatalError | events.FatalError):
            wrong = str(getattr(event, "value", None) or getattr(event, "exception", event))
            label = str(getattr(event, "label", ""))
            faults[label, "engine", wrong] = Fault(label, "engine", "", wrong)
    return Run(answers, list(faults.values()))


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
        "continue-on-failure": True,
        "seed": 1,
        "headers": {
            # Only over HTTP does it take compressed answers apart.
            **({} if remote else {"Accept-Encoding": "identity"}),
            **({"Authorization": f"Bearer {token}"} if token else {}),
        },
    }


def _answered(event: events.ScenarioFinished) -> Iterator[tuple[str, int]]:
    for key, exchange in event.recorder.interactions.items():
        if exchange.response is not None:
            yield _name(event, key), exchange.response.status_code


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


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """Take the shape of a release away: schemathesis cannot draw records, which obey many rules."""
    schemas = raw_schema["components"]["schemas"]
    schemas["SentRelease"] = {"type": "object"}


@schemathesis.hook
def before_generate_case(context: Any, strategy: Any) -> Any:
    """Lead what is allowed to what there is, else most of it asks for nothing."""
    return strategy.map(_led)


def _led(case: Any) -> Any:
    """Ask for the dataset that exists, by some filters of the kind, and send real releases."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return case
    name = case.operation.definition.raw.get("operationId")
    if name == "publishRelease":
        case.body = _release(case)
    elif "dataset" in (case.path_parameters or {}):
        case.path_parameters["dataset"] = DATASET
        if "revision" in case.path_parameters:
            case.path_parameters["revision"] = 1 + case.path_parameters["revision"] % REVISIONS
    if name.startswith("list") and case.query:
        kind = case.query.get("kind") or name.removeprefix("list").removesuffix("AtRevision")
        case.query = (
            _fewer(case.query, KINDS[kind.lower()]) if kind.lower() in KINDS else case.query
        )
    return case


def _fewer(query: dict[str, Any], kind: Kind) -> dict[str, Any]:
    """Return the query with a few filters, all of the kind."""
    own = {name for of in kind.filters.values() for name in of.spellings}
    kept = [name for name in query if name in own][: MOST_FILTERS // 3]
    return {name: value for name, value in query.items() if name in kept or name not in FILTERS}


def _release(case: Any) -> Any:
    """Return a release that can be published, or a delta for a head that is another."""
    chance = Random(json.dumps(case.path_parameters, default=str))  # noqa: S311 - no secret
    actors = [_actor(f"actor-{number}") for number in range(chance.randrange(4))]
    release: dict[str, Any] = {"mode": "snapshot", "message": f"Release {chance.randrange(99)}."}
    if chance.random() < 0.2:
        release |= {"mode": "delta", "base": {"number": 7, "digest": "0" * 64}}
    dataset = {"title": "Drawn", "licence": "CC0-1.0", "schema": 1}
    if case.media_type == "application/json":
        return {"release": release, "dataset": dataset, "actors": actors}
    told = [{"release": release, "dataset": dataset}]
    told += [{"kind": "actors", "record": actor} for actor in actors]
    return b"".join(json.dumps(line).encode() + b"\n" for line in told)


def _actor(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "actor_type": "group",
        "name": name,
        "name_basis": "descriptive",
        "anonymity": "named",
    }


def grouped(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the operations by what is declared once for all kinds, and for both addresses."""
    groups: dict[str, list[str]] = {}
    for name in names:
        general = name.removesuffix("AtRevision")
        for kind in KINDS:
            general = general.replace(kind.capitalize(), "*").replace(kind[:-1].capitalize(), "*")
        groups.setdefault(general, []).append(name)
    return groups
