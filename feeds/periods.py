"""Days, ISO weeks and months: what an item of a feed is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property

from packages.coverage import Days
from packages.snapshot import Window

DAY = timedelta(days=1)
YEAR_OF_WEEKS = timedelta(weeks=52)
"""A year ago on the same weekday."""


class Every(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


BEFORE = {
    Every.DAY: "the day before",
    Every.WEEK: "the week before",
    Every.MONTH: "the month before",
}


@dataclass(frozen=True)
class Period:
    """A day, an ISO week or a calendar month; both ends are included.

    Its names are spelled once: one period stands in the feeds of all packages.
    """

    every: Every
    first: date
    last: date

    @classmethod
    def around(cls, every: Every, day: date) -> Period:
        match every:
            case Every.DAY:
                return cls(every, day, day)
            case Every.WEEK:
                first = day - day.weekday() * DAY
                return cls(every, first, first + 6 * DAY)
            case Every.MONTH:
                first = day.replace(day=1)
                next_month = (first + 31 * DAY).replace(day=1)
                return cls(every, first, next_month - DAY)

    @classmethod
    def of_key(cls, key: str) -> Period | None:
        """Return the period that ``key`` names, or None; the opposite of ``key``."""
        for every, form in ((Every.WEEK, "%G-W%V-%u"), (Every.MONTH, "%Y-%m-%d")):
            try:
                first = datetime.strptime(f"{key}-1", form).replace(tzinfo=UTC).date()
                found = cls.around(every, first)
            except (ValueError, OverflowError):
                continue
            return found if found.key == key else None
        try:
            day = date.fromisoformat(key)
        except ValueError:
            return None
        return cls.around(Every.DAY, day) if day.isoformat() == key else None

    @cached_property
    def key(self) -> str:
        """The period's permanent name: ``2026-11-18``, ``2026-W46`` or ``2026-11``."""
        match self.every:
            case Every.DAY:
                return self.first.isoformat()
            case Every.WEEK:
                year, week, _ = self.first.isocalendar()
                return f"{year}-W{week:02}"
            case Every.MONTH:
                return f"{self.first:%Y-%m}"

    @cached_property
    def when(self) -> str:
        match self.every:
            case Every.DAY:
                return f"on {self.key}"
            case Every.WEEK:
                return f"in week {self.first.isocalendar().week}"
            case Every.MONTH:
                return f"in {self.first:%B %Y}"

    @cached_property
    def words(self) -> str:
        """The period in full, for a table's line."""
        match self.every:
            case Every.DAY:
                return f"{self.first:%A}, {self.key}"
            case Every.WEEK:
                year, week, _ = self.first.isocalendar()
                return f"Week {week} of {year}, {self.first} to {self.last}"
            case Every.MONTH:
                return f"{self.first:%B %Y}"

    @cached_property
    def over_at(self) -> datetime:
        """The instant at which the period is over."""
        return datetime.combine(self.last + DAY, time(), tzinfo=UTC)

    def before(self) -> Period:
        return self.around(self.every, self.first - DAY)

    def year_ago(self) -> Period:
        if self.every is Every.MONTH:
            return self.around(self.every, self.first.replace(year=self.first.year - 1))
        return self.around(self.every, self.first - YEAR_OF_WEEKS)

    def days(self) -> list[date]:
        return [self.first + n * DAY for n in range((self.last - self.first).days + 1)]


def finished(every: Every, known: Days, window: Window | None) -> Iterator[Period]:
    """The periods whose last day is counted or passed, newest first.

    None lies partly before the kept days, or wholly before the first counted one. While
    no day at all is over, the running one is shown as a day.
    """
    if window is None or not known:
        return
    if not window.complete and every is not Every.DAY:
        return
    period = Period.around(every, window.last)
    if period.last > window.last:
        period = period.before()
    begun = next(iter(known))
    while period.first >= window.first and period.last >= begun:
        yield period
        period = period.before()
