"""Which addresses a URL may lead to, and a transport that connects to the very one it checked.

A name is resolved once for each connection; each address that it has is judged, and the connection
is made to one of these, so a name that means something else a moment later gains nothing. The Host
header and what TLS verifies stay those of the URL.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

Resolve = Callable[[str, int], list[str]]
"""Answers a name and a port with the addresses that the name has."""

METADATA = frozenset({ip_address("168.63.129.16")})
"""Public by number, but inside a cloud it answers for the machine itself."""

UNICAST = ip_network("2000::/3")
"""What of IPv6 is given out to anyone; IPv4 in disguise lies outside, but for the next ones."""

NOBODY = tuple(map(ip_network, ("2001::/32", "2002::/16", "3fff::/20")))
"""Tunnels, in which a private IPv4 address can hide, and examples in books."""

CONNECT_SECONDS = 10.0


class Forbidden(Exception):
    """The address is none that a release may come from. Transports know nothing of it."""


def resolve(name: str, port: int) -> list[str]:
    """Return the addresses of a name, as the system knows them."""
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(text: str) -> bool:
    """Say whether an address belongs to the open internet."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and not _is_given_out(address):
        return False
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not special and address not in METADATA


def _is_given_out(address: IPv6Address) -> bool:
    if address.scope_id or address not in UNICAST:
        return False
    return not any(address in network for network in NOBODY)


class CheckedAdapter(HTTPAdapter):
    """Connects only to addresses that were checked; `allow_private` lets all pass."""

    def __init__(self, *, allow_private: bool, resolving: Resolve = resolve) -> None:
        self._check = _Checked(allow_private, resolving)
        super().__init__(max_retries=0)

    @property
    def is_cut(self) -> bool:
        """Whether its connections were cut."""
        return self._check.is_cut

    def cut(self) -> None:
        """End every connection, whatever it is doing: for a clock that runs out."""
        self._check.cut()

    def close(self) -> None:
        """Let go of everything."""
        super().close()
        self._check.close()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make pools whose connections ask this adapter where to connect."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self._check)


class _Checked:
    def __init__(self, allow_private: bool, resolving: Resolve) -> None:
        self._allow_private = allow_private
        self._resolve = resolving
        self._open: list[socket.socket] = []
        self.is_cut = False

    def cut(self) -> None:
        self.is_cut = True
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for connection in self._open:
            connection.close()

    def connect(self, name: str, port: int) -> socket.socket:
        """Return a connection to one of the addresses of a name. Raises OSError."""
        addresses = self._resolve(name.strip("[]"), port)
        for address in addresses:
            if not self._allow_private and not is_public(address):
                raise Forbidden(
                    f"{address} is no public address;"
                    " RECENSION_ALLOW_PRIVATE_ADDRESSES=true lets it"
                )
        fault: OSError = OSError(f"{name} has no address")
        for address in addresses:
            try:
                made = socket.create_connection((address, port), CONNECT_SECONDS)
            except OSError as error:
                fault = error
                continue
            # TLS takes the socket over; the second handle still reaches the connection.
            self._open.append(made.dup())
            return made
        raise fault


def _pools(check: _Checked) -> dict[str, Any]:
    """Return classes of pools by scheme: a connection of theirs opens its socket by the check."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return check.connect(self.host, int(self.port or 80))

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return check.connect(self.host, int(self.port or 443))

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
