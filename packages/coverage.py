"""Which days there are numbers of: of each window, and of all that is kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Min

from packages.models import CountedDay
from packages.packed_day import definition_on
from packages.snapshot import Snapshot
from packages.stats import MONTH, WEEK

Days = Mapping[date, CountedDay]
WINDOWS = {"last_day": 1, "last_week": WEEK, "last_month": MONTH}
NAMED_DAYS = 3
"""A sentence names so many missing days, and only counts more."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a window's sum is made of."""

    days: int
    missing: list[date]
    incidents: int
    """Counted days within an incident."""
    began: date | None
    """The first counted day, if all missing ones lie before it."""

    @property
    def counted(self) -> int:
        return self.days - len(self.missing)

    def note(self) -> str:
        """Say what the sum lacks; nothing when it lacks nothing."""
        parts = [self._missing_note()] if self.missing else []
        if self.incidents:
            days = "1 day lies" if self.incidents == 1 else f"{self.incidents} days lie"
            parts.append(f"{days} within an incident")
        return "; ".join(parts)

    def _missing_note(self) -> str:
        counted = f"{self.counted} of {self.days} days counted"
        if self.began:
            return f"{counted}: counting began on {self.began}"
        if len(self.missing) > NAMED_DAYS:
            return counted
        *others, last = map(str, self.missing)
        if not others:
            return f"{counted}: {last} is missing"
        return f"{counted}: {', '.join(others)} and {last} are missing"


def windows(state: Snapshot, counted: Days | None = None) -> dict[str, Coverage]:
    """Return what the last day, week and month are made of; nothing before any day.

    ``counted`` are the days of one package, where these are fewer than all.
    """
    if state.window is None:
        return {}
    last, days = state.window.last, state.days if counted is None else counted
    return {name: _coverage(days, last, number) for name, number in WINDOWS.items()}


def begun_at(state: Snapshot) -> datetime:
    """When the first day of all was counted: an instant that no other count moves."""
    return state.remembered("begun at", _first_count) or state.changed_at


def _first_count() -> datetime | None:
    first = CountedDay.objects.aggregate(at=Min("first_counted_at"))
    at: datetime | None = first["at"]
    return at


def missing_days(state: Snapshot, counted: Days | None = None) -> list[date]:
    """The days never counted between the first counted one and the last on show."""
    days = state.days if counted is None else counted
    if not days:
        return []
    return [day for day in _span(min(days), max(state.days)) if day not in days]


def ledger(state: Snapshot, until: date = date.min) -> list[CountedDay]:
    """Every day of the kept window and later ones, ``until`` included, in rising order.

    A day that the ledger has no row of is missing, be it that nobody has tried it yet;
    it comes as one that is not saved.
    """
    rows = CountedDay.objects.filter(trimmed_at=None).defer(*CountedDay.LARGE_FIELDS)
    if state.window:
        rows = rows.filter(day__gte=state.window.first)
    known = {row.day: row for row in rows.order_by("day")}
    if not known:
        return []
    first = state.window.first if state.window else min(known)
    last = max(*known, until)
    return [known.get(day) or _missing(day) for day in _span(first, last)]


def _coverage(known: Days, last: date, days: int) -> Coverage:
    span = list(_span(last - timedelta(days=days - 1), last))
    missing = [day for day in span if day not in known]
    began = next(iter(known), None)
    counted = [known[day] for day in span if day in known]
    return Coverage(
        days=days,
        missing=missing,
        incidents=sum(day.status == day.Status.INCIDENT for day in counted),
        began=began if began and missing and missing[-1] < began else None,
    )


def _missing(day: date) -> CountedDay:
    status = CountedDay.Status.MISSING
    return CountedDay(day=day, status=status, definition=definition_on(day))


def _span(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
