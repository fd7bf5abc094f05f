"""Words that a release shares with a document: the texts of a release are the editor's own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from schemas.problems import pointer
from service.loader.evidence.boundaries import composed, words
from service.loader.evidence.documents import Document
from service.loader.release import Item, place_of
from service.model import Flaw, Place

LIMIT = 9
"""So many words in a row are a sentence of theirs; fewer may be a name or a common phrase."""

Gram = tuple[str, ...]


class Copy(NamedTuple):
    """A run of words that stands in a document too, each word with its place in the release."""

    words: tuple[str, ...]
    places: tuple[Place, ...]

    @property
    def file(self) -> str:
        """The file, or the release, in which the run stands."""
        return self.places[0].file

    def is_part_of(self, other: "Copy") -> bool:
        """Tell whether another run holds all of these words."""
        return f" {' '.join(self.words)} " in f" {' '.join(other.words)} "


class Originals:
    """Every run of `LIMIT` words of the documents, by hash, with the document of each."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents: dict[int, str] = {}
        for document in documents:
            for gram in grams([word.text for word in words(composed(document.text or ""))]):
                self._documents.setdefault(hash(gram), document.name)

    def copies(self, text: str, place: Callable[[int], Place]) -> Iterator[Copy]:
        """Yield the longest runs of a text that stand in a document; `place` is that of a line."""
        text = composed(text)
        found = list(words(text))
        spelled = [word.text for word in found]
        for start, end in runs(spelled, lambda gram: hash(gram) in self._documents):
            places = (place(text.count("\n", 0, word.start)) for word in found[start:end])
            yield Copy(tuple(spelled[start:end]), tuple(places))

    def flaws(self, copy: Copy, titles: set[Gram]) -> Iterator[Flaw]:
        """Yield a flaw for what of a copy is no title of a source, with its first words."""
        for start, end in runs(copy.words, lambda gram: gram not in titles):
            first = copy.words[start : start + LIMIT]
            name = self._documents[hash(first)]
            detail = f"{end - start} words in a row stand in {name} too, from: {' '.join(first)}"
            yield Flaw(copy.places[start], detail)


def grams(spelled: Sequence[str]) -> Iterator[Gram]:
    """Yield each run of `LIMIT` words."""
    for start in range(len(spelled) - LIMIT + 1):
        yield tuple(spelled[start : start + LIMIT])


def runs(spelled: Sequence[str], accepts: Callable[[Gram], bool]) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each longest run in which every `LIMIT` words are accepted."""
    begun: int | None = None
    for start, gram in enumerate(grams(spelled)):
        if accepts(gram):
            begun = start if begun is None else begun
        elif begun is not None:
            yield begun, start + LIMIT - 1
            begun = None
    if begun is not None:
        yield begun, len(spelled)


def title_grams(title: str) -> Iterator[Gram]:
    """Yield what of a source's title is no sentence of theirs, wherever it is repeated."""
    yield from grams([word.text for word in words(composed(title))])


def texts(item: Item) -> Iterator[tuple[Place, str]]:
    """Yield each text of a record with its place."""
    for path, text in _texts(item.record, ()):
        yield place_of(item, pointer(path)), text


def _texts(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(member, (*path, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _texts(member, (*path, index))
