"""Releases from a URL: from where they may come, and that none is taken that is not whole."""

import gzip
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from service.errors import Refused, TooLarge
from service.loader import addresses
from service.loader.download import Downloaded, Policy, Validators, download, is_url, name_of
from tests.loader.origin import CERTIFICATE, Origin, chunked, head, serving

OPEN = Policy(1 << 20, allow_private=True)
BODY = b'{"release": {"mode": "snapshot"}}\n'


@pytest.fixture
def origin() -> Iterator[Origin]:
    with serving() as server:
        yield server


def got(url: str, policy: Policy = OPEN) -> Downloaded:
    found = download(url, policy)
    assert found is not None
    return found


def content(found: Downloaded) -> bytes:
    with found.content.file as file:
        return file.read()


def refusal(url: str, policy: Policy = OPEN) -> str:
    with pytest.raises(Refused) as caught:
        download(url, policy)
    return caught.value.message


# From where


PRIVATE = (
    *("127.0.0.1", "127.1.2.3", "127.255.255.254", "0.1.2.3", "10.0.0.1"),
    *("10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255"),
    *("169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200", "168.63.129.16"),
    *("192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
    *("239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("127.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "10.1"),
    *("0", "0.0", "2852039166", "0xa9fea9fe", "0xc0a80001", "localhost"),
    *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]"),
    *("[::ffff:169.254.169.254]", "[::ffff:93.184.215.14]", "[::127.0.0.1]", "[::5db8:d70e]"),
    *("[fe80::1]", "[fec0::1]", "[fc00::1]", "[fd00::1]", "[fd00:ec2::254]", "[ff02::1]"),
    *("[2001:db8::1]", "[2001::1]", "[2001:0:7f00:1::]", "[2002:7f00:1::]", "[2002:a00:1::1]"),
    *("[64:ff9b::7f00:1]", "[64:ff9b::a00:1]", "[64:ff9b:1::1]", "[100::1]"),
    *("[2001:10::1]", "[0:0:0:0:0:0:0:1]", "[0:0:0:0:0:ffff:7f00:0001]"),
)
UNSOUND = (
    *("ftp://example.org/a.json", "file:///etc/passwd", "gopher://x/", "http://", "http:///a.json"),
    *("http://user:secret@example.org/a.json", "http://user@example.org/", "http://x:0/a.json"),
    *("http://x:99999/a.json", "http://exa mple.org/", "http://example.org\\@127.0.0.1/"),
    *("http://example.org/\r\nHost: x", "http://ex\u00e4mple.org/a.json", "http://[::1/a.json"),
    *(
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://x/\x00",
        "//example.org/a.json",
        "http:example.org",
    ),
)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Lets no connection be made, and notes where each would have gone."""
    tried: list[Any] = []

    def refuse(address: Any, *_: object) -> None:
        tried.append(address)
        raise OSError("no connection in this test")

    monkeypatch.setattr(socket, "create_connection", refuse)
    return tried


def test_the_table_of_addresses_is_long_enough() -> None:
    assert len(PRIVATE) + len(UNSOUND) >= 60


@pytest.mark.parametrize("host", PRIVATE)
def test_no_connection_is_made_to_what_is_not_public(host: str, nowhere: list[Any]) -> None:
    told = refusal(f"http://{host}/a.json", Policy(1 << 20))

    assert "no public address" in told
    assert nowhere == []


@pytest.mark.parametrize("host", ["93.184.215.14", "[2606:2800:220:1:248:1893:25c8:1946]"])
def test_a_public_address_is_tried(host: str, nowhere: list[Any]) -> None:
    assert "no connection in this test" in refusal(f"http://{host}/a.json", Policy(1 << 20))

    assert nowhere == [(host.strip("[]"), 80)]


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "[::1]"])
def test_the_setting_allows_private_addresses(host: str, nowhere: list[Any]) -> None:
    refusal(f"http://{host}/a.json", OPEN)

    assert nowhere == [(host.strip("[]"), 80)]


@pytest.mark.parametrize("url", UNSOUND)
def test_a_url_that_is_not_sound_is_refused(url: str, nowhere: list[Any]) -> None:
    told = refusal(url, OPEN)

    assert "secret" not in told
    assert nowhere == []


def test_one_private_address_among_public_ones_is_enough(nowhere: list[Any]) -> None:
    policy = Policy(1, resolving=lambda name, port: ["93.184.215.14", "10.0.0.1"])

    assert "10.0.0.1 is no public address" in refusal("http://mixed.test/a.json", policy)
    assert nowhere == []


def test_a_name_that_changes_its_meaning_gains_nothing(nowhere: list[Any]) -> None:
    answers = iter([["93.184.215.14"], ["127.0.0.1"], ["127.0.0.1"]])
    policy = Policy(1, resolving=lambda name, port: next(answers))

    refusal("http://rebound.test/a.json", policy)

    assert nowhere == [("93.184.215.14", 80)]
    assert next(answers) == ["127.0.0.1"], "the name was resolved more than once"


def test_the_host_of_the_url_is_asked_for_at_the_address_that_was_checked(origin: Origin) -> None:
    origin.gives_file("/a.json", BODY)
    policy = Policy(1 << 20, True, resolving=lambda name, port: ["127.0.0.1"])

    assert content(got(origin.url("/a.json", "releases.test"), policy)) == BODY
    assert origin.asked[0][1]["Host"] == f"releases.test:{origin.port}"


@pytest.mark.parametrize(("name", "fits"), [("releases.test", True), ("other.test", False)])
def test_tls_is_verified_for_the_name_of_the_url(name: str, fits: bool) -> None:
    policy = Policy(1 << 20, True, lambda name, port: ["127.0.0.1"], verify=str(CERTIFICATE))
    with serving(tls=True) as origin:
        origin.gives_file("/a.json", BODY)
        url = f"https://{name}:{origin.port}/a.json"

        if fits:
            assert content(got(url, policy)) == BODY
        else:
            assert "certificate" in refusal(url, policy)
    assert origin.names == [name]


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    policy = Policy(1 << 20, True, lambda name, port: ["127.0.0.1"])
    with serving(tls=True) as origin:
        told = refusal(f"https://releases.test:{origin.port}/a.json", policy)

    assert "certificate" in told


def test_the_environment_names_no_proxy(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert content(got(origin.gives_file("/a.json", BODY))) == BODY


# Redirects


def moved(origin: Origin, path: str, target: str) -> str:
    return origin.gives(path, head(302, Location=target, Content_Length="0"))


def test_three_redirects_are_followed_and_a_fourth_is_not(origin: Origin) -> None:
    origin.gives_file("/end.json", BODY)
    for number in range(1, 5):
        target = f"/{number - 1}.json" if number > 1 else "/end.json"
        moved(origin, f"/{number}.json", target)

    assert content(got(origin.url("/3.json"))) == BODY
    assert "more than 3 times" in refusal(origin.url("/4.json"))


def test_each_redirect_is_checked_like_the_first(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "is_public", lambda address: address == "127.0.0.1")
    url = moved(origin, "/a.json", origin.url("/b.json", "127.0.0.2"))
    origin.gives_file("/b.json", BODY)

    assert "127.0.0.2 is no public address" in refusal(url, Policy(1 << 20))
    assert content(got(origin.url("/b.json"), Policy(1 << 20))) == BODY
    assert len(origin.asked) == 2


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://u:p@127.0.0.1/", "ftp://x/"])
def test_a_redirect_leads_only_to_sound_urls(origin: Origin, target: str) -> None:
    refusal(moved(origin, "/a.json", target))

    assert len(origin.asked) == 1


def test_no_redirect_leads_from_https_to_http(origin: Origin) -> None:
    policy = Policy(1 << 20, True, lambda name, port: ["127.0.0.1"], verify=str(CERTIFICATE))
    plain = origin.gives_file("/a.json", BODY)
    with serving(tls=True) as secure:
        moved(secure, "/a.json", plain)
        told = refusal(f"https://releases.test:{secure.port}/a.json", policy)

    assert "from https" in told
    assert origin.asked == []


# Whole


def test_a_body_that_ends_early_is_refused_wherever_it_is_cut(origin: Origin) -> None:
    for length in range(len(BODY)):
        start = head(200, Content_Length=str(len(BODY)))
        assert "truncated" in refusal(origin.gives("/a.json", start, BODY[:length])), length

    assert content(got(origin.gives("/a.json", start, BODY))) == BODY


def test_chunks_without_their_end_are_refused_wherever_they_are_cut(origin: Origin) -> None:
    start, whole = head(200, Transfer_Encoding="chunked"), chunked(BODY[:9], BODY[9:])
    for length in range(whole.index(b"0\r\n\r\n")):
        told = refusal(origin.gives("/a.json", start, whole[:length]))
        assert "truncated" in told, length

    assert content(got(origin.gives("/a.json", start, whole))) == BODY


def test_gzip_without_its_end_is_refused_wherever_it_is_cut(origin: Origin) -> None:
    packed = gzip.compress(BODY, mtime=0)
    for length in range(len(packed)):
        url = origin.gives_file("/a.json", packed[:length], Content_Encoding="gzip")
        assert "gzip" in refusal(url), length

    assert content(got(origin.gives_file("/a.json", packed, Content_Encoding="gzip"))) == BODY


def test_a_body_whose_end_nobody_tells_is_refused(origin: Origin) -> None:
    assert "where the file ends" in refusal(origin.gives("/a.json", head(200), BODY))


@pytest.mark.parametrize("status", [201, 204, 304, 400, 401, 404, 500, 503])
def test_any_other_status_is_told(origin: Origin, status: int) -> None:
    url = origin.gives("/a.json", head(status, Content_Length="0"))

    assert f"answered {status}" in refusal(url)


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "x"])
def test_other_codings_are_refused(origin: Origin, coding: str) -> None:
    assert "gzip" in refusal(origin.gives_file("/a.json", BODY, Content_Encoding=coding))


# Bounds


def test_a_file_has_at_most_so_many_bytes(origin: Origin) -> None:
    url = origin.gives_file("/a.json", BODY)

    assert content(got(url, Policy(len(BODY), True))) == BODY
    with pytest.raises(TooLarge):
        download(url, Policy(len(BODY) - 1, True))


@pytest.mark.parametrize("headers", [{"Transfer_Encoding": "chunked"}, {"Content_Length": "20"}])
def test_an_undeclared_size_is_counted(origin: Origin, headers: dict[str, str]) -> None:
    packed = gzip.compress(bytes(100_000))
    is_chunked = "Transfer_Encoding" in headers
    body = chunked(packed) if is_chunked else packed
    told = headers if is_chunked else {"Content_Length": str(len(packed))}
    url = origin.gives("/a.json", head(200, Content_Encoding="gzip", **told), body)

    with pytest.raises(TooLarge):
        download(url, Policy(99_999, True))


def test_a_bomb_is_stopped_by_its_ratio(origin: Origin) -> None:
    packed = gzip.compress(bytes(60 << 20))
    url = origin.gives_file("/a.json", packed, Content_Encoding="gzip")

    with pytest.raises(TooLarge, match="100 times"):
        download(url, Policy(1 << 30, True))


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 O", head(200, Content_Length="99")])
def test_a_server_that_takes_too_long_is_left(origin: Origin, start: bytes) -> None:
    url = origin.gives("/a.json", start, 0.6)

    assert "not whole after 0.2 s" in refusal(url, Policy(1 << 20, True, seconds=0.2))


def test_a_server_that_drips_is_left_in_time(origin: Origin) -> None:
    drops: list[bytes | float] = [part for byte in BODY for part in (bytes([byte]), 0.05)]
    url = origin.gives("/a.json", head(200, Content_Length=str(len(BODY))), *drops)

    assert "not whole after 0.3 s" in refusal(url, Policy(1 << 20, True, seconds=0.3))


# Form


@pytest.mark.parametrize(
    ("path", "media_type", "suffix"),
    [
        ("/a.json", "text/html", ".json"),
        ("/a.ndjson?x=a.yaml", "application/json", ".ndjson"),
        ("/a.yml", "", ".yml"),
        ("/export", "application/x-ndjson", ".ndjson"),
        ("/export", "application/json; charset=utf-8", ".json"),
        ("/a.bin", "APPLICATION/YAML", ".yaml"),
    ],
)
def test_the_name_or_the_media_type_says_the_form(
    origin: Origin, path: str, media_type: str, suffix: str
) -> None:
    found = got(origin.gives_file(path, BODY, Content_Type=media_type))

    found.content.file.close()
    assert found.suffix == suffix


@pytest.mark.parametrize("media_type", ["", "text/html", "application/zip", "text/plain"])
def test_a_form_that_nobody_tells_is_refused(origin: Origin, media_type: str) -> None:
    assert "media type" in refusal(origin.gives_file("/a", BODY, Content_Type=media_type))


def test_what_did_not_change_is_not_sent_again(origin: Origin) -> None:
    url = origin.gives_file("/a.json", BODY, ETag='"1"', Last_Modified="Thu, 06 Jan 2022 00:00:00")
    found = got(url)
    found.content.file.close()
    origin.gives("/a.json", head(304, Content_Length="0"))

    assert download(url, OPEN, found.validators) is None
    assert origin.asked[0][1].get("If-None-Match") is None
    assert origin.asked[1][1]["If-None-Match"] == '"1"'
    assert origin.asked[1][1]["If-Modified-Since"].startswith("Thu, 06 Jan")


def test_no_validators_no_condition() -> None:
    assert Validators().headers == {}


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        *[("https://x/a", True), ("HTTP://x/a", True), ("http:/x", False), ("-", False)],
        *[("folder/http", False), ("ftp://x", False), ("https", False)],
    ],
)
def test_a_url_is_told_from_a_path(source: str, answer: bool) -> None:
    assert is_url(source) is answer


def test_a_report_quotes_no_key_of_a_url() -> None:
    told = name_of("https://user:word@example.org:8/a.json?key=secret#part")

    assert told == "https://example.org:8/a.json"
    assert json.dumps(told).count("secret") == 0
