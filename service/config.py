"""Settings, read once from environment variables with the prefix `RECENSION_`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from service import tokens
from service.errors import Misconfigured
from service.tokens import Grant

MIB = 1 << 20

PREFIX = "RECENSION_"


@dataclass(frozen=True)
class Config:
    """How this process runs; each field is the variable of its name in capitals.

    `public_url` begins every absolute link; without one links name the address that is served.
    `trusted_hosts` are the Host values that are answered, or none for all.

    `tokens` says who may publish over HTTP: lines of `SCOPE:SHA256`, separated by commas or white
    space, as `recension token` prints them. The scope is a dataset or `*` for all, with `+create`
    where the dataset need not exist yet. Several lines may share a scope, so that a token can be
    replaced before the old one is taken out. Without a line publishing over HTTP is off.
    `threads` requests are worked on at once in each worker, and `waiting` more may wait; what comes
    beyond is answered 503. `query_seconds` is how long one question may take the store, and how
    long each step of a stream.

    `max_ingestion_bytes` bounds a release over HTTP, unpacked; `max_download_bytes` one that `load`
    gets from a URL. `allow_private_addresses` lets such a URL lead into a private network.
    `load_processes` is how many processes may read a large release for `load` and judge many series
    for `load` and `migrate`; 1 does it in that process itself, 0 is one for each processor.

    `cache_bytes` bounds the answers that each process keeps in memory; 0 keeps none.
    """

    database_url: str = "sqlite:///var/recension.db"
    bind: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    trusted_hosts: tuple[str, ...] = ()
    workers: int = 1
    threads: int = 4
    waiting: int = 64
    query_seconds: int = 30
    tokens: tuple[Grant, ...] = field(default=(), repr=False)
    max_ingestion_bytes: int = 64 * MIB
    max_download_bytes: int = 2048 * MIB
    allow_private_addresses: bool = False
    load_processes: int = 0
    cache_bytes: int = 64 * MIB

    @property
    def base_url(self) -> str:
        """The start of absolute links, without a final slash; never taken from a request."""
        if self.public_url:
            return self.public_url
        host = f"[{self.bind}]" if ":" in self.bind else self.bind
        return f"http://{host}:{self.port}"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Config":
        """Read the settings. Raises `Misconfigured` for a value that cannot work."""
        given = {
            name: environ[PREFIX + name.upper()]
            for name in cls.__dataclass_fields__
            if environ.get(PREFIX + name.upper())
        }
        hosts = tuple(h.strip() for h in given.get("trusted_hosts", "").split(",") if h.strip())
        return cls(
            database_url=given.get("database_url", cls.database_url),
            bind=given.get("bind", cls.bind),
            port=_whole(given, "port", cls.port, 1, 65_535),
            public_url=_url(given.get("public_url", "")),
            trusted_hosts=hosts,
            workers=_whole(given, "workers", cls.workers, 1, 64),
            threads=_whole(given, "threads", cls.threads, 1, 64),
            waiting=_whole(given, "waiting", cls.waiting, 1, 1024),
            query_seconds=_whole(given, "query_seconds", cls.query_seconds, 1, 3600),
            tokens=_grants(given.get("tokens", "")),
            max_ingestion_bytes=_bytes(given, "max_ingestion_bytes", cls.max_ingestion_bytes),
            max_download_bytes=_bytes(given, "max_download_bytes", cls.max_download_bytes),
            allow_private_addresses=_truth(given, "allow_private_addresses"),
            load_processes=_whole(given, "load_processes", cls.load_processes, 0, 64),
            cache_bytes=_whole(given, "cache_bytes", cls.cache_bytes, 0, 1 << 40),
        )


def _whole(given: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise Misconfigured(
            f"{PREFIX}{name.upper()} is {text!r}; it must be a whole number from {low} to {high}"
        )
    return int(text)


def _bytes(given: Mapping[str, str], name: str, default: int) -> int:
    return _whole(given, name, default, 1, 1 << 40)


def _truth(given: Mapping[str, str], name: str) -> bool:
    text = given.get(name, "false")
    if text not in ("true", "false"):
        raise Misconfigured(f"{PREFIX}{name.upper()} is {text!r}; it must be true or false")
    return text == "true"


def _grants(text: str) -> tuple[Grant, ...]:
    """Read the lines of tokens. No message repeats one: it may be a token that was put there."""
    found = []
    for number, line in enumerate(text.replace(",", " ").split(), 1):
        grant = tokens.parsed(line)
        if grant is None:
            raise Misconfigured(
                f"entry {number} of {PREFIX}TOKENS is not SCOPE:SHA256; take the line that"
                " `recension token` prints for it, never the token itself"
            )
        found.append(grant)
    return tuple(found)


def _url(text: str) -> str:
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise Misconfigured(f"{PREFIX}PUBLIC_URL is {text!r}; it must be like https://data.example")
    return text.rstrip("/")
