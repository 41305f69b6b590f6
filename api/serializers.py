"""What the API's query strings may say."""

from collections.abc import Iterable

from rest_framework.request import Request

from api.errors import UnknownValue
from packages.clients import OTHER
from packages.mirrors import MAIN_SYSTEMS, NULL, Dimension, category, category_order
from packages.snapshot import Snapshot

RELEASED_MINORS = frozenset(
    [f"2.{minor}" for minor in range(8)] + [f"3.{minor}" for minor in range(17)]
)
"""Pythons that may be asked for although nobody has downloaded with them yet."""


def choice(request: Request, parameter: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed value that ``parameter`` names, in any case; None if absent.

    Raise ``UnknownValue`` for any other, and for a parameter given twice.
    """
    values = request.query_params.getlist(parameter)
    if not values:
        return None
    allowed = list(allowed)
    known = {value.lower(): value for value in allowed}
    if len(values) > 1 or values[0].lower() not in known:
        raise UnknownValue(parameter, ", ".join(values), allowed)
    return known[values[0].lower()]


def categories(dimension: Dimension, state: Snapshot) -> list[str]:
    """The categories of ``dimension`` that may be asked for, in their order."""
    if dimension is Dimension.SYSTEM:
        return [*MAIN_SYSTEMS, OTHER, NULL]
    key = f"categories of {dimension}"
    if key not in state.memo:
        state.memo[key] = _categories(dimension, state)
    found: list[str] = state.memo[key]
    return found


def _categories(dimension: Dimension, state: Snapshot) -> list[str]:
    seen = {category(client, dimension) for client in state.clients}
    released = (
        RELEASED_MINORS
        if dimension is Dimension.PYTHON_MINOR
        else {version.partition(".")[0] for version in RELEASED_MINORS}
    )
    return sorted(seen | released | {OTHER, NULL}, key=category_order)
