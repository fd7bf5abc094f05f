"""A release from a URL: got whole, bounded in size and time, and only from where it may come.

Nothing of the environment takes part: no proxy, no password file. What is got lies in a temporary
file before any of it is read, so that a slow or broken server holds nothing up in the store.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import IncompleteRead
from threading import Timer
from typing import NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError, ProtocolError

from service import __version__
from service.errors import Refused, TooLarge
from service.loader.addresses import CheckedAdapter, Forbidden, Resolve, resolve
from service.loader.release import files
from service.loader.spooling import Spooled, sized, spooled, unpacked
from service.model import Flaw, Place

SCHEMES = ("http", "https")
REDIRECTS = 3
READ_SECONDS = 30.0
SECONDS = 900.0
"""How long a server may be silent, and how long all of it may take."""

MEDIA_TYPES = {
    "application/x-ndjson": ".ndjson",
    "application/ndjson": ".ndjson",
    "application/jsonl": ".ndjson",
    "application/json": ".json",
    "application/yaml": ".yaml",
    "application/x-yaml": ".yaml",
    "text/yaml": ".yaml",
}
"""Media type to suffix, where the URL has none."""

_SUFFIXES = (*files.YAML, *files.JSON, *files.NDJSON)
_STEP = 1 << 16


class Validators(NamedTuple):
    """What a server says of a state of a file, to ask later whether it changed."""

    etag: str | None = None
    last_modified: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The conditional headers."""
        told = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in told.items() if value}


class Downloaded(NamedTuple):
    """A file as a server gave it, its form as a suffix, and its validators."""

    content: Spooled
    suffix: str
    validators: Validators


@dataclass(frozen=True)
class Policy:
    """Where a release may come from, and how much of it. `verify` is a file of authorities."""

    most: int
    allow_private: bool = False
    resolving: Resolve = resolve
    verify: bool | str = True
    seconds: float = SECONDS


def is_url(source: str) -> bool:
    """Say whether a release is named by a URL."""
    return source.partition("://")[0].lower() in SCHEMES and "://" in source


def name_of(url: str) -> str:
    """Return a URL as a report may quote it: without its query, which can hold a key."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the URL"
    return SplitResult(parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "").geturl()


UNKNOWN = Validators()


def download(url: str, policy: Policy, known: Validators = UNKNOWN) -> Downloaded | None:
    """Return what a URL leads to, or None where the server says that it did not change.

    Raises `Refused` for an address that is not allowed and for what is broken or cut short, and
    `TooLarge`.
    """
    name = name_of(url)
    adapter = CheckedAdapter(allow_private=policy.allow_private, resolving=policy.resolving)
    clock = Timer(policy.seconds, adapter.cut)
    clock.daemon = True
    clock.start()
    try:
        return _got(adapter, url, policy, known)
    except (requests.RequestException, HTTPError, OSError, UnicodeError, Forbidden) as error:
        raise _refused(name, _plain(error)) from None
    finally:
        clock.cancel()


def _got(adapter: CheckedAdapter, url: str, policy: Policy, known: Validators) -> Downloaded | None:
    with requests.Session() as session:
        session.trust_env = False
        for scheme in SCHEMES:
            session.mount(f"{scheme}://", adapter)
        try:
            with closing(_answer(session, url, policy, known)) as answer:
                if answer.status_code == requests.codes.not_modified and known.headers:
                    return None
                return _downloaded(answer, name_of(url), policy)
        except Exception:
            if adapter.is_cut:
                detail = f"not whole after {policy.seconds:g} s"
                raise _refused(name_of(url), detail) from None
            raise


def _answer(
    session: requests.Session, url: str, policy: Policy, known: Validators
) -> requests.Response:
    """Return the answer at the end of the redirects, each of which is judged as the first."""
    name = name_of(url)
    for _ in range(REDIRECTS + 1):
        _require_sound(url, name)
        answer = session.get(
            url,
            headers=_headers(known),
            stream=True,
            allow_redirects=False,
            timeout=READ_SECONDS,
            verify=policy.verify,
        )
        if not answer.is_redirect:
            return answer
        target = urljoin(url, answer.headers["Location"])
        answer.close()
        if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
            raise _refused(name, "redirected from https to something else")
        url = target
    raise _refused(name, f"redirected more than {REDIRECTS} times")


def _require_sound(url: str, name: str) -> None:
    """Raise `Refused` for a URL that two readers could take for different ones."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound or not url.isascii() or not url.isprintable() or set(' \\<>"') & set(url):
        raise _refused(name, "not an http or https URL as it has to be written")
    if "@" in urlsplit(url).netloc:
        raise _refused(name, "a URL with a password in it: leave it out")


def _headers(known: Validators) -> Mapping[str, str]:
    return {
        "Accept": "application/x-ndjson, application/json, application/yaml, */*;q=0.1",
        "Accept-Encoding": "gzip",
        "Connection": "close",
        "User-Agent": f"recension/{__version__}",
        **known.headers,
    }


def _downloaded(answer: requests.Response, name: str, policy: Policy) -> Downloaded:
    if answer.status_code != requests.codes.ok:
        raise _refused(name, f"the server answered {answer.status_code}")
    coding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip"):
        raise _refused(name, "packed in a way that is not unpacked: only gzip is")
    suffix = _suffix(answer, name)
    chunks = _chunks(answer, name, policy)
    advice = "RECENSION_MAX_DOWNLOAD_BYTES is the limit"
    content = spooled(unpacked(chunks, name) if coding == "gzip" else chunks, policy.most, advice)
    told = Validators(answer.headers.get("ETag"), answer.headers.get("Last-Modified"))
    return Downloaded(content, suffix, told)


def _suffix(answer: requests.Response, name: str) -> str:
    """Return the form: by the name of the file, else by its media type."""
    for url in (name, name_of(answer.url)):
        if (suffix := files.suffix(urlsplit(url).path)) in _SUFFIXES:
            return suffix
    media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        detail = (
            f"neither its name nor its media type says that it is one of {', '.join(_SUFFIXES)}"
        )
        raise _refused(name, detail)
    return MEDIA_TYPES[media_type]


def _chunks(answer: requests.Response, name: str, policy: Policy) -> Iterator[bytes]:
    """Yield what the server sends, and refuse what ends before it is whole."""
    length = answer.headers.get("Content-Length")
    is_chunked = "chunked" in answer.headers.get("Transfer-Encoding", "").lower()
    if length is None and not is_chunked:
        raise _refused(name, "the server does not say where the file ends")
    if length is not None and length.isdigit() and int(length) > policy.most:
        raise TooLarge(f"{name} has more than {sized(policy.most)}")
    size = 0
    for chunk in answer.raw.stream(_STEP, decode_content=False):
        size += len(chunk)
        yield chunk
    if length is not None and str(size) != length:
        raise _refused(name, f"truncated: {size} of {length} bytes came")


def _refused(name: str, detail: str) -> Refused:
    return Refused(f"{name} cannot be loaded: {detail}", [Flaw(Place(name), detail)])


def _plain(error: BaseException) -> str:
    """Say what went wrong in the words of where it began; a transport wraps it many times."""
    is_cut = False
    while error.__context__ is not None:
        is_cut = is_cut or isinstance(error, ProtocolError)
        error = error.__context__
    if isinstance(error, TimeoutError):
        return "the server is silent"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if is_cut or isinstance(error, (IncompleteRead, ProtocolError)):
        return "truncated: the connection ended before the file did"
    return str(error) or type(error).__name__
