"""Whose request it is, right behind trusted proxies and not to be talked out of it."""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

UNIX_SOCKET = "unix"
"""How TRUSTED_PROXIES names a proxy that comes through a Unix socket."""
IPV6_CUSTOMER_BITS = 64
MOST_HOPS = 32

# "192.0.2.1:443", "[2001:db8::1]", "[2001:db8::1]:443"; some proxies add the port.
_WITH_PORT = re.compile(r"\[([^\[\]]*)\](?::\d{1,5})?|([\d.]+):\d{1,5}")


def client_address(request: HttpRequest) -> Address | None:
    """Return the client's address; None when only a Unix socket is known.

    ``X-Forwarded-For`` is believed as far as trusted proxies wrote it: from the right,
    and only if the peer is one of them. What a client wrote itself stands further left
    and is never reached.
    """
    address = _peer(request.META.get("REMOTE_ADDR", ""))
    proxies = trusted_proxies(tuple(settings.TRUSTED_PROXIES))
    if not proxies.trust(address):
        return address
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    for hop in reversed(forwarded.rsplit(",", MOST_HOPS)):
        named = parse_address(hop)
        if named is None:
            return address
        address = named
        if not proxies.trust(address):
            return address
    return address


def client_key(request: HttpRequest) -> str:
    """Return what one customer's requests have in common.

    That is the address, and of IPv6 the /64 network, in which anybody has as many
    addresses as they like.
    """
    return _key(client_address(request))


@lru_cache(maxsize=1024)
def _key(address: Address | None) -> str:
    if isinstance(address, IPv6Address):
        return str(ip_network((address, IPV6_CUSTOMER_BITS), strict=False))
    return str(address or UNIX_SOCKET)


@lru_cache(maxsize=1024)
def _peer(text: str) -> Address | None:
    return parse_address(text)


def parse_address(text: str) -> Address | None:
    """Return the address that ``text`` names, None if it names none.

    IPv4 clients of a dual-stack server come as ``::ffff:192.0.2.1``: those are IPv4.
    """
    text = text.strip()
    if match := _WITH_PORT.fullmatch(text):
        text = match[1] or match[2] or ""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


class TrustedProxies:
    """The networks whose word about a client is taken."""

    def __init__(self, names: Iterable[str]) -> None:
        wanted = set(names)
        self._socket = UNIX_SOCKET in wanted
        self._networks = [parse_network(name) for name in wanted - {UNIX_SOCKET}]

    def trust(self, address: Address | None) -> bool:
        if address is None:
            return self._socket
        return any(address in network for network in self._networks)


@lru_cache(maxsize=8)
def trusted_proxies(names: tuple[str, ...]) -> TrustedProxies:
    return TrustedProxies(names)


def parse_network(name: str) -> Network:
    """Return the network or single address; raise ``ValueError`` for anything else."""
    return ip_network(name)
