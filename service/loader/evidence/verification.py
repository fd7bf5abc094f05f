"""The evidence of each state that releases make, held against the documents."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from statistics import median

from service.loader.evidence import copied, quantities
from service.loader.evidence.bearers import Bearer, Selection
from service.loader.evidence.boundaries import splits_word
from service.loader.evidence.copied import Gram, Originals
from service.loader.evidence.documents import Documents
from service.loader.evidence.quantities import Selected
from service.loader.evidence.reading import Brought, Key, Source
from service.loader.release import Release
from service.model import Flaw


@dataclass
class Tally:
    """How much was checked; `lengths` counts the code points of the evidence that resolves."""

    releases: int = 0
    records: int = 0
    evidence: int = 0
    faults: int = 0
    lengths: Counter[int] = field(default_factory=Counter)

    @property
    def resolved(self) -> int:
        """How many items of evidence resolve."""
        return self.lengths.total()

    @property
    def median(self) -> float:
        """The median length of those, 0 where there are none."""
        return median(self.lengths.elements()) if self.lengths else 0

    @property
    def longest(self) -> int:
        """The greatest length of those."""
        return max(self.lengths, default=0)


class Verification:
    """Releases in their order, each the next state of one dataset."""

    def __init__(self, documents: Documents) -> None:
        self.tally = Tally()
        self._documents = documents
        self._originals = Originals(documents.readable())
        self._titles: set[Gram] = set()
        self._bearers: dict[Key, Bearer] = {}
        self._sources: dict[str, Source] = {}
        self._texts: dict[str, str | None] = {}

    def apply(self, release: Release) -> Iterator[Flaw]:
        """Take a release and yield what is wrong with its evidence, its texts and its records."""
        for flaw in self._flaws(release):
            self.tally.faults += 1
            yield flaw

    def _flaws(self, release: Release) -> Iterator[Flaw]:
        self.tally.releases += 1
        brought = Brought(release, self._originals)
        yield from brought.read()
        stale = self._replace(brought, is_whole=release.mode == "snapshot")
        self._texts.update(dict.fromkeys(brought.refused))
        for source_id, source in brought.sources.items():
            self._titles.update(copied.title_grams(source.title))
            self._texts[source_id], problems = self._documents.find(source.document)
            yield from (Flaw(source.place(member), detail) for member, detail in problems)
        yield from self._new(brought)
        for bearer in stale:
            yield from self._check(bearer, Counter())
        for copy in brought.copies:
            yield from self._originals.flaws(copy, self._titles)

    def _replace(self, brought: Brought, *, is_whole: bool) -> list[Bearer]:
        """Make the next state; return those that were there before and whose source changed."""
        before = {name: source.document for name, source in self._sources.items()}
        gone = {*self._bearers, *(("sources", name) for name in self._sources)}
        for key in gone if is_whole else brought.gone:
            self._bearers.pop(key, None)
            if key[0] == "sources":
                self._sources.pop(key[1], None)
                self._texts.pop(key[1], None)
        self._sources |= brought.sources
        after = {name: source.document for name, source in self._sources.items()}
        changed = {name for name, document in before.items() if after.get(name) != document}
        stale = [b for b in self._bearers.values() if not changed.isdisjoint(b.sources)]
        self._bearers |= brought.bearers
        return stale

    def _new(self, brought: Brought) -> Iterator[Flaw]:
        for bearer in brought.bearers.values():
            self.tally.records += 1
            self.tally.evidence += len(bearer.selections)
            yield from self._check(bearer, self.tally.lengths)

    def _check(self, bearer: Bearer, lengths: Counter[int]) -> Iterator[Flaw]:
        resolved = set()
        for selection in bearer.selections:
            faults = list(self._faults(selection))
            yield from (Flaw(selection.place, detail) for detail in faults)
            if not faults and self._texts.get(selection.source) is not None:
                lengths[selection.end - selection.start] += 1
                resolved.add(selection)
        if bearer.quantity and resolved.issuperset(bearer.carrying):
            runs = [self._selected(selection) for selection in bearer.carrying]
            for member, detail in quantities.faults(bearer.quantity, runs):
                yield Flaw(bearer.places[member], detail)

    def _selected(self, selection: Selection) -> Selected:
        return Selected(self._texts[selection.source] or "", selection.start, selection.end)

    def _faults(self, selection: Selection) -> Iterator[str]:
        """Yield what is wrong with a selection; where it has no text, its source was told."""
        if selection.source not in self._texts:
            yield f"there is no source {selection.source!r} in this state of the dataset"
            return
        text = self._texts[selection.source]
        if text is None:
            return
        start, end = selection.start, selection.end
        if end > len(text):
            yield f"it ends at {end}, and the document has {len(text)} characters"
            return
        if sha256(text[start:end].encode()).hexdigest() != selection.sha256:
            yield f"the text from {start} to {end} has another sha256 than the one stated"
        for name, at in (("start", start), ("end", end)):
            if splits_word(text, at):
                yield f"the {name}, {at}, splits a word"
