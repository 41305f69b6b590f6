"""How many charts a client may have drawn: those that are kept cost nothing."""

import logging

from django.conf import settings
from django.http import HttpRequest
from django_ratelimit.core import get_usage

from feeds.exceptions import ManyChartsError
from packages.circuit_breaker import CircuitBreaker
from packages.client_address import client_key
from packages.counters import counter_errors

CHARTS, SECONDS = 300, 60
"""A reader that shows a new feed asks for thirty at once."""

_counter = CircuitBreaker(
    logging.getLogger(__name__), "Charts are not counted, and drawn for all"
)


def count_chart(request: HttpRequest) -> None:
    """Count a chart that is to be drawn; raise ``ManyChartsError`` above the limit."""
    if settings.API_RATE_LIMITS.strip() == "off" or _counter.is_open():
        return
    try:
        used = get_usage(
            request,
            group="charts",
            key=lambda _group, _request: client_key(request),
            rate=(CHARTS, SECONDS),
            increment=True,
        )
    except counter_errors() as error:
        _counter.failed(error)
        return
    if used and used["count"] > CHARTS:
        raise ManyChartsError(CHARTS, used["time_left"] + 1)
