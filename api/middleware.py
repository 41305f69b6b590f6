"""Every answer of the API tells its client the limits, whoever made the answer."""

from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase

from api import limits
from api.accounts import Account, account_of
from api.errors import API_PREFIX, refusal
from api.limits import Usages
from api.throttles import scope_of
from api.tokens import WrongToken, by_address

POLICY, STATE, RETRY = "RateLimit-Policy", "RateLimit", "Retry-After"
EXPOSED = (POLICY, STATE, RETRY)
NEVER_CACHED = frozenset({401, 429})
"""What one client may not have, the next one behind the same cache may."""

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ClientLimits:
    """Refuse wrong tokens, and describe the limits on what comes back.

    Counting is the throttle's part: an answer that comes from a cache, or says that
    nothing changed, never reaches that.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(API_PREFIX):
            return self._get_response(request)
        response: HttpResponseBase
        try:
            account = account_of(request)
        except (WrongToken, InterfaceError, OperationalError) as error:
            account = Account(by_address(request))
            response = refusal(error)
        else:
            response = self._get_response(request)
        _describe(request, account, response)
        return _open_to_scripts(response)


def _describe(
    request: HttpRequest, account: Account, response: HttpResponseBase
) -> None:
    scope = account.scope or _scope_of(request)
    rates = limits.rates_of(account.client, scope)
    if not rates:
        return
    response[POLICY] = ", ".join(
        f'"{rate.policy}";q={rate.limit};w={rate.seconds}' for rate in rates
    )
    usages = account.usages
    if usages is None:
        usages = limits.peek(request, account.client, scope)
    if usages:
        response[STATE] = _state(usages)


def _state(usages: Usages) -> str:
    return ", ".join(
        f'"{usage.rate.policy}";r={usage.remaining};t={usage.reset}' for usage in usages
    )


def _scope_of(request: HttpRequest) -> str:
    """The scope of what was asked for; the default if nobody got as far as to know."""
    view = getattr(request.resolver_match, "func", None)
    method = str(request.method).lower()
    actions: dict[str, str] = getattr(view, "actions", None) or {}
    return scope_of(getattr(view, "cls", view), actions.get(method, method))


def _open_to_scripts(response: HttpResponseBase) -> HttpResponseBase:
    """Let scripts of every origin read the limits, refusals included."""
    if response.status_code in NEVER_CACHED:
        response["Cache-Control"] = "no-store"
    response.setdefault("Access-Control-Allow-Origin", "*")
    exposed = response.get("Access-Control-Expose-Headers", "")
    names = [name.strip() for name in exposed.split(",") if name.strip()]
    names += [name for name in EXPOSED if name not in names]
    response["Access-Control-Expose-Headers"] = ", ".join(names)
    return response
