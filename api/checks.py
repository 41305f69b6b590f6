"""System checks of what the settings say about clients: limits, proxies, Redis."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from api.rates import DEFAULTS, RatesError, parse_rates
from packages.client_address import UNIX_SOCKET, parse_network

REDIS_SCHEMES = ("redis", "rediss", "unix")


@register()
def check_clients(
    app_configs: Sequence[Any] | None, **kwargs: object
) -> list[CheckMessage]:
    return [*_rate_messages(), *_proxy_messages(), *_redis_messages()]


def _rate_messages() -> list[CheckMessage]:
    try:
        parse_rates(settings.API_RATE_LIMITS or DEFAULTS)
    except RatesError as error:
        hint = f"Set it to rates such as {DEFAULTS!r}, or to 'off'."
        return [Error(f"API_RATE_LIMITS: {error}.", hint=hint, id="api.E001")]
    return []


def _proxy_messages() -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    for name in settings.TRUSTED_PROXIES:
        try:
            is_everybody = name != UNIX_SOCKET and parse_network(name).prefixlen == 0
        except ValueError as error:
            hint = f"Set it to addresses, networks or {UNIX_SOCKET!r}, comma-separated."
            messages.append(
                Error(f"TRUSTED_PROXIES: {error}.", hint=hint, id="api.E002")
            )
            continue
        if is_everybody:
            hint = "Name your proxies only: everybody could pass for anybody."
            messages.append(
                Error(f"TRUSTED_PROXIES trusts {name}.", hint=hint, id="api.E003")
            )
    return messages


def _redis_messages() -> list[CheckMessage]:
    if not settings.REDIS_URL or _is_redis(settings.REDIS_URL):
        return []
    return [
        Error(
            "REDIS_URL is no address of a Redis server.",
            hint="Set it to one such as redis://127.0.0.1:6379/0.",
            id="api.E004",
        )
    ]


def _is_redis(text: str) -> bool:
    try:
        address = urlsplit(text)
        has_port = address.port != 0
    except ValueError:
        return False
    return has_port and address.scheme in REDIS_SCHEMES
