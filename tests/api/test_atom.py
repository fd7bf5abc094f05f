"""The feed of revisions for people is valid Atom, and small."""

from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from service.store import Database
from service.web import atom
from service.web.api import feed
from tests.api.published import ADDED, NAME, fourth, publish
from tests.api.walking import BASE, HERE
from tests.store import states

FEED = f"{HERE}/revisions.atom"
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def read(client: FlaskClient, address: str = FEED) -> ET.Element:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "application/atom+xml"
    return ET.fromstring(answer.get_data())  # noqa: S314 - our own answer


def texts(root: ET.Element, path: str) -> list[str | None]:
    return [found.text for found in root.findall(path, ATOM)]


def test_there_is_an_entry_for_each_revision_newest_first(client: FlaskClient) -> None:
    root = read(client)

    assert texts(root, "a:entry/a:id") == [f"{BASE}{HERE}/revisions/{n}" for n in (3, 2, 1)]
    assert texts(root, "a:entry/a:title")[0] == "Revision 3, as of 2022-01-08T23:59:59Z"
    assert (
        texts(root, "a:entry/a:summary")[1]
        == f"Twelve more.\n\nfigures: {ADDED} added, 1 modified."
    )
    published = [
        client.get(f"{HERE}/revisions/{n}").get_json()["data"]["published_at"] for n in (3, 2, 1)
    ]
    assert texts(root, "a:entry/a:updated") == published
    assert texts(root, "a:updated") == published[:1]


def test_an_entry_links_to_its_page_and_its_diff(client: FlaskClient) -> None:
    entries = read(client).findall("a:entry", ATOM)

    links = [
        {link.get("rel"): link.get("href") for link in e.findall("a:link", ATOM)} for e in entries
    ]
    assert links[0] == {
        "alternate": f"{BASE}{HERE}/revisions/3",
        "related": f"{BASE}{HERE}/diff?from=2&to=3",
    }
    assert links[2] == {"alternate": f"{BASE}{HERE}/revisions/1"}


def test_it_has_what_atom_requires(client: FlaskClient) -> None:
    root = read(client)

    assert root.tag == f"{{{ATOM['a']}}}feed"
    for parent in (root, *root.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert len(parent.findall(f"a:{name}", ATOM)) == 1
    assert texts(root, "a:author/a:name") == [NAME]
    assert root.find("a:link[@rel='self']", ATOM).get("href") == f"{BASE}{FEED}"  # type: ignore[union-attr]


def test_a_poll_with_nothing_new_costs_a_304(publishing: FlaskClient, store: Database) -> None:
    etag = publishing.get(FEED).headers["ETag"]
    assert publishing.get(FEED, headers={"If-None-Match": etag}).status_code == 304

    publish(store, fourth())

    assert publishing.get(FEED, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize(
    "message", ["<b>&amp;</b> ]]>", "\"quoted\" 'too'", "two\nlines", "ünï 🙂"]
)
def test_a_message_stands_as_it_was_written(
    publishing: FlaskClient, store: Database, message: str
) -> None:
    publish(store, fourth()._replace(message=message))

    summary = texts(read(publishing), "a:entry/a:summary")[0]

    assert str(summary).startswith(f"{message}\n\n")


def test_what_xml_cannot_hold_is_replaced() -> None:
    assert atom.NO_XML.sub("?", "a\x00b\x1bc\ufffed\té\n🙂") == "a?b?c?d\té\n🙂"


def test_it_is_bounded(publishing: FlaskClient, store: Database) -> None:
    for number in range(feed.LATEST + 2):
        states.publish(store, states.actors(f"a{number}"), "long")

    ids = texts(read(publishing, "/v1/datasets/long/revisions.atom"), "a:entry/a:id")

    assert len(ids) == feed.LATEST
    assert str(ids[0]).endswith(f"/revisions/{feed.LATEST + 2}")
