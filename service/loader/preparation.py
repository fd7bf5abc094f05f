"""Read a release, judge each record, and stage what differs from the head."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any, NamedTuple

import orjson

from schemas import Problem
from service.canonical import canonical, digest
from service.lines import places
from service.lines.derivation import Derived
from service.lines.plain import Known
from service.loader import hands
from service.loader.recognition import Recognition
from service.loader.release import Item, Part, Recognised, Release, Removal, Run, place_of
from service.loader.release.items import Reasons
from service.model import DATASET, KINDS, UNSTATED, Dataset, Flaw, Place, Reading, Reason
from service.store import integrity, records, redactions
from service.store.staging import Draft, Passage, Sighting, Staging
from service.store.tables import DESCRIBED

BATCH = 1000
"""Records that are judged and compared at once."""

REDACTED = "the record was redacted: no release replaces or removes its stub before `redact --lift`"

NAMED = ("places", "groups")
"""What `dataset.json` declares and records refer to."""

RECORD = "/record"
"""Where the record stands in a line."""

SLUG = re.compile(r"[a-z0-9-]{1,100}")


class _Judged(NamedTuple):
    """A record that was judged; `body` is None where it was refused."""

    kind: str
    id: str
    place: Place
    digest: str
    body: bytes | None
    said: dict[str, Any] | Derived | None
    reason: Reason | None


class Preparation:
    """One release on its way into staging, against the head (None before the first revision).

    `processes` may read its lines, as `hands.wanted` says.
    `flaws` gathers everything that is wrong; `document` is the `dataset.json` of the new revision
    and `digest` that of its bytes; `unknown` is what it would declare where it cannot be read.
    """

    def __init__(
        self, stage: Staging, name: str, dataset: Dataset | None, processes: int = 1
    ) -> None:
        self.flaws: list[Flaw] = []
        self.document: dict[str, Any] = {}
        self.digest = ""
        self.unknown: frozenset[str] = frozenset()
        self._stage = stage
        self._name = name
        self._processes = processes
        self._head = Reading(dataset, dataset.head, pinned=True) if dataset else None
        self.recognised = 0
        self._passed: list[Passage] = []
        self._passed_to: dict[str, str] = {}
        self._within: places.Within = {}
        self._moved = False
        self._is_of_one_model = False
        self._redacted = redactions.standing(stage.db, stage.key)

    def read(self, release: Release) -> None:
        """Stage the whole release, up to what is wrong with it."""
        self._read_document(release)
        recognition = self._recognition(release)
        # Closed by all means, for others may be at work for it.
        with closing(release.items(recognition)) as parts:
            self._take_in(parts, release)
        self.recognised = recognition.hits
        self._pass_by()
        self._stage.seal()
        self._judge_what_is_not_given(release)

    def _take_in(self, parts: Iterable[Part], release: Release) -> None:
        batch: list[Item | Recognised] = []
        kind = ""
        for part in parts:
            if isinstance(part, Run):
                self._pass(part)
            elif isinstance(part, Recognised | Item):
                of = part.kind if isinstance(part, Item) else part.answer.kind
                if batch and (len(batch) == BATCH or of != kind):
                    self._compare(kind, batch, release.reasons)
                    batch = []
                kind = of
                batch.append(part)
            elif isinstance(part, Removal):
                self._remove(part, release)
            else:
                self.flaws.append(part)
        if batch:
            self._compare(kind, batch, release.reasons)

    def _recognition(self, release: Release) -> Recognition:
        """Return what looks at lines: a snapshot's are compared with the head's.

        What the head has was judged by its model and by where its places lie.
        """
        kinds = set(KINDS) if release.mode == "snapshot" and self._is_of_one_model else set()
        kinds -= {"events"} if self._moved else set()
        others = hands.wanted(self._processes, release.size())
        return Recognition(self._stage.db, self._head, kinds, self._within, others)

    def _judge_what_is_not_given(self, release: Release) -> None:
        if release.mode == "snapshot":
            self._stage.remove_unseen(release.reasons, release.name)
        elif self._moved:
            self._judge_kept_events()

    def _read_document(self, release: Release) -> None:
        """Take `dataset.json` from the release or, in a delta that has none, from the head."""
        before = self._document_of_head()
        item = release.document
        if item is not None:
            self._stage_document(item, before, release)
        elif release.mode == "snapshot":
            # The release itself says that its document is missing, or why it cannot be read.
            self.unknown = frozenset(NAMED)
        elif before is None:
            detail = "dataset.json is missing: a snapshot and a first release need it whole"
            self.flaws.append(Flaw(Place(release.name), detail))
            self.unknown = frozenset(NAMED)
        else:
            self._take(before, canonical(before))
        self._is_of_one_model = before is not None and (
            before["schema"] == self.document.get("schema")
        )
        declared = item.record if item else self.document
        for noun in () if self.unknown else NAMED:
            names = _names(declared, noun)
            self._stage.name(noun, names)
            for name in sorted(_names(before or {}, noun) - names):
                self._stage.remove(noun, name, UNSTATED, Place(release.name))

    def _judge_kept_events(self) -> None:
        """Judge the events that the release leaves alone, for its places lie otherwise."""
        for record_id, body in integrity.kept(self._stage, "events"):
            for _, detail in places.outside(orjson.loads(body), self._within):
                place = Place(f"events/{record_id} of the head")
                self.flaws.append(Flaw(place, f"events/{record_id}: {detail}"))

    def _take(self, document: dict[str, Any], body: bytes) -> None:
        self.document, self.digest = document, digest(body)
        self._within = places.within(document)

    def _document_of_head(self) -> dict[str, Any] | None:
        if self._head is None:
            return None
        version = records.one(self._stage.db, self._head, DATASET, self._name)
        return dict(orjson.loads(version.body)) if version else None

    def _stage_document(
        self, item: Item, before: Mapping[str, Any] | None, release: Release
    ) -> None:
        body = self._judged(item)
        if body is None:
            return
        self._take(orjson.loads(body), body)
        self._moved = before is not None and places.within(before) != self._within
        raised = before is not None and before["schema"] != self.document["schema"]
        if raised and release.mode == "delta":
            self.flaws.append(
                Flaw(place_of(item, "/schema"), "a release that changes `schema` is a snapshot")
            )
        if before is None or canonical(before) != body:
            reason = item.reason or release.reasons.get((DATASET, self._name), UNSTATED)
            draft = Draft(self._name, self.digest, body, reason, before is not None)
            self._stage.put(DATASET, [draft])

    def _remove(self, removal: Removal, release: Release) -> None:
        if (removal.kind, removal.id) in self._redacted:
            self.flaws.append(Flaw(removal.place, REDACTED))
            return
        if not self._digests(removal.kind, [removal.id]):
            detail = f"there is no {removal.kind}/{removal.id} in the head to remove"
            self.flaws.append(Flaw(removal.place, detail))
            return
        stated = release.reasons.get((removal.kind, removal.id), UNSTATED)
        self._stage.remove(removal.kind, removal.id, removal.reason or stated, removal.place)

    def _pass(self, run: Run) -> None:
        """Note records that the head has: all at once, where they follow those before by id."""
        first, last = run.ids[0], run.ids[-1]
        if first > self._passed_to.get(run.kind, ""):
            self._passed_to[run.kind] = last
            self._passed.append(Passage(run.kind, first, last, run.file, run.line, RECORD))
        else:
            places = enumerate(run.ids, run.line)
            self._stage.see(
                [Sighting(run.kind, each, 0, run.file, line, RECORD) for line, each in places]
            )
        if len(self._passed) >= BATCH:
            self._pass_by()

    def _pass_by(self) -> None:
        with self._stage.db.deferred():
            self._stage.pass_by(self._passed)
        self._passed = []

    def _compare(self, kind: str, batch: list[Item | Recognised], reasons: Reasons) -> None:
        """Judge records of one kind; note them all, and stage those that the head has not."""
        sightings: list[Sighting] = []
        judged: list[_Judged] = []
        for part in batch:
            if isinstance(part, Item):
                judged += self._judged_item(part)
                continue
            known: Known = part.answer
            file, line, _ = part.place
            if known.said is None:
                sightings.append(Sighting(kind, known.id, 0, file, line, RECORD))
            else:
                place = Place(file, line, RECORD)
                said = (known.digest, known.body, known.said)
                judged.append(_Judged(kind, known.id, place, *said, None))
        before = self._digests(kind, [each.id for each in judged])
        drafts: list[Draft] = []
        for each in judged:
            changed = before.get(each.id) != each.digest
            sightings.append(Sighting(kind, each.id, int(changed), *each.place))
            if changed and (kind, each.id) in self._redacted:
                self.flaws.append(Flaw(each.place, REDACTED))
            elif changed and each.body:
                reason = each.reason or reasons.get((kind, each.id), UNSTATED)
                known_before = each.id in before
                drafts.append(
                    Draft(each.id, each.digest, each.body, reason, known_before, each.said)
                )
        with self._stage.db.deferred():
            self._stage.see(sightings)
            self._stage.put(kind, drafts)

    def _digests(self, kind: str, ids: list[str]) -> dict[str, str]:
        """Return id to digest for those that the head has."""
        if self._head is None or not ids:
            return {}
        return records.digests(self._stage.db, self._head, kind, ids)

    def _judged_item(self, item: Item) -> Iterator[_Judged]:
        """Yield a record, if it has an id: also one that is refused, so that what refers to it is
        not called wrong as well.
        """
        body = self._judged(item)
        name = item.record.get("id")
        if isinstance(name, str) and _is_slug(name):
            hexdigest = digest(body) if body else ""
            yield _Judged(item.kind, name, item.place, hexdigest, body, item.record, item.reason)

    def _judged(self, item: Item) -> bytes | None:
        """Return the canonical bytes of a record, or None and note what is wrong with it."""
        described = DESCRIBED[item.kind]
        body = described.accepted(item.record)
        flaws = list(self._faults(item, [] if body else described.problems(item.record)))
        self.flaws += flaws
        if flaws:
            return None
        return body or canonical(described.arranged(item.record))

    def _faults(self, item: Item, problems: list[Problem]) -> Iterator[Flaw]:
        for pointer, detail in problems:
            yield Flaw(place_of(item, pointer), detail)
        if item.kind == "events":
            for pointer, detail in places.outside(item.record, self._within):
                yield Flaw(place_of(item, pointer), detail)


def _is_slug(value: Any) -> bool:
    return isinstance(value, str) and SLUG.fullmatch(value) is not None


def _names(document: Mapping[str, Any], noun: str) -> set[str]:
    """Return the ids of places or groups, also of a document that was refused."""
    members = document.get(noun)
    objects = [m for m in members if isinstance(m, dict)] if isinstance(members, list) else []
    return {str(member["id"]) for member in objects if _is_slug(member.get("id"))}
