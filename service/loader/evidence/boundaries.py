"""Where words are cut, and which words a text is made of."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = ("CJK ", "HIRAGANA ", "KATAKANA ", "THAI ", "LAO ", "KHMER ", "MYANMAR ", "TIBETAN ")
"""Scripts that put no spaces between words, by the names of their characters."""


class Word(NamedTuple):
    """A run of letters and digits in lower case, and where it begins in the composed text."""

    text: str
    start: int


def splits_word(text: str, at: int) -> bool:
    """Tell whether a cut before the code point `at` goes through a word.

    It does where a combining mark (categories M) follows, and where word characters stand on both
    sides: letters, marks and digits (categories L, M and N). Next to a letter of a script that is
    written without spaces nobody can tell, and no word is said to be cut.
    """
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if _category(after) == "M":
        return True
    if _category(before) not in "LMN" or _category(after) not in "LN":
        return False
    return not (_is_unspaced(before) or _is_unspaced(after))


def composed(text: str) -> str:
    """Return a text in NFC, so that one word is spelled alike everywhere; lines stay as many."""
    return unicodedata.normalize("NFC", text)


def words(text: str) -> Iterator[Word]:
    """Yield the words of a composed text."""
    for run in _WORD.finditer(text):
        yield Word(run[0].lower(), run.start())


def _category(character: str) -> str:
    return unicodedata.category(character)[0]


def _is_unspaced(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_UNSPACED)
