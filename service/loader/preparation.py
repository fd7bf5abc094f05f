"""Read a release, judge each record, and stage what differs from the head."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from service.canonical import canonical, digest
from service.loader import places
from service.loader.release import Item, Release, Removal, place_of
from service.loader.release.items import Reasons
from service.model import DATASET, UNSTATED, Dataset, Flaw, Place, Reading, Reason
from service.store import integrity, records, redactions
from service.store.staging import Draft, Sighting, Staging
from service.store.tables import DESCRIBED

BATCH = 500
"""Records that are judged and compared at once."""

REDACTED = "the record was redacted: no release replaces or removes its stub before `redact --lift`"

NAMED = ("places", "groups")
"""What `dataset.json` declares and records refer to."""

SLUG = re.compile(r"[a-z0-9-]{1,100}")


class Preparation:
    """One release on its way into staging, against the head (None before the first revision).

    `flaws` gathers everything that is wrong; `document` is the `dataset.json` of the new revision
    and `digest` that of its bytes; `unknown` is what it would declare where it cannot be read.
    """

    def __init__(self, stage: Staging, name: str, dataset: Dataset | None) -> None:
        self.flaws: list[Flaw] = []
        self.document: dict[str, Any] = {}
        self.digest = ""
        self.unknown: frozenset[str] = frozenset()
        self._stage = stage
        self._name = name
        self._head = Reading(dataset, dataset.head, pinned=True) if dataset else None
        self._within: places.Within = {}
        self._moved = False
        self._redacted = redactions.standing(stage.db, stage.key)

    def read(self, release: Release) -> None:
        """Stage the whole release, up to what is wrong with it."""
        self._read_document(release)
        batch: list[Item] = []
        for part in release.items():
            if isinstance(part, Flaw):
                self.flaws.append(part)
            elif isinstance(part, Removal):
                self._remove(part, release)
            elif isinstance(part, Item):
                if len(batch) == BATCH or (batch and batch[0].kind != part.kind):
                    self._compare(batch, release.reasons)
                    batch = []
                batch.append(part)
        if batch:
            self._compare(batch, release.reasons)
        self._judge_what_is_not_given(release)

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
            reason = _reason(item, DATASET, self._name, release.reasons)
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

    def _compare(self, batch: list[Item], reasons: Reasons) -> None:
        """Judge records of one kind; note them all, and stage those that the head has not."""
        kind = batch[0].kind
        judged = [(item, self._judged(item)) for item in batch]
        # A refused record is noted too, so that what refers to it is not called wrong as well.
        named = [(item, body) for item, body in judged if _is_slug(item.record.get("id"))]
        known = self._digests(kind, [item.record["id"] for item, _ in named])
        sightings, drafts = [], []
        for item, body in named:
            record_id = item.record["id"]
            hexdigest = digest(body) if body else ""
            changed = known.get(record_id) != hexdigest
            sightings.append(Sighting(kind, record_id, item.place, changed))
            if changed and (kind, record_id) in self._redacted:
                self.flaws.append(Flaw(item.place, REDACTED))
            elif changed and body:
                reason = _reason(item, kind, record_id, reasons)
                drafts.append(Draft(record_id, hexdigest, body, reason, record_id in known))
        with self._stage.db.deferred():
            self._stage.see(sightings)
            self._stage.put(kind, drafts)

    def _digests(self, kind: str, ids: list[str]) -> dict[str, str]:
        """Return id to digest for those that the head has."""
        if self._head is None or not ids:
            return {}
        return records.digests(self._stage.db, self._head, kind, ids)

    def _judged(self, item: Item) -> bytes | None:
        """Return the canonical bytes of a record, or None and note what is wrong with it."""
        flaws = list(self._faults(item))
        self.flaws += flaws
        return None if flaws else canonical(DESCRIBED[item.kind].arranged(item.record))

    def _faults(self, item: Item) -> Iterator[Flaw]:
        for pointer, detail in DESCRIBED[item.kind].problems(item.record):
            yield Flaw(place_of(item, pointer), detail)
        if item.kind == "events":
            for pointer, detail in places.outside(item.record, self._within):
                yield Flaw(place_of(item, pointer), detail)


def _reason(item: Item, kind: str, record_id: str, reasons: Reasons) -> Reason:
    return item.reason or reasons.get((kind, record_id), UNSTATED)


def _is_slug(value: Any) -> bool:
    return isinstance(value, str) and SLUG.fullmatch(value) is not None


def _names(document: Mapping[str, Any], noun: str) -> set[str]:
    """Return the ids of places or groups, also of a document that was refused."""
    members = document.get(noun)
    objects = [m for m in members if isinstance(m, dict)] if isinstance(members, list) else []
    return {str(member["id"]) for member in objects if _is_slug(member.get("id"))}
