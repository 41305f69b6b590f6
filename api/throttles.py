"""The limits as REST framework applies them, before a view computes anything."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from api import limits
from api.accounts import account_of
from api.exceptions import refuse_if_exceeded
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
        refuse_if_exceeded(account.usages)
        return True


def scope_of(view: object, method: str) -> str:
    handler = getattr(view, "get" if method == "head" else method, None)
    return str(getattr(handler, SCOPE, None) or getattr(view, SCOPE, DEFAULT))
