"""Days summed to weeks and months, and which of those are whole."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from packages.models.downloads import month_of
from packages.stats import Series


class Granularity(StrEnum):
    """What one row of a series stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def start(self, day: date) -> date:
        """Return the first day of the period that ``day`` lies in (ISO weeks)."""
        match self:
            case Granularity.DAY:
                return day
            case Granularity.WEEK:
                return day - timedelta(days=day.weekday())
            case Granularity.MONTH:
                return month_of(day)

    def length(self, start: date) -> int:
        """Return how many days the period beginning on ``start`` has."""
        match self:
            case Granularity.DAY:
                return 1
            case Granularity.WEEK:
                return 7
            case Granularity.MONTH:
                return (month_of(start + timedelta(days=31)) - start).days


def summed(
    series: Series, granularity: Granularity, whole: Collection[date] | None = None
) -> Series:
    """Add up each category's days by period, under the period's first day.

    With ``whole``, only the periods that begin on one of its days are kept.
    """
    return {
        category: _by_period(by_day, granularity, whole)
        for category, by_day in series.items()
    }


def _by_period(
    by_day: Mapping[date, int], granularity: Granularity, whole: Collection[date] | None
) -> dict[date, int]:
    sums: dict[date, int] = {}
    for day, downloads in by_day.items():
        start = granularity.start(day)
        if whole is None or start in whole:
            sums[start] = sums.get(start, 0) + downloads
    return sums


def whole_periods(days: Iterable[date], granularity: Granularity) -> set[date]:
    """Return the first days of the periods whose every day is among ``days``."""
    found: dict[date, int] = {}
    for day in days:
        start = granularity.start(day)
        found[start] = found.get(start, 0) + 1
    return {start for start, n in found.items() if n == granularity.length(start)}
