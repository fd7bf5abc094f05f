"""Text as it is looked for: words without case, marks and script, alike however a name is written.

Toqayev, Tokaev, Tokayev, Токаев and Тоқаев are one word here, and so are Jañaözen, Zhanaozen and
Жаңаөзен. Letters of Cyrillic (Russian, Kazakh and their neighbours) become Latin by one table;
then what romanisations write in several ways is written in one. Other scripts stay as they are,
without case and marks. Nothing is guessed about languages, so English words are folded alike; a
few then fall together (*carried*, *cared*), which adds a hit and loses none.

The digraph `kh` is read as `h` and as `k` (Khabar and Habar, Kazakhstan and Qazaqstan), `ş` as
`sh` and `s`, `ç` as `ch` and `c`: a word has up to two forms, and two words are alike that share
one.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

FOLDING = 1
"""Counts the ways in which text was folded: raise it with any change of a form, and `migrate`
makes the search index again.
"""

MOST_WORDS = 16
"""Words that one question may have."""

LONGEST = 64
"""Code points of a form; what follows in a longer word does not count."""
REMEMBERED = 8192
"""Pieces of texts of which the forms are kept, behind one mark."""

# Upper-case letters stand for what is read in two ways, until the end.
_LETTERS = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziiklmnoprstufie", strict=True))
    | {"ё": "e", "ж": "j", "х": "X", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch"}
    | {"ъ": "", "ь": "", "ю": "iu", "я": "ia"}
    | dict(zip("әғқңөұүһі", "agknouuhi", strict=True))
    | dict(zip("ґєїўҳҷ", "geiuhj", strict=True))
    | {"ş": "S", "ș": "S", "ç": "C", "ə": "a", "ŋ": "n", "ı": "i", "ł": "l", "ø": "o", "đ": "d"}
    | {"ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
)
_READINGS = (str.maketrans({"X": "h", "S": "sh", "C": "ch"}), str.maketrans("XSC", "ksc"))

_CONSONANT = "[bcdfghjklmnpqrstvwxzXSC]"
_ALIKE = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        ("kh", "X"),
        ("zh", "j"),
        ("gh", "g"),
        ("q", "k"),
        ("x", "ks"),
        ("[yi]e", "e"),
        (f"(?<={_CONSONANT})yo", "e"),
        ("y", "i"),
        ("(?<=[oe])ff$", "v"),
        (f"(i|{_CONSONANT})\\1+", r"\1"),
    )
)

_APOSTROPHES = "'’ʼʹʻ‘`"
_MARKS = "\u0300-\u036f"
_LETTER = f"[^\\W\\d_][{_MARKS}]*"
_RUN = r"[^\W_]+"
_WORD = re.compile(
    # U.S. is one word, US.
    f"{_LETTER}(?:\\.{_LETTER})+(?![\\w{_MARKS}])"
    # An apostrophe joins, as in Il'ich, but for that of the English possessive.
    f"|{_RUN}(?:(?:[{_MARKS}]|[{_APOSTROPHES}](?={_RUN})(?![sS](?!{_RUN})))+(?:{_RUN})?)*"
)
_DROPPED = str.maketrans("", "", _APOSTROPHES + ".")


class Word(NamedTuple):
    """A word of a text: its forms, and where it stands in code points, the end exclusive."""

    forms: tuple[str, ...]
    start: int
    end: int


def words(text: str) -> Iterator[Word]:
    """Yield the words of a text in their order."""
    for found in _WORD.finditer(text):
        if folded := forms(found[0]):
            yield Word(folded, found.start(), found.end())


def distinct(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of a text, each once, by their forms."""
    return tuple(dict.fromkeys(word for piece in text.split() for word in _cut(piece)))


def wanted(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the words that a question asks for, each once, by its forms.

    Raises `ValueError` with what would be right for a question without words, or with too many.
    """
    asked = distinct(text)
    if not asked:
        raise ValueError("has no word to look for: give letters or digits")
    if len(asked) > MOST_WORDS:
        raise ValueError(f"has {len(asked)} words: at most {MOST_WORDS} are looked for at once")
    return asked


def wholes(asked: Iterable[tuple[str, ...]]) -> set[str]:
    """Return what stands for all of some words together, in either reading."""
    each = list(asked)
    return {"".join(forms[reading] for forms in each)[:LONGEST] for reading in (0, -1)}


def vocabulary(text: str) -> set[str]:
    """Return the forms of all words of a text."""
    return {form for word in set(_WORD.findall(text)) for form in forms(word)}


@lru_cache(maxsize=REMEMBERED)
def _cut(piece: str) -> tuple[tuple[str, ...], ...]:
    return tuple(word.forms for word in words(piece))


class Marked(dict[str, tuple[str, ...]]):
    """Pieces of texts, which are without white space, to the forms of their words behind a mark.

    No word reaches over white space and texts repeat their pieces, so to look them up takes a
    quarter of the time of cutting each text into words.
    """

    def __init__(self, mark: str) -> None:
        super().__init__()
        self.mark = mark

    def __missing__(self, piece: str) -> tuple[str, ...]:
        made = tuple(self.mark + form for form in vocabulary(piece))
        if len(piece) <= LONGEST:
            if len(self) >= REMEMBERED:
                self.clear()
            self[piece] = made
        return made

    def of(self, text: str) -> Iterator[tuple[str, ...]]:
        """Return the forms of the words of a text, together for each of its pieces."""
        return map(self.__getitem__, set(text.split()))


@lru_cache(maxsize=65_536)
def forms(word: str) -> tuple[str, ...]:
    """Return what a word is looked for as: one form or two, none where nothing is left of it."""
    kept = word.translate(_DROPPED)
    kept = kept.lower() if kept.isascii() else _latin(kept)
    for pattern, written in _ALIKE:
        kept = pattern.sub(written, kept)
    read = dict.fromkeys(kept.translate(reading)[:LONGEST] for reading in _READINGS)
    return tuple(form for form in read if form)


def _latin(word: str) -> str:
    # Composed before the table is asked: it knows letters with their marks.
    composed = unicodedata.normalize("NFKC", word)
    lowered = unicodedata.normalize("NFKC", composed.casefold())
    apart = unicodedata.normalize("NFKD", lowered.translate(_LETTERS))
    return "".join(map(_kept, apart)).translate(_LETTERS)


def _kept(character: str) -> str:
    """Return a letter or digit, any digit as an ASCII one; nothing for marks and all else."""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return character if character.isalnum() else ""
