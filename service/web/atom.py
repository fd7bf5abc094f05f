"""The revisions of a dataset as an Atom feed (RFC 4287)."""

import re
from collections.abc import Callable, Sequence
from xml.etree import ElementTree as ET

from service.model import Revision
from service.web import address
from service.web.address import Address

MEDIA_TYPE = "application/atom+xml"
NAMESPACE = "http://www.w3.org/2005/Atom"

NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold."""

Url = Callable[[Address | str], str]


def feed(url: Url, here: str, revisions: Sequence[Revision]) -> bytes:
    """Return the feed of revisions given newest first; the id of each is its pinned address."""
    dataset = revisions[0].dataset
    root = ET.Element("feed", xmlns=NAMESPACE)
    _text(root, "id", url(address.dataset(dataset)))
    _text(root, "title", f"{dataset}: revisions")
    _text(root, "updated", revisions[0].published_at)
    _text(ET.SubElement(root, "author"), "name", dataset)
    _link(root, "self", here, MEDIA_TYPE)
    _link(root, "alternate", url(f"{address.dataset(dataset)}/revisions"), "application/json")
    for revision in revisions:
        _entry(root, url, revision)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _entry(root: ET.Element, url: Url, revision: Revision) -> None:
    dataset, number = revision.dataset, revision.number
    entry = ET.SubElement(root, "entry")
    here = url(address.revision(dataset, number))
    _text(entry, "id", here)
    _text(entry, "title", f"Revision {number}, as of {revision.issued}")
    _text(entry, "updated", revision.published_at)
    _text(entry, "published", revision.published_at)
    _link(entry, "alternate", here, "application/json")
    if number > 1:
        _link(entry, "related", url(address.step(dataset, number - 1, number)), "application/json")
    told = [revision.message, _in_words(revision)]
    _text(entry, "summary", "\n\n".join(part for part in told if part))


def _in_words(revision: Revision) -> str:
    """Return the counts of changes as a sentence."""
    told = [
        f"{kind}: " + ", ".join(f"{count} {word}" for word, count in words.items())
        for kind, words in revision.changes.items()
    ]
    return "; ".join(told) + "."


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = NO_XML.sub("\ufffd", text)


def _link(parent: ET.Element, rel: str, href: str, media_type: str) -> None:
    ET.SubElement(parent, "link", rel=rel, href=href, type=media_type)
