"""The client behind proxies is found, and nobody can pass for somebody else."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from packages.client_address import client_address, client_key


def found(peer: str, forwarded: str | None = None) -> str:
    request = RequestFactory().get("/", REMOTE_ADDR=peer)
    if forwarded is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    return str(client_address(request))


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:c000:207", "192.0.2.7"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("192.0.2.7:50412", "192.0.2.7"),
        ("[2001:db8::1]:50412", "2001:db8::1"),
        ("", "None"),
        ("unix:", "None"),
    ],
)
def test_without_proxies_the_peer_is_the_client(peer: str, address: str) -> None:
    assert found(peer, forwarded="203.0.113.1") == address


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.1", "203.0.113.1"),
        # What the client wrote itself stands on the left.
        ("1.1.1.1, 203.0.113.1", "203.0.113.1"),
        ("10.0.0.3, 203.0.113.1", "203.0.113.1"),
        # Two proxies of ours, one behind the other.
        ("1.1.1.1, 203.0.113.1, 10.0.0.2", "203.0.113.1"),
        ("203.0.113.1,10.0.0.2,10.0.0.3", "203.0.113.1"),
        ("203.0.113.1, ::ffff:10.0.0.2", "203.0.113.1"),
        ("::ffff:203.0.113.1", "203.0.113.1"),
        ("203.0.113.1:4711", "203.0.113.1"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        # Junk ends the walk at the proxy that sent it.
        ("203.0.113.1, unknown", "10.0.0.1"),
        ("203.0.113.1, unknown, 10.0.0.2", "10.0.0.2"),
        ("unknown", "10.0.0.1"),
        ("203.0.113.256", "10.0.0.1"),
        ("203.0.113.1 10.0.0.2", "10.0.0.1"),
        ("\x00", "10.0.0.1"),
        ("٢٠٣.0.113.1", "10.0.0.1"),
        ("", "10.0.0.1"),
        (",,,", "10.0.0.1"),
        (None, "10.0.0.1"),
        # Only proxies in it: a request that one of them made itself.
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
    ],
)
def test_behind_proxies(
    settings: Settings, forwarded: str | None, address: str
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]

    assert found("10.0.0.1", forwarded) == address


@pytest.mark.parametrize("peer", ["203.0.113.9", "2001:db8::9", ""])
def test_nobody_else_is_believed(settings: Settings, peer: str) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8", "fd00::/8"]

    assert found(peer, "1.1.1.1") == (peer or "None")


def test_dual_stack_proxy_is_trusted_by_its_ipv4_address(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.1"]

    assert found("::ffff:10.0.0.1", "203.0.113.1") == "203.0.113.1"


def test_proxy_at_a_unix_socket(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["unix"]

    assert found("", "1.1.1.1, 203.0.113.1") == "203.0.113.1"
    assert found("192.0.2.7", "203.0.113.1") == "192.0.2.7"


def test_long_chain_ends_at_the_last_hop_that_is_looked_at(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    chain = ["203.0.113.1"] + ["10.0.0.2"] * 50_000

    assert found("10.0.0.1", ",".join(chain)) == "10.0.0.2"


@pytest.mark.parametrize(
    ("peer", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.8", "192.0.2.8"),
        # One bucket for the world, if it were taken for IPv6.
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.8", "192.0.2.8"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unix"),
    ],
)
def test_key_is_one_customers(peer: str, key: str) -> None:
    assert client_key(RequestFactory().get("/", REMOTE_ADDR=peer)) == key
