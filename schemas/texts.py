"""Strict text fields: prose, ids, references, languages, links, licences, digests, instants."""

import re
import unicodedata
from collections.abc import Collection
from datetime import datetime
from typing import Any

from schemas import edtf
from schemas.fields import Plain
from schemas.problems import shown

_CONTROL = "\\u0000-\\u001F\\u007F-\\u009F"
_SPACE = "\\u0020\\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000"
_RESERVED = (
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)),
)


class Text(Plain):
    """Prose of one or more lines, in NFC, without white space at its ends."""

    column_type = "text"
    longest = 2000
    inside = _CONTROL.replace("\\u0000-\\u001F", "\\u0000-\\u0009\\u000B-\\u001F")

    @property
    def json_schema(self) -> dict[str, Any]:
        """Length, no control characters, no white space at the ends; it cannot say NFC."""
        edge = f"[^{_SPACE}{_CONTROL}]"
        return {
            "type": "string",
            "minLength": 1,
            "maxLength": self.longest,
            "pattern": f"^{edge}(?:[^{self.inside}]*{edge})?$",
        }

    def fault(self, value: Any) -> str | None:
        """Refuse what is not clean text; nothing is trimmed or composed."""
        if not isinstance(value, str):
            return f"{shown(value)} is not text"
        if not value:
            return "an empty text says nothing: leave the member out"
        return self.length_fault(value) or self.character_fault(value)

    def length_fault(self, text: str) -> str | None:
        """Refuse a text that is too long."""
        if len(text) <= self.longest:
            return None
        return f"{len(text)} characters are too many: at most {self.longest} may stand here"

    def character_fault(self, text: str) -> str | None:
        """Refuse characters that nobody sees, and letters that are not composed."""
        if re.search("[\ud800-\udfff]", text):
            return "a lone surrogate is not a character: write the character itself"
        if text != text.strip():
            return f"{shown(text)} has white space at an end: remove it"
        if re.search(f"[{self.inside}]", text):
            return f"{shown(text)} has a control character: remove it"
        if not unicodedata.is_normalized("NFC", text):
            return f"{shown(text)} is not in Unicode's normal form NFC: compose its letters"
        return None


class Short(Text):
    """One line of prose."""

    longest = 300
    inside = _CONTROL


class Patterned(Plain):
    """Text of one pattern, which has to match from the first character to the last."""

    column_type = "text"
    longest = 300
    pattern = ""
    advice = ""

    @property
    def json_schema(self) -> dict[str, Any]:
        """The pattern and the length."""
        return {"type": "string", "maxLength": self.longest, "pattern": f"^(?:{self.pattern})$"}

    def fault(self, value: Any) -> str | None:
        """Refuse what does not match."""
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            return f"{shown(value)} is not {self.advice}"
        if len(value) > self.longest:
            return f"{len(value)} characters are too many: at most {self.longest} may stand here"
        return None


class Slug(Patterned):
    """An id: it also names a file on every system."""

    longest = 100
    pattern = r"[a-z0-9]+(?:-[a-z0-9]+)*"
    advice = "an id: lower-case letters a to z and digits, joined by single hyphens"

    @property
    def json_schema(self) -> dict[str, Any]:
        """The pattern, and the names that Windows reserves for devices."""
        return {**super().json_schema, "not": {"enum": list(_RESERVED)}}

    def fault(self, value: Any) -> str | None:
        """Refuse what could not be an id or the name of a file."""
        if isinstance(value, str) and value in _RESERVED:
            return f"{shown(value)} is a reserved file name: choose another id"
        return super().fault(value)


class Ref(Slug):
    """The id of a record of one kind, or of a place or group of `dataset.json`.

    With `typed`, each value of the sibling `type` makes a relation of its own. What `acyclic`
    names (the field itself, or types of relations) must lead from no record back to it.
    """

    def __init__(
        self,
        kind: str,
        description: str = "",
        *,
        typed: bool = False,
        acyclic: bool | Collection[str] = False,
        **kwargs: Any,
    ) -> None:
        self.kind, self.typed, self.acyclic = kind, typed, acyclic
        super().__init__(description, **kwargs)


class Language(Patterned):
    """A language tag of BCP 47 (RFC 5646) in the letter case that it recommends.

    Extensions and private use are left out: they say nothing about the language of a text.
    """

    pattern = (
        r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?"
        r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    )
    advice = "a language tag of BCP 47, as in en, kk-Cyrl or pt-BR"


class Licence(Patterned):
    """A licence identifier of the SPDX licence list, or a LicenseRef of one's own."""

    pattern = r"[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*\+?"
    advice = "an SPDX licence identifier, as in CC-BY-4.0"


class Link(Patterned):
    """An absolute http or https URL (RFC 3986)."""

    longest = 2000
    pattern = r"https?://[A-Za-z0-9\[][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*"
    advice = "a URL that begins with http:// or https:// and has no spaces"


class Sha256(Patterned):
    """A sha256 in hexadecimal."""

    longest = 64
    pattern = r"[0-9a-f]{64}"
    advice = "a sha256: 64 hexadecimal digits in lower case"


class Pointer(Patterned):
    """A JSON pointer (RFC 6901) to a member; "" would point to the whole."""

    pattern = r"(?:/(?:[A-Za-z0-9_-]|~[01])+)+"
    advice = "a JSON pointer to a member, as in /value or /counted/group"


class Edtf(Patterned):
    """A date or interval in the part of EDTF that `schemas.edtf` describes."""

    column_type = "date"
    is_said = False
    longest = 40

    @property
    def json_schema(self) -> dict[str, Any]:
        """The spelling; it cannot say how many days a month has, nor which end is later."""
        return {"type": "string", "maxLength": self.longest, "pattern": edtf.PATTERN}

    def fault(self, value: Any) -> str | None:
        """Refuse what has no bounds."""
        if not isinstance(value, str):
            return f"{shown(value)} is not a date in text"
        try:
            edtf.remembered(value)
        except ValueError as error:
            return f"{shown(value)}: {error}"
        return None


class Instant(Patterned):
    """An instant in whole seconds, UTC."""

    is_said = False
    longest = 20
    pattern = (
        r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
        r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
    )
    advice = "an instant in UTC, as in 2022-01-06T23:59:59Z"

    def fault(self, value: Any) -> str | None:
        """Refuse also the days that the calendar lacks."""
        fault = super().fault(value)
        if fault:
            return fault
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return f"{shown(value)} is not a day of the calendar"
        return None
