"""Settings, read once from environment variables with the prefix `RECENSION_`."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from service.errors import Misconfigured

PREFIX = "RECENSION_"


@dataclass(frozen=True)
class Config:
    """How this process runs; each field is the variable of its name in capitals.

    `public_url` begins every absolute link; without one links name the address that is served.
    `trusted_hosts` are the Host values that are answered, or none for all.
    """

    database_url: str = "sqlite:///var/recension.db"
    bind: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    trusted_hosts: tuple[str, ...] = ()
    workers: int = 1
    threads: int = 4

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
        )


def _whole(given: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise Misconfigured(
            f"{PREFIX}{name.upper()} is {text!r}; it must be a whole number from {low} to {high}"
        )
    return int(text)


def _url(text: str) -> str:
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise Misconfigured(f"{PREFIX}PUBLIC_URL is {text!r}; it must be like https://data.example")
    return text.rstrip("/")
