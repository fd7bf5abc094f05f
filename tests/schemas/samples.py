"""A tiny invented dataset: fresh records that are valid and refer to each other.

Of each kind there is a rich record, which uses every member that fits it, and a minimal one.
`records()` holds all of them, so that every reference is satisfied within `dataset()`.
"""

from hashlib import sha256
from typing import Any

Object = dict[str, Any]

HERALD_TEXT = (
    "Bridge falls at Port Ember. At least 12 people were hurt when the old harbour bridge gave "
    "way on Monday evening, the mayor, Ada Quill, said, quoting the fire service. "
    "Council workers cleared the north quay."
)
WIRE_TEXT = "Some 15 people were injured in the collapse of a bridge, officials said."


def run(source: str, text: str, phrase: str, part: str = "body", **more: Any) -> Object:
    """Return the evidence that selects a phrase of a source's text."""
    start = text.index(phrase)
    return {
        "source": source,
        "part": part,
        "start": start,
        "end": start + len(phrase),
        "sha256": sha256(phrase.encode()).hexdigest(),
        **more,
    }


def _herald(phrase: str, **more: Any) -> Object:
    return run("herald-001", HERALD_TEXT, phrase, **more)


def _wire(phrase: str) -> Object:
    return run("wire-002", WIRE_TEXT, phrase)


def _document(name: str, text: str) -> Object:
    data = text.encode()
    return {
        "name": name,
        "sha256": sha256(data).hexdigest(),
        "bytes": len(data),
        "characters": len(text),
    }


def dataset() -> Object:
    """Return a rich dataset.json."""
    return {
        "title": "The bridge at Port Ember",
        "description": "What two papers printed about the fall of a bridge.",
        "licence": "CC-BY-4.0",
        "extent": {"start": "1931-05-04", "end": "1931-05-31", "countries": ["AQ"]},
        "languages": ["en", "pt-BR"],
        "rules": [{"id": "narrowest-event", "text": "A count goes to the narrowest event."}],
        "schema": 1,
        "places": [
            {
                "id": "port-ember",
                "name": "Port Ember",
                "parts": ["north-quay"],
                "reference": {
                    "country": "AQ",
                    "admin1": "Ember Coast",
                    "latitude": -64.25,
                    "longitude": 12,
                    "where_prec": 1,
                    "same_as": ["https://example.org/places/port-ember"],
                    "from": "the harbour atlas of 1930",
                },
            },
            {"id": "north-quay", "name": "The north quay", "within": ["port-ember"]},
        ],
        "groups": [
            {"id": "people", "name": "People"},
            {"id": "workers", "name": "Council workers", "broader": "people"},
        ],
    }


def minimal_dataset() -> Object:
    """Return a dataset.json with only what is required."""
    return {"title": "Nothing yet", "licence": "CC0-1.0", "schema": 1}


def source() -> Object:
    """Return a rich source."""
    return {
        "id": "herald-001",
        "replaces": ["herald-draft"],
        "external_ids": {"archive": "PE/1931/17"},
        "note": "The second edition.\nThe first is lost.",
        "source_type": "news_report",
        "title": "Bridge falls at Port Ember",
        "url": "https://herald.example/1931/bridge?page=1",
        "publisher": "ember-herald",
        "contributors": [{"actor": "ada-quill", "role": "photographer"}],
        "language": "en",
        "published": {"date": "1931-05-05", "day_part": "early", "basis": "printed"},
        "inferred": [
            {"field": "original_language", "value": "en", "from": "the spelling of names"}
        ],
        "document": _document("herald-001.txt", HERALD_TEXT),
        "derived_from": {"source": "wire-002"},
        "standing": "current",
        "condition": ["original"],
    }


def minimal_source() -> Object:
    """Return a source with only what is required."""
    return {
        "id": "wire-002",
        "source_type": "agency_copy",
        "language": "en",
        "published": {"date": "1931-05-04/..", "basis": "bounds"},
        "document": {"name": "wire-002.txt", "sha256": _document("", WIRE_TEXT)["sha256"]},
        "standing": "current",
        "condition": ["paraphrased", "truncated"],
    }


def actor() -> Object:
    """Return a rich actor."""
    return {
        "id": "ada-quill",
        "external_ids": {"council-roll": "7"},
        "note": "Mayor from 1929.",
        "actor_type": "person",
        "name": "Ada Quill",
        "name_basis": "only_form",
        "names": [
            {
                "printed": "Ada Quill",
                "evidence": [_herald("Ada Quill", supports=["name"])],
                "suspected": [
                    {
                        "field": "/printed",
                        "printed": "Quill",
                        "reading": "Quilt",
                        "error": "misspelled",
                        "against": {"source": "wire-002"},
                        "use": "doubt",
                        "why": "The council roll has another letter.",
                    }
                ],
            }
        ],
        "roles": [
            {"role": "mayor", "body": "council", "evidence": [_herald("mayor", supports=["role"])]}
        ],
        "member_of": [{"actor": "council", "source": "herald-001"}],
        "speaks_for": {"actor": "council", "source": "herald-001"},
        "anonymity": "first_name_only",
        "withheld_by": {"actor": "ember-herald", "why": "She asked for it."},
        "reference": {
            "country": "AQ",
            "same_as": ["https://example.org/people/ada-quill"],
            "from": "the council roll",
        },
    }


def minimal_actor() -> Object:
    """Return an actor with only what is required."""
    return {
        "id": "council",
        "actor_type": "government_body",
        "name": "Council of Port Ember",
        "name_basis": "descriptive",
        "anonymity": "named",
    }


def event() -> Object:
    """Return a rich event."""
    return {
        "id": "clearance",
        "title": "Workers clear the north quay",
        "summary": "After the bridge fell, the quay was cleared, by force or not.",
        "event_type": "Protests",
        "sub_event_type": "Protest with intervention",
        "date": "1931-05",
        "place": {"id": "port-ember"},
        "participants": [
            {"actor": "council", "role": "actor"},
            {"actor": "ada-quill", "role": "decider"},
        ],
        "statement": {"act": "orders"},
        "accounts": [
            {
                "date": {"date": "1931-05-04", "day_part": "evening", "basis": "weekday"},
                "place": {"id": "north-quay", "printed": ["the north quay"]},
                "participants": [{"actor": "council", "role": "actor"}],
                "sub_event_type": "Peaceful protest",
                "status": "happened",
                "printed": "cleared the north quay",
                "attribution": [{"actor": "ada-quill", "manner": "said", "date": "1931-05-04"}],
                "evidence": [_herald("cleared the north quay", supports=["status", "place"])],
                "suspected": [
                    {
                        "field": "/attribution/0/manner",
                        "printed": "said",
                        "error": "misattributed",
                        "use": "unusable",
                        "why": "She was abroad.",
                    }
                ],
            },
            {
                "date": {"date": "1931-05", "basis": "bounds"},
                "participants": [{"actor": "ada-quill", "role": "decider"}],
                "status": "said_not_to_have_happened",
                "attribution": [],
                "evidence": [_wire("officials said")],
            },
        ],
        "relations": [
            {
                "type": "follows",
                "event": "bridge-fall",
                "basis": "printed",
                "certainty": "clear",
                "why": "The report tells them in this order.",
            },
            {"type": "answers", "figure": "herald-001-hurt", "basis": "editor"},
        ],
    }


def minimal_event() -> Object:
    """Return an event with only what is required."""
    return {
        "id": "bridge-fall",
        "title": "The harbour bridge falls",
        "event_type": "background",
        "accounts": [
            {
                "status": "happened",
                "attribution": [],
                "evidence": [_wire("collapse of a bridge")],
            }
        ],
    }


def figure() -> Object:
    """Return a rich figure."""
    return {
        "id": "herald-001-hurt",
        "note": "Repeated in the caption.",
        "measure": "injured",
        "counted": {
            "group": "people",
            "fit": "exact",
            "label": "people",
            "label_by": "ada-quill",
        },
        "of": {"event": "bridge-fall"},
        "place": {"id": "north-quay", "printed": ["harbour"], "bearing": "limit"},
        "reference_period": "1931-05-04/1931-05-05",
        "coverage": "cumulative",
        "asserted": {"date": "1931-05-04", "day_part": "late", "basis": "weekday"},
        "stance": "asserts",
        "modality": "actual",
        "value": 12,
        "low": 12,
        "high": 14,
        "quantifier": "at_least",
        "form": "digits",
        "printed": "At least 12 people were hurt",
        "unit": "persons",
        "attribution": [
            {"actor": "ada-quill", "manner": "quoted"},
            {"manner": "passive", "date": "1931-05-05"},
        ],
        "suspected": [
            {
                "field": "/value",
                "printed": "12",
                "reading": "21",
                "error": "digit_swap",
                "against": {"figure": "wire-002-injured"},
                "use": "doubt",
                "why": "The wire has more.",
            }
        ],
        "relations": [
            {
                "type": "supersedes",
                "figure": "wire-002-injured",
                "basis": "editor",
                "why": "It is later.",
            }
        ],
        "evidence": [
            _herald("At least 12 people were hurt", supports=["value", "counted"]),
            _herald("the mayor, Ada Quill, said", supports=["attribution"]),
        ],
    }


def minimal_figure() -> Object:
    """Return a figure with only what is required."""
    return {
        "id": "wire-002-injured",
        "measure": "injured",
        "counted": {"group": "people", "fit": "exact"},
        "of": {"event": "bridge-fall"},
        "coverage": "unclear",
        "stance": "asserts",
        "modality": "actual",
        "value": 15,
        "quantifier": "about",
        "form": "digits",
        "printed": "Some 15 people",
        "unit": "persons",
        "attribution": [],
        "evidence": [_wire("Some 15 people")],
    }


def stub(record_id: str = "herald-001-hurt") -> Object:
    """Return what is left of a record that was erased."""
    return {
        "id": record_id,
        "redacted": {"at": "2022-01-06T23:59:59Z", "why": "A witness is at risk."},
    }


def records() -> dict[str, list[Object]]:
    """Return every record of the tiny dataset by its kind."""
    herald = minimal_actor() | {
        "id": "ember-herald",
        "name": "The Ember Herald",
        "actor_type": "media",
    }
    return {
        "actors": [actor(), minimal_actor(), herald],
        "events": [event(), minimal_event()],
        "figures": [figure(), minimal_figure()],
        "sources": [source(), minimal_source()],
    }
