"""What the API's query strings may say: one vocabulary for every address."""

import re
from collections.abc import Iterable
from datetime import date

from rest_framework.request import Request

from api.exceptions import UnknownValue, WrongValue, shortened
from packages.clients import OTHER
from packages.headline import RECENT
from packages.mirrors import MAIN_SYSTEMS, NULL, Dimension, category, category_order
from packages.snapshot import Snapshot

RELEASED_MINORS = frozenset(
    [f"2.{minor}" for minor in range(8)] + [f"3.{minor}" for minor in range(17)]
)
"""Pythons that may be asked for although nobody has downloaded with them yet."""

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NUMBER = re.compile(r"[0-9]{1,9}")
PERIODS = {str(period): period.field for period in RECENT}
TRUTH = {"true": True, "false": False}
MOST_NAMES, LARGEST_PAGE = 500, 1000


def choice(request: Request, parameter: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed value that ``parameter`` names, in any case; None if absent.

    Raise ``UnknownValue`` for any other, and for a parameter given twice.
    """
    values = request.query_params.getlist(parameter)
    if not values:
        return None
    allowed = list(allowed)
    known = {value.lower(): value for value in reversed(allowed)}
    if len(values) == 1 and values[0] in allowed:
        return values[0]
    if len(values) > 1 or values[0].lower() not in known:
        raise UnknownValue(parameter, ", ".join(values), allowed)
    return known[values[0].lower()]


def truth(request: Request, parameter: str) -> bool | None:
    """Return whether ``parameter`` says true; None if absent."""
    asked = choice(request, parameter, TRUTH)
    return TRUTH[asked] if asked else None


def days_asked(request: Request) -> tuple[date, date]:
    """Return the first and the last day asked for, both included."""
    first = _day(request, "start_date") or date.min
    last = _day(request, "end_date") or date.max
    if first > last:
        message = f"start_date {first} lies after end_date {last}."
        raise WrongValue(message)
    return first, last


def number(request: Request, parameter: str, default: int, most: int) -> int:
    """Return the number from 1 to ``most`` that ``parameter`` names."""
    given = only_value(request, parameter)
    if given is None:
        return default
    if NUMBER.fullmatch(given) and 1 <= int(given) <= most:
        return int(given)
    message = f"{parameter} is {shortened(given)}; give a number from 1 to {most}."
    raise WrongValue(message)


def only_value(request: Request, parameter: str) -> str | None:
    """Return the value of ``parameter``; None if absent."""
    values = request.query_params.getlist(parameter)
    if len(values) > 1:
        message = f"{parameter} is given {len(values)} times; give it once."
        raise WrongValue(message)
    return values[0] if values else None


def asked_category(
    request: Request, parameter: str, dimension: Dimension, state: Snapshot
) -> str | None:
    """Return the category of ``dimension`` that is asked for; None for all of them."""
    if parameter not in request.query_params:
        return None
    return choice(request, parameter, categories(dimension, state))


def categories(dimension: Dimension, state: Snapshot) -> list[str]:
    """The categories of ``dimension`` that may be asked for, in their order."""
    if dimension is Dimension.CI:
        return list(TRUTH)
    if dimension is Dimension.SYSTEM:
        return [*MAIN_SYSTEMS, OTHER, NULL]
    name = f"categories of {dimension}"
    return state.remembered(name, lambda: _categories(dimension, state))


def _categories(dimension: Dimension, state: Snapshot) -> list[str]:
    seen = {category(client, dimension) for client in state.clients}
    always = _released(dimension) | {OTHER, NULL}
    return sorted(seen | always, key=category_order)


def _released(dimension: Dimension) -> frozenset[str]:
    if dimension is Dimension.PYTHON_MINOR:
        return RELEASED_MINORS
    if dimension is Dimension.PYTHON_MAJOR:
        return frozenset(version.partition(".")[0] for version in RELEASED_MINORS)
    return frozenset()


def _day(request: Request, parameter: str) -> date | None:
    """Return the day that ``parameter`` names; None if absent."""
    values = request.query_params.getlist(parameter)
    if not values:
        return None
    try:
        if len(values) == 1 and DAY.fullmatch(values[0]):
            return date.fromisoformat(values[0])
    except ValueError:
        pass
    given = shortened(", ".join(values))
    message = f"{parameter} is {given}; give one day as YYYY-MM-DD."
    raise WrongValue(message)
