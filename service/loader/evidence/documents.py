"""The texts in which evidence is counted: the files of one folder, each read once."""

import os
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from service.loader.release import Malformed, files, limits

Problems = list[tuple[str, str]]
"""Members of a source's `document`, each with what is wrong with it."""


class Document(NamedTuple):
    """One file: its sha256 ("" if it cannot be read), its size, its text or why it has none."""

    name: str
    sha256: str
    bytes: int
    text: str | None
    fault: str = ""


class Documents:
    """The regular files of a folder, by name; folders in it and hidden files are left aside."""

    def __init__(self, folder: str) -> None:
        self._by_name = {
            entry.name: _read(entry.name, entry.path)
            for entry in sorted(os.scandir(folder), key=lambda entry: entry.name)
            if not entry.name.startswith(".") and not entry.is_dir()
        }
        self._names = {found.sha256: found.name for found in self._by_name.values()}

    def readable(self) -> list[Document]:
        """Return the documents that are texts, by name."""
        return [document for document in self._by_name.values() if document.text is not None]

    def find(self, stated: Mapping[str, Any]) -> tuple[str | None, Problems]:
        """Return the text that a source's `document` states, and what is wrong with it.

        The text is None unless name and sha256 are those of one file that is strict UTF-8.
        """
        named = self._by_name.get(stated["name"])
        if named is None or named.sha256 not in ("", stated["sha256"]):
            return None, [self._missed(stated, named)]
        if named.text is None:
            return None, [("name", f"the document {named.name}: {named.fault}")]
        sizes = {"bytes": named.bytes, "characters": len(named.text)}
        return named.text, [
            (member, f"{stated[member]} {member} are stated, and the document has {size}")
            for member, size in sizes.items()
            if stated.get(member, size) != size
        ]

    def _missed(self, stated: Mapping[str, Any], named: Document | None) -> tuple[str, str]:
        other = self._names.get(stated["sha256"])
        elsewhere = f"; the one with the stated sha256 is named {other}" if other else ""
        if named is None:
            none = "" if other else ", and none has the stated sha256"
            return "name", f"no document is named {stated['name']}{none}{elsewhere}"
        return "sha256", f"the document {named.name} has the sha256 {named.sha256}{elsewhere}"


def _read(name: str, path: str) -> Document:
    try:
        with files.opened(path) as stream:
            data = files.all_of(stream, limits.JSON_FILE)
    except (Malformed, OSError) as error:
        reason = error.faults[0].detail if isinstance(error, Malformed) else str(error.strerror)
        return Document(name, "", 0, None, reason)
    digest = sha256(data).hexdigest()
    try:
        return Document(name, digest, len(data), data.decode("utf-8"))
    except UnicodeDecodeError as error:
        fault = f"not UTF-8: byte {error.start} is 0x{data[error.start]:02X}"
        return Document(name, digest, len(data), None, fault)
