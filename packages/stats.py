"""Every figure that anyone sees: pages, API, feeds and admin all read through here.

Windows end with the last complete day of the ledger, never with today. A day without
downloads has no row; a day that was never counted is not in ``History.days`` either.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from packages import snapshot
from packages.exceptions import UnknownPackageError
from packages.mirrors import (
    MIRRORS_ALONE,
    WITH_MIRRORS,
    WITHOUT_MIRRORS,
    Dimension,
    Rule,
    category_order,
)
from packages.models import CountedDay
from packages.models.downloads import month_of
from packages.months import months_of
from packages.names import normalize_name
from packages.packed_month import PackedMonth
from packages.snapshot import Snapshot

WEEK, MONTH = 7, 30


class Row(NamedTuple):
    """One category's downloads on one day."""

    category: str
    day: date
    downloads: int


Series = Mapping[str, Mapping[date, int]]
"""Downloads by category, then by day in rising order; days without any left out."""


@dataclass(frozen=True, slots=True)
class Recent:
    """Downloads in the days up to ``through``, that day included."""

    last_day: int
    last_week: int
    last_month: int
    through: date | None


class History:
    """One package's kept days under one mirror list, read once and summed as asked."""

    def __init__(
        self,
        package: str,
        state: Snapshot,
        rule: Rule,
        months: list[tuple[date, PackedMonth]],
        first: date,
        last: date = date.max,
    ) -> None:
        self.package = package
        self.state = state
        self.rule = rule
        self.months = months
        self._first, self._last = first, last
        self._breakdowns: dict[Dimension, dict[str, dict[date, int]]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether the package was downloaded on none of the days."""
        return not any(
            day in self.shown(month)
            for month, packed in self.months
            for day in packed.days
        )

    @cached_property
    def counted(self) -> Mapping[date, CountedDay]:
        """The days on show on which the package was counted, downloaded or not."""
        return self.state.days_of(self.package)

    def between(self, first: date, last: date) -> "History":
        """Return the same without the days before ``first`` and after ``last``."""
        first, last = max(first, self._first), min(last, self._last)
        return History(self.package, self.state, self.rule, self.months, first, last)

    def recent(self, *, mirrors: bool = False) -> Recent:
        window = self.state.window
        if window is None:
            return Recent(0, 0, 0, None)
        sums = self._with_mirrors if mirrors else self.people

        def last(days: int) -> int:
            first = window.last - timedelta(days=days - 1)
            return sum(n for day, n in sums.items() if day >= first)

        return Recent(last(1), last(WEEK), last(MONTH), window.last)

    def totals(self, *, mirrors: bool | None = None) -> Series:
        """Downloads with mirrors, without them, or (None) both, in that order."""
        found: dict[str, Mapping[date, int]] = {}
        if mirrors is not False:
            found[WITH_MIRRORS] = self._with_mirrors
        if mirrors is not True:
            found[WITHOUT_MIRRORS] = self.people
        return found

    def overall(self, *, mirrors: bool | None = None) -> list[Row]:
        """The same as rows."""
        return rows_of(self.totals(mirrors=mirrors))

    def categories(self, dimension: Dimension) -> Series:
        """Downloads without mirrors by category, versions in the order of numbers."""
        sums = self._by(dimension)
        return {name: sums[name] for name in sorted(sums, key=category_order)}

    def by(self, dimension: Dimension) -> list[Row]:
        """The same as rows."""
        return rows_of(self.categories(dimension))

    def cells(self, days: Collection[date]) -> dict[date, dict[int, int]]:
        """Downloads without mirrors on each of ``days`` that has any, by client id."""
        months = {month_of(day) for day in days}
        found: dict[date, dict[int, int]] = {}
        for month, packed in self.months:
            shown = self.shown(month) if month in months else {}
            for line in packed.lines() if shown else ():
                day = shown.get(line[0])
                if day is not None and day in days:
                    people = self.rule.people(day)
                    found[day] = {c: n for c, n in _pairs(line) if c in people}
        return found

    def _by(self, dimension: Dimension) -> dict[str, dict[date, int]]:
        if dimension not in self._breakdowns:
            sums = self._sums(lambda day: self.rule.categories(dimension, day))
            self._breakdowns[dimension] = sums
        return self._breakdowns[dimension]

    def _sums(
        self, categories: Callable[[date], Mapping[int, str]]
    ) -> dict[str, dict[date, int]]:
        """Add up by category, then by day in rising order."""
        found: dict[str, dict[date | None, int]] = defaultdict(dict)
        for month, packed in self.months:
            shown = self.shown(month)
            days = [shown.get(number) for number in packed.days]
            for era in self.rule.eras(filter(None, days)):
                sums = packed.sums(categories(era[0])) if era else {}
                of_era = days if len(era) == len(days) else _only(set(era), days)
                for category, counts in sums.items():
                    found[category].update(zip(of_era, counts, strict=True))
        kept = {category: _of_days(by_day) for category, by_day in found.items()}
        return {category: by_day for category, by_day in kept.items() if by_day}

    def shown(self, month: date) -> dict[int, date]:
        """The days of ``month`` that may be shown, by their number."""
        shown = _shown_days(self.state).get(month, {})
        if month > self._first and month_of(self._last) > month:
            return shown
        return {n: day for n, day in shown.items() if self._first <= day <= self._last}

    @cached_property
    def _with_mirrors(self) -> dict[date, int]:
        mirrors, people = self._kinds.get(MIRRORS_ALONE, {}), self.people
        days = sorted(mirrors.keys() | people.keys())
        return {day: mirrors.get(day, 0) + people.get(day, 0) for day in days}

    @cached_property
    def people(self) -> dict[date, int]:
        """Downloads without mirrors by day; days without any left out."""
        return self._kinds.get(WITHOUT_MIRRORS, {})

    @cached_property
    def _kinds(self) -> dict[str, dict[date, int]]:
        return self._sums(self.rule.kinds)


def history(
    name: str,
    mirror_list: str | None = None,
    *,
    last_days: int | None = None,
    since: date = date.min,
) -> History:
    """Return the kept days of the package called ``name``, in any spelling.

    ``last_days`` limits them to those at the end of the window, ``since`` to those from
    it on, for readers who need no more. Raise ``UnknownPackageError`` or
    ``UnknownMirrorListError``.
    """
    normalized = normalize_name(name)
    if normalized is None:
        raise UnknownPackageError(name)
    state = snapshot.current()
    first = max(since, state.window.first) if state.window else date.min
    if state.window and last_days:
        first = max(first, state.window.last - timedelta(days=last_days - 1))
    months = sorted(months_of(normalized, state, first), key=itemgetter(0))
    newest = max((packed.newest_client() for _, packed in months), default=0)
    state = snapshot.that_knows(newest, state)
    return History(normalized, state, state.rule(mirror_list), months, first)


def _shown_days(state: Snapshot) -> dict[date, dict[int, date]]:
    """The days that may be shown, by month and number; in rising order."""
    return state.remembered("shown days", lambda: _by_month(state.days))


def _by_month(days: Iterable[date]) -> dict[date, dict[int, date]]:
    months: dict[date, dict[int, date]] = {}
    for day in days:
        months.setdefault(month_of(day), {})[day.day] = day
    return months


def _only(era: Set[date], days: list[date | None]) -> list[date | None]:
    return [day if day in era else None for day in days]


def _of_days(counts: Mapping[date | None, int]) -> dict[date, int]:
    """Leave out what fell on no day that is shown, and days without downloads."""
    return {day: n for day, n in counts.items() if n and day}


def rows_of(series: Series) -> list[Row]:
    """Return the rows of a series, by category, then by day."""
    return [
        Row(category, day, downloads)
        for category, by_day in series.items()
        for day, downloads in by_day.items()
    ]


def _pairs(cells: list[int]) -> Iterator[tuple[int, int]]:
    return zip(cells[2::2], cells[3::2], strict=True)
