"""A page of records in forms other than JSON: lines, a table, features on a map."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from service.model import Reading
from service.reading import features, tables
from service.web import formats
from service.web.formats import Format
from service.web.question import Question
from service.web.representation import Answer, Links, sparse


class Page(NamedTuple):
    """Records of a kind, by their canonical bodies, and the links of their list."""

    question: Question
    reading: Reading
    kind: str
    bodies: list[str]
    links: Links

    @property
    def members(self) -> Collection[str] | None:
        """The members that are asked for, or None for all."""
        fields: Collection[str] | None = self.question.query.get("fields")
        return fields

    def told(self, form: Format, body: bytes) -> Answer:
        """Return the answer in a form."""
        return Answer(body, form.content_type, self.links)


def _lines(page: Page) -> Answer:
    members = page.members
    told = (body if members is None else sparse(body, members) for body in page.bodies)
    return page.told(formats.NDJSON, b"".join(formats.lines(map(str.encode, told))))


def _table(page: Page) -> Answer:
    escaped = formats.escapes(page.question)
    rows = tables.of(page.kind, page.bodies, page.members, escaped=escaped)
    return formats.versioned(page.told(formats.CSV, b"".join(rows)), tables.FORM)


def _features(page: Page) -> Answer:
    places = features.Places(page.question.db, page.reading)
    found = features.of(page.kind, page.bodies, places, page.members)
    told = b"".join(features.collection(page.reading, found))
    return formats.versioned(page.told(formats.GEOJSON, told), features.FORM)


WRITERS: Mapping[str, Callable[[Page], Answer]] = {
    formats.NDJSON.name: _lines,
    formats.CSV.name: _table,
    formats.GEOJSON.name: _features,
}
