"""How many answers a client has had: django-ratelimit counts, here is who and what."""

import logging
import time
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django_ratelimit.core import get_usage

from api import rates
from api.rates import Rate
from packages.circuit_breaker import CircuitBreaker
from packages.counters import counter_errors

MOST_SEEN = 10_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ApiClient:
    """Whom answers are counted for, and how many times the rates they may have."""

    key: str
    factor: int = 1


@dataclass(frozen=True, slots=True)
class Usage:
    """What a client has used of one rate; ``count`` includes refused requests."""

    rate: Rate
    count: int
    reset: int
    """Whole seconds after which the window is surely over, at least 1."""

    @property
    def remaining(self) -> int:
        return max(0, self.rate.limit - self.count)

    @property
    def is_exceeded(self) -> bool:
        return self.count > self.rate.limit


Usages = list[Usage]


@dataclass(frozen=True, slots=True)
class Terms:
    """The rates that hold for a client in one scope, and the header that says so."""

    rates: tuple[Rate, ...]
    policy: str


def terms_of(client: ApiClient, scope: str) -> Terms:
    return _terms(settings.API_RATE_LIMITS or rates.DEFAULTS, scope, client.factor)


@lru_cache(maxsize=256)
def _terms(text: str, scope: str, factor: int) -> Terms:
    held = tuple(rate.times(factor) for rate in rates.parse_rates(text)[scope])
    policies = (f'"{rate.policy}";q={rate.limit};w={rate.seconds}' for rate in held)
    return Terms(held, ", ".join(policies))


def count(request: HttpRequest, client: ApiClient, scope: str) -> Usages:
    """Count one answer; return what is used, nothing if the counter is down.

    What a rate refuses is not counted against those that stand behind it.
    """
    usages = _ask(request, client, scope, increment=True)
    _remember(client, scope, usages)
    return usages


def peek(request: HttpRequest, client: ApiClient, scope: str) -> Usages:
    """Return what is used without counting, as of this second at worst."""
    second, usages = _seen.get((client.key, scope), (0, []))
    if second != int(time.time()):
        usages = _ask(request, client, scope, increment=False)
        _remember(client, scope, usages)
    return usages


def _remember(client: ApiClient, scope: str, usages: Usages) -> None:
    if len(_seen) >= MOST_SEEN:
        _seen.clear()
    _seen[client.key, scope] = int(time.time()), usages


_seen: dict[tuple[str, str], tuple[int, Usages]] = {}


def _ask(
    request: HttpRequest, client: ApiClient, scope: str, *, increment: bool
) -> Usages:
    if _counter.is_open():
        return []
    usages: Usages = []
    try:
        for rate in terms_of(client, scope).rates:
            refused = any(usage.is_exceeded for usage in usages)
            wanted = increment and not refused
            usages += _usage(request, client, rate, increment=wanted)
    except counter_errors() as error:
        _counter.failed(error)
        return []
    return usages


def _usage(
    request: HttpRequest, client: ApiClient, rate: Rate, *, increment: bool
) -> Usages:
    used = get_usage(
        request,
        group=rate.policy,
        key=lambda _group, _request: client.key,
        rate=(rate.limit, rate.seconds),
        increment=increment,
    )
    if used is None:
        return []
    # A window includes the second that it ends with, so one more is to be waited.
    return [Usage(rate, used["count"], used["time_left"] + 1)]


_counter = CircuitBreaker(logger, "Rate limits are not counted, answers go on")


def forget() -> None:
    """Forget what this process remembers of the counter."""
    _seen.clear()
    _counter.reset()
