"""Answers that are cast after one that the application gave: another page of the same list, another
record of the same kind.

Nothing is written here a second time. A mould is an answer of the application, opened where another
one differs from it; what belongs there comes from the reading that the operation itself asked, and
the tag is made as the application makes it. So an answer costs its rows, and not the framework
around them. Whatever is not plainly like the first is left to the application: the first end of a
list, a damaged cursor, a record that is not there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from http import HTTPStatus
from typing import NamedTuple

from service.errors import RecensionError
from service.model import State
from service.web import caching, codings, cursors
from service.web.address import Address
from service.web.codings import Accepted
from service.web.kept import Basis, Sent
from service.web.likeness import Likeness, Own
from service.web.representation import repr_digest

_OF_BYTES = frozenset({"Content-Length", "Content-Encoding", "Repr-Digest", "ETag"})
"""Headers that say something of the bytes that are sent."""

_CURSOR = "cursor="
_TOKEN = re.compile(r"[A-Za-z0-9_-]+")
_ID = re.compile(cursors.ID)


class Model(NamedTuple):
    """What the application tells of an answer: its address, the tags that an address has, which
    codings are wanted, what it has in common with others, and its body before it was coded.
    """

    address: Address
    tags: Callable[[Address], Sequence[str]]
    wanted: Accepted
    like: Likeness
    body: bytes = b""


class Parted(NamedTuple):
    """A request in two parts: what many have in common, and a cursor or an id of its own."""

    common: tuple[str, ...]
    own: str


def parted(path: str, query: str) -> Parted | None:
    """Return a request in parts by its path and query, or None where it has no text of its own."""
    if not query:
        home, _, own = path.rpartition("/")
        return Parted((home,), own) if _ID.fullmatch(own) else None
    before, found, rest = query.partition(_CURSOR)
    own, _, after = rest.partition("&")
    if not found or before[-1:] not in ("", "&") or not _TOKEN.fullmatch(own):
        return None
    return Parted((path, before, after), own)


class Cast(NamedTuple):
    """What is sent and the tags that it may have; the state of the dataset, where it was read with
    it.
    """

    sent: Sent
    tags: Sequence[str]
    state: State | None = None


class _Form(NamedTuple):
    """What answers have in common: headers, those that have marks as texts to be formatted, and the
    end of the body, as such a text.
    """

    status: str
    headers: Sequence[tuple[tuple[str, str], bool]]
    digested: bool
    tail: str = ""

    @property
    def texts(self) -> list[str]:
        """The texts of the headers, and the end."""
        return [*(text for (_, text), _ in self.headers), self.tail]

    def names(self, own: str) -> bool:
        """Say whether a text is left that is of one request alone."""
        return any(own in text for text in self.texts)

    def headed(self, marks: Sequence[str], etag: str) -> list[tuple[str, str]]:
        """Return the headers, but for those that say something of a body."""
        return [
            *(
                (header[0], header[1].format(*marks)) if marked else header
                for header, marked in self.headers
            ),
            ("ETag", f'"{etag}"'),
        ]


@dataclass(frozen=True)
class Mould:
    """What the answers to many requests have in common: those with a body, of one sort or two, and
    those to clients that hold a tag.
    """

    basis: Basis
    operation: str
    model: Model
    wholes: Mapping[bool, _Form] = field(default_factory=dict)
    unchanged: _Form | None = None

    @property
    def size(self) -> int:
        """The bytes that it takes."""
        forms = [*self.wholes.values(), *([self.unchanged] if self.unchanged else [])]
        return sum(len(text) + 150 for form in forms for text in form.texts)

    def learning(self, own: str, body: bytes, sent: Sent) -> "Mould":
        """Return the mould with what another answer of the application shows. `body` is that which
        it made, before it was coded.
        """
        like = self.model.like
        if int(sent.status[:3]) == HTTPStatus.NOT_MODIFIED:
            form = _form(sent, like.shared(own))
            return self if form.names(own) else replace(self, unchanged=form)
        told = like.told(own)
        if told.second in self.wholes:
            return self
        begun = ",".join(told.parts).encode()
        if not (body.startswith(begun) and _stand_out(told.marks, self.model.address)):
            return self
        form = _form(sent, told.marks, body.removeprefix(begun).decode())
        if form.names(own):
            return self
        return replace(self, wholes={**self.wholes, told.second: form})

    def cast(self, own: str, asked: str | None) -> Cast | None:
        """Return the answer to a request, if the mould holds, or None where the application has to
        give it. `asked` is its `If-None-Match`.
        """
        like, model = self.model.like, self.model
        try:
            place = like.place(model.address, own)
            if place is None:
                return None
            tags = model.tags(place)
            held = caching.held(tags, asked)
            if held:
                return self._unchanged(like.shared(own), held, tags)
            told = like.told(own)
        except RecensionError:
            return None
        return self._whole(told, tags)

    def _unchanged(self, marks: Sequence[str], etag: str, tags: Sequence[str]) -> Cast | None:
        form = self.unchanged
        return Cast(Sent(form.status, form.headed(marks, etag), b""), tags) if form else None

    def _whole(self, told: Own, tags: Sequence[str]) -> Cast | None:
        form, wanted = self.wholes.get(told.second), self.model.wanted
        if form is None:
            return None
        *parts, last = told.parts
        body = ",".join((*parts, last + form.tail.format(*told.marks))).encode()
        coding = wanted.coding(len(body))
        body = codings.packed(body, coding)
        headers = form.headed(told.marks, tags[wanted.candidates.index(coding)])
        headers.append(("Content-Length", str(len(body))))
        if coding != codings.IDENTITY:
            headers.append(("Content-Encoding", coding))
        if form.digested:
            headers.append(("Repr-Digest", repr_digest(sha256(body).digest())))
        return Cast(Sent(form.status, headers, body), tags, told.state)


def _stand_out(marks: Sequence[str], address: Address) -> bool:
    """Say whether texts are found nowhere but where they are meant: a query may say anything."""
    query = "\n".join(value for name, value in address.query if name != "cursor")
    return not any(
        mark in query or any(mark in other for other in marks if other is not mark)
        for mark in marks
    )


def _form(sent: Sent, marks: Sequence[str], tail: str = "") -> _Form:
    headers = [_header(header, marks) for header in sent.headers if header[0] not in _OF_BYTES]
    digested = "Repr-Digest" in dict(sent.headers)
    return _Form(sent.status, headers, digested, _opened(tail, marks))


def _header(header: tuple[str, str], marks: Sequence[str]) -> tuple[tuple[str, str], bool]:
    """Return a header, and whether it has marks."""
    name, text = header
    marked = any(mark in text for mark in marks)
    return (name, _opened(text, marks) if marked else text), marked


def _opened(text: str, marks: Sequence[str]) -> str:
    """Return a text with numbered gaps in place of marks, to be formatted."""
    text = text.replace("{", "{{").replace("}", "}}")
    for number, mark in enumerate(marks):
        text = text.replace(mark, f"{{{number}}}")
    return text
