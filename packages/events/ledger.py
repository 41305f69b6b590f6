"""The day ledger as events see it: which days and weeks may be judged."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from packages.events.counting import Counting
from packages.events.thresholds import FEWEST_WEEKDAYS, WEEKDAYS
from packages.models import CountedDay
from packages.snapshot import Snapshot

WEEK = 7


@dataclass(frozen=True)
class Ledger:
    """The kept days that are over, and the first day that was ever counted."""

    days: dict[date, CountedDay]
    began: date
    counting: Counting

    @classmethod
    def of(cls, state: Snapshot) -> "Ledger":
        over = {day: known for day, known in state.days.items() if known.is_over}
        first = CountedDay.objects.counted().order_by("day").first()
        return cls(over, first.day if first else date.min, Counting.of(state))

    def known(self, package: str, day: date) -> "Ledger":
        """The same without the days that say nothing about ``day`` of the package."""
        if not self.counting.names:
            return self
        alike = self.counting.are_alike
        days = {d: row for d, row in self.days.items() if alike(package, day, d)}
        return replace(self, days=days)

    def is_trusted(self, day: date) -> bool:
        """Say whether the day's numbers are known, and not known to be wrong."""
        known = self.days.get(day)
        return known is not None and known.status == CountedDay.Status.COMPLETE

    def seems_doubled(self, day: date) -> bool:
        return CountedDay.Check.LARGE in self.days[day].checks

    def same_weekdays(self, day: date) -> list[date]:
        """The weekdays that ``day`` is compared with, or none: too few are alike."""
        before = [day - timedelta(weeks=n + 1) for n in range(WEEKDAYS)]
        alike = [other for other in before if self._are_alike(day, other)]
        return alike if len(alike) >= FEWEST_WEEKDAYS else []

    def _are_alike(self, day: date, other: date) -> bool:
        if not (self.is_trusted(day) and self.is_trusted(other)):
            return False
        return self.days[day].definition == self.days[other].definition

    @cached_property
    def sundays(self) -> list[date]:
        """The last days of the complete ISO weeks, in rising order."""
        return [
            day
            for day in self.days
            if day.isoweekday() == WEEK and all(map(self.is_trusted, week_to(day)))
        ]

    def weeks_before(self, sunday: date) -> list[date]:
        return [other for other in self.sundays if other < sunday]

    def are_counted(self, days: Iterable[date]) -> bool:
        return all(day in self.days for day in days)


def week_to(last: date) -> list[date]:
    """The seven days that end with ``last``."""
    return days_to(last, WEEK)


def days_to(last: date, number: int) -> list[date]:
    return [last - timedelta(days=n) for n in reversed(range(number))]


def sunday_of(day: date) -> date:
    return day + timedelta(days=WEEK - day.isoweekday())


def week_name(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
