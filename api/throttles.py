"""The limits as REST framework applies them, before a view computes anything."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from rest_framework.exceptions import APIException, Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from api import limits
from api.accounts import account_of
from api.limits import Usage
from api.rates import DEFAULT, EXPENSIVE

if TYPE_CHECKING:  # the views import what their settings name
    from rest_framework.views import APIView

F = TypeVar("F", bound=Callable[..., Any])

SCOPE = "throttle_scope"
FREE = frozenset({"OPTIONS"})
"""What says only how to ask; browsers send it by themselves."""


def expensive(handler: F) -> F:
    """Count a view's method, or its class, by the limits of expensive answers."""
    setattr(handler, SCOPE, EXPENSIVE)
    return handler


class TooManyRequests(Throttled):
    """A rate is used up; ``wait`` seconds later it is not."""

    def __init__(self, usage: Usage) -> None:
        rate = usage.rate
        detail = (
            f"Too many requests: the limit is {rate.limit} in"
            f" {_seconds(rate.seconds)}. Come back in {_seconds(usage.reset)}."
        )
        # Throttled would say the same once more, in its own words.
        APIException.__init__(self, detail)
        self.wait = usage.reset


def _seconds(number: int) -> str:
    return "1 second" if number == 1 else f"{number} seconds"


class RateThrottle(BaseThrottle):
    """Count every computed answer, and refuse those beyond a rate."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if request.method in FREE:
            return True
        plain = request._request
        account = account_of(plain)
        name = getattr(view, "action", None) or str(request.method).lower()
        account.scope = scope_of(view, name)
        account.usages = limits.count(plain, account.client, account.scope)
        exceeded = [usage for usage in account.usages if usage.is_exceeded]
        if exceeded:
            raise TooManyRequests(max(exceeded, key=lambda usage: usage.reset))
        return True


def scope_of(view: object, method: str) -> str:
    handler = getattr(view, "get" if method == "head" else method, None)
    return str(getattr(handler, SCOPE, None) or getattr(view, SCOPE, DEFAULT))
