"""What linehaul, the parser behind the public data set, makes of a user agent."""

import logging
from typing import NamedTuple

from cattrs.errors import BaseValidationError
from linehaul.ua.parser import parse

MAX_LENGTH = 4_096
"""Longer user agents are unknown: some of linehaul's patterns take quadratic time."""

# It writes a traceback for each agent whose own version or JSON makes no sense, which
# here is an everyday case and counted as unknown.
logging.getLogger("linehaul.ua.impl").setLevel(logging.CRITICAL)


class Details(NamedTuple):
    """The parts of a user agent that are counted; None is what was not sent."""

    installer: str | None = None
    python: str | None = None
    system: str | None = None
    ci: bool | None = None


UNKNOWN = Details()


def details_of(agent: str) -> Details | None:
    """Return what ``agent`` says, or None when linehaul drops its requests.

    Agents that linehaul does not know, or chokes on, have details of None only.
    """
    if len(agent) > MAX_LENGTH:
        return UNKNOWN
    try:
        parsed = parse(agent)
    # Unknown agents; JSON that is no object; JSON of other types than expected; JSON
    # so deep that it cannot be shown as text.
    except (ValueError, TypeError, BaseValidationError, RecursionError):
        return UNKNOWN
    if parsed is None:
        return None
    return Details(
        installer=_storable(parsed.installer.name) if parsed.installer else None,
        python=_storable(parsed.python),
        system=_storable(parsed.system.name) if parsed.system else None,
        ci=parsed.ci,
    )


def _storable(text: str | None) -> str | None:
    """Replace lone surrogates, which JSON can spell and UTF-8 cannot."""
    return None if text is None else text.encode(errors="replace").decode()
