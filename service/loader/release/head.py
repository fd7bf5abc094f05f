"""What a release says about itself, judged, and what the caller decides instead."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from schemas.base import StrictSchema
from schemas.problems import Problem, flattened, misspellings
from schemas.release import Issued, ReleaseSchema
from service.errors import Refused
from service.loader.release.items import Lines, Reasons, Removal, located
from service.loader.release.malformed import below
from service.model import Flaw, Mode, Place, Reason

_RELEASE = ReleaseSchema()


class Options(NamedTuple):
    """What the caller decides, whatever the release says."""

    mode: Mode | None = None
    issued: str | None = None
    message: str | None = None

    def refuse_flaws(self) -> None:
        """Raise Refused where `issued` cannot be an instant."""
        fault = Issued().fault(self.issued) if self.issued is not None else None
        if fault:
            message = f"The release cannot be issued then: {fault}."
            raise Refused(message, [Flaw(Place("options", pointer="/issued"), fault)])


class Head(NamedTuple):
    """What a release says about itself; `sound` is False where that could not all be read."""

    dataset_name: str | None = None
    mode: Mode = "snapshot"
    issued: str | None = None
    message: str | None = None
    base: tuple[int, str] | None = None
    complete: bool = False
    removals: tuple[Removal, ...] = ()
    reasons: Reasons = MappingProxyType({})
    flaws: tuple[Flaw, ...] = ()
    sound: bool = True

    def under(self, options: Options) -> "Head":
        """Return the same with what the caller decides."""
        decided = {name: value for name, value in options._asdict().items() if value is not None}
        return self._replace(**decided)


def head_of(said: Any, place: Place, lines: Lines, schema: StrictSchema = _RELEASE) -> Head:
    """Return what an object says of its release, with a flaw for each member that is wrong."""
    problems = problems_of(said, schema)
    wrong = {problem.pointer.partition("/")[2].partition("/")[0] for problem in problems}
    members = said if isinstance(said, dict) else {}
    sound = {name: value for name, value in members.items() if name not in wrong}
    base = sound.get("base")
    return Head(
        dataset_name=sound.get("dataset"),
        mode=sound.get("mode", "snapshot"),
        issued=sound.get("issued"),
        message=sound.get("message"),
        base=(base["number"], base["digest"]) if base else None,
        complete=sound.get("complete", False),
        removals=tuple(_removals(sound.get("remove", ()), place, lines)),
        reasons={
            (member["kind"], member["id"]): cast(Reason, reason_of(member))
            for member in sound.get("reasons", ())
        },
        flaws=tuple(Flaw(located(place, lines, where), detail) for where, detail in problems),
        sound=not problems,
    )


def problems_of(value: Any, schema: StrictSchema) -> list[Problem]:
    """Return by pointer what is wrong with an object; a misspelled number is named once."""
    misspelled = {problem.pointer: problem for problem in misspellings(value)}
    found = flattened(schema.validate(value))
    others = (problem for problem in found if problem.pointer not in misspelled)
    return sorted([*misspelled.values(), *others])


def reason_of(member: Mapping[str, Any]) -> Reason | None:
    """Return the reason that an object gives, if any; words without a code are `unstated`."""
    if "reason" not in member and "why" not in member:
        return None
    return Reason(member.get("reason", "unstated"), member.get("why"))


def _removals(members: Any, place: Place, lines: Lines) -> Iterator[Removal]:
    for index, member in enumerate(members):
        here = located(place, lines, below("/remove", index))
        yield Removal(member["kind"], member["id"], reason_of(member), here)


def missing_document(head: Head, place: Place, member: str) -> Iterator[Flaw]:
    """Yield the flaw of a snapshot that does not hold the dataset's own description."""
    if head.mode == "snapshot" and head.sound:
        yield Flaw(
            place, f"a snapshot needs {member}: the title, licence and places of the dataset"
        )
