"""A Python version that passes, or falls below, a share of the downloads."""

import re
from collections.abc import Iterator, Mapping, Sequence

from packages.events.texts import Facts
from packages.events.thresholds import SHARE_MARGIN, SHARES

MINOR = re.compile(r"[0-9]+\.[0-9]+")

Week = Mapping[str, int]
"""Downloads by Python version."""


def passings(weeks: Sequence[Week]) -> Iterator[Facts]:
    """What the last of ``weeks`` (oldest first) passes that those before had not.

    A share is passed only by ``SHARE_MARGIN`` of it, up or down, so a version that
    moves along it does not pass it every week. Of several passed at once the last
    counts.
    """
    pythons = sorted(set().union(*weeks))
    for python in filter(MINOR.fullmatch, pythons):
        shares = [_share(week, python) for week in weeks]
        passed = [p for p in SHARES if _is_passed(shares, p)]
        if passed:
            is_up = shares[-1] > shares[-2]
            yield {
                "python": python,
                "percent": max(passed) if is_up else min(passed),
                "direction": "up" if is_up else "down",
                "share": round(shares[-1], 2),
                "before": round(shares[-2], 2),
            }


def may_pass(before: Week, now: Week) -> bool:
    """Say whether ``passings`` can find anything, from the last two weeks alone."""
    pythons = filter(MINOR.fullmatch, before.keys() | now.keys())
    return any(_moves(_share(before, p), _share(now, p)) for p in pythons)


def _moves(before: float, now: float) -> bool:
    margins = [(p, SHARE_MARGIN * p) for p in SHARES]
    rises = (before < p + margin <= now for p, margin in margins)
    return any(rises) or any(now < p - margin <= before for p, margin in margins)


def _share(week: Week, python: str) -> float:
    return 100 * week.get(python, 0) / (sum(week.values()) or 1)


def _is_passed(shares: Sequence[float], percent: int) -> bool:
    was_above = shares[0] >= percent
    for share in shares[1:-1]:
        was_above = _is_above(share, percent, was_above)
    return _is_above(shares[-1], percent, was_above) != was_above


def _is_above(share: float, percent: int, was_above: bool) -> bool:  # noqa: FBT001
    margin = SHARE_MARGIN * percent
    return share >= percent - margin if was_above else share >= percent + margin
