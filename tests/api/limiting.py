"""What tests of the limits share."""

from collections.abc import Callable
from typing import Any

from django.test import Client

RECENT = "/api/packages/django/recent"


def limits_of(response: Any) -> tuple[str, str]:
    return response["RateLimit-Policy"], response["RateLimit"]


def remaining(response: Any) -> int:
    """Return what is left of the first rate."""
    return int(response["RateLimit"].partition(";r=")[2].partition(";")[0])


def statuses(number: int, get: Callable[[], Any]) -> list[int]:
    return [get().status_code for _ in range(number)]


def from_address(address: str, forwarded: str = "") -> Callable[[], Any]:
    """Return what asks from an address, as a server would hand it over."""
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    client = Client(headers=headers, REMOTE_ADDR=address)
    return lambda: client.get(RECENT)
