"""Every answer of the API tells its client the limits, whoever made the answer."""

from collections.abc import Callable
from functools import lru_cache

from django.db import Error
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

from api import limits
from api.accounts import Account, account_of
from api.errors import refusal, speaks_json
from api.exceptions import TooManyRequests
from api.limits import Usages
from api.rates import DEFAULT, EXPENSIVE
from api.throttles import scope_of
from api.tokens import WrongToken, by_address, guesser

POLICY, STATE = "RateLimit-Policy", "RateLimit"
NEVER_CACHED = frozenset({401, 429})
"""What one client may not have, the next one behind the same cache may."""
NAME_AT = 3
"""Which part of /api/packages/NAME/recent is a name."""

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ClientLimits:
    """Refuse wrong tokens, and describe the limits on what comes back.

    Counting is the throttle's part: an answer that comes from a cache, or says that
    nothing changed, never reaches that.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not speaks_json(request.path):
            return self._get_response(request)
        response: HttpResponseBase
        try:
            account = account_of(request)
        except TooManyRequests as error:
            account = Account(guesser(request), EXPENSIVE)
            response = refusal(error, request)
        except (WrongToken, Error) as error:
            account = Account(by_address(request))
            response = refusal(error, request)
        else:
            response = self._get_response(request)
        _describe(request, account, response)
        return response


def _describe(
    request: HttpRequest, account: Account, response: HttpResponseBase
) -> None:
    if response.status_code in NEVER_CACHED:
        response.headers["Cache-Control"] = "no-store"
    scope = account.scope or _scope_of(request)
    terms = limits.terms_of(account.client, scope)
    if not terms.rates:
        return
    response.headers[POLICY] = terms.policy
    usages = account.usages
    if usages is None:
        usages = limits.peek(request, account.client, scope)
    if usages:
        response.headers[STATE] = _state(usages)


def _state(usages: Usages) -> str:
    return ", ".join(
        f'"{usage.rate.policy}";r={usage.remaining};t={usage.reset}' for usage in usages
    )


def _scope_of(request: HttpRequest) -> str:
    """The scope of what was asked for, where the answer came without its view."""
    parts = request.path_info.split("/", 4)
    if len(parts) > NAME_AT:
        parts[NAME_AT] = "name"  # of a package: all of them cost the same
    return scope_at(str(request.method), "/".join(parts))


@lru_cache(maxsize=256)
def scope_at(method: str, path: str) -> str:
    """Return by which limits an answer counts, ``DEFAULT`` where there is no view."""
    try:
        view = resolve(path).func
    except Resolver404:
        return DEFAULT
    name = method.lower()
    actions: dict[str, str] = getattr(view, "actions", None) or {}
    return scope_of(getattr(view, "cls", view), actions.get(name, name))
