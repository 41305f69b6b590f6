"""Every figure that anyone sees: pages, API, feeds and admin all read through here.

Windows end with the last complete day of the ledger, never with today. A day without
downloads has no row; a day that was never counted is not in ``History.days`` either.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from django.db.models import QuerySet

from packages import recents, snapshot
from packages.cells import read_days, unpack_cells
from packages.exceptions import UnknownPackageError
from packages.mirrors import (
    WITH_MIRRORS,
    WITHOUT_MIRRORS,
    Dimension,
    Rule,
    category_order,
)
from packages.models import CountedDay, DownloadRecord, Package
from packages.models.downloads import month_of
from packages.names import ALL_PACKAGES, normalize_name
from packages.snapshot import Snapshot

WEEK, MONTH = 7, 30
LARGEST = 1000


class Row(NamedTuple):
    """One category's downloads on one day."""

    category: str
    day: date
    downloads: int


@dataclass(frozen=True, slots=True)
class Recent:
    """Downloads in the days up to ``through``, that day included."""

    last_day: int
    last_week: int
    last_month: int
    through: date | None


@dataclass(frozen=True, slots=True)
class DaySummary:
    """One package's day, as a feed tells it."""

    counted: CountedDay
    with_mirrors: int
    without_mirrors: int
    breakdowns: Mapping[Dimension, list[tuple[str, int]]]
    """Downloads without mirrors by category, largest first."""


class History:
    """One package's kept days under one mirror list, read once and summed as asked."""

    def __init__(
        self,
        package: str,
        state: Snapshot,
        rule: Rule,
        days: list[tuple[date, list[int]]],
    ) -> None:
        self.package = package
        self.state = state
        self.rule = rule
        self._days = days

    @cached_property
    def counted(self) -> Mapping[date, CountedDay]:
        """The days on show on which the package was counted, downloaded or not."""
        return self.state.days_of(self.package)

    def between(self, first: date, last: date) -> "History":
        """Return the same without the days before ``first`` and after ``last``."""
        days = [item for item in self._days if first <= item[0] <= last]
        return History(self.package, self.state, self.rule, days)

    def recent(self, *, mirrors: bool = False) -> Recent:
        window = self.state.window
        if window is None:
            return Recent(0, 0, 0, None)
        sums = self._with_mirrors if mirrors else self._without_mirrors

        def last(days: int) -> int:
            first = window.last - timedelta(days=days - 1)
            return sum(n for day, n in sums.items() if day >= first)

        return Recent(last(1), last(WEEK), last(MONTH), window.last)

    def overall(self, *, mirrors: bool | None = None) -> list[Row]:
        """Rows with mirrors, without them, or (None) both, in that order."""
        rows: list[Row] = []
        if mirrors is not False:
            rows += [Row(WITH_MIRRORS, *item) for item in self._with_mirrors.items()]
        if mirrors is not True:
            sums = self._without_mirrors.items()
            rows += [Row(WITHOUT_MIRRORS, *item) for item in sums]
        return [row for row in rows if row.downloads]

    def by(self, dimension: Dimension) -> list[Row]:
        """Rows without mirrors, by category (versions by number), then by day."""
        sums: dict[str, list[Row]] = {}
        for day, cells in self._days:
            of_day = _sum_by(cells, self.rule.categories(dimension, day))
            for category, downloads in of_day.items():
                sums.setdefault(category, []).append(Row(category, day, downloads))
        return [row for name in sorted(sums, key=category_order) for row in sums[name]]

    def latest_days(self, limit: int) -> list[DaySummary]:
        """The last counted days on which the package was downloaded, newest first."""
        newest = list(reversed(self._days))[:limit]
        return [self._summary(day, cells) for day, cells in newest]

    def _summary(self, day: date, cells: list[int]) -> DaySummary:
        by = {name: self._ranked(name, day, cells) for name in Dimension}
        return DaySummary(
            counted=self.state.days[day],
            with_mirrors=self._with_mirrors[day],
            without_mirrors=self._without_mirrors[day],
            breakdowns=by,
        )

    def _ranked(
        self, dimension: Dimension, day: date, cells: list[int]
    ) -> list[tuple[str, int]]:
        sums = _sum_by(cells, self.rule.categories(dimension, day))
        return sorted(sums.items(), key=lambda item: (-item[1], item[0]))

    @cached_property
    def _with_mirrors(self) -> dict[date, int]:
        counted = self.rule.counted
        return {
            day: sum(n for client, n in _pairs(cells) if client in counted)
            for day, cells in self._days
        }

    @cached_property
    def _without_mirrors(self) -> dict[date, int]:
        return {
            day: sum(_sum_by(cells, self.rule.people(day)).values())
            for day, cells in self._days
        }


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
    if state.window and since > state.window.first:
        last_days = max(1, (state.window.last - since).days + 1)
    days = sorted(_days(normalized, state, last_days))
    if days and max(cells[-2] for _, cells in days) > state.newest_client:
        state = snapshot.refreshed()  # a day was counted between the two queries
    return History(normalized, state, state.rule(mirror_list), days)


def is_known(normalized: str) -> bool:
    """Say whether ``history`` would find the package of that normalized name."""
    if normalized == ALL_PACKAGES:
        return True
    return Package.objects.filter(normalized_name=normalized).exists()


def largest(limit: int) -> list[tuple[str, Recent]]:
    """The packages most downloaded on the last day, without mirrors, largest first."""
    state = snapshot.current()
    return state.remembered("largest", lambda: _largest(state))[:limit]


def recomputed_percent(state: Snapshot | None = None) -> int | None:
    """How far standings are worked out for a changed list; None when they hold."""
    state = state or snapshot.current()
    percent = None if state.standings_hold else recents.percent_done()
    state.standings_hold = percent is None
    return percent


def standings_hold(state: Snapshot, mirror_list: str | None) -> bool:
    """Say whether recents by that list stand in the standings, and need no summing."""
    is_default = mirror_list in {None, state.rule().name}
    return is_default and recomputed_percent(state) is None


def standings_of(packages: QuerySet[Package], state: Snapshot) -> dict[str, Recent]:
    """Return the recents of ``packages``, in their order, as the standings have them.

    A package that only mirrors ever downloaded has no standing.
    """
    through = state.window.last if state.window else None
    rows = packages.values_list(
        "normalized_name",
        "standing__last_day",
        "standing__last_week",
        "standing__last_month",
    )
    return {
        name: Recent(day or 0, week or 0, month or 0, through)
        for name, day, week, month in rows
    }


def _largest(state: Snapshot) -> list[tuple[str, Recent]]:
    if state.window is None:
        return []
    top = Package.objects.filter(standing__last_day__gt=0).order_by(
        "-standing__last_day", "normalized_name"
    )
    return list(standings_of(top[:LARGEST], state).items())


def _days(
    package: str, state: Snapshot, last_days: int | None
) -> Iterator[tuple[date, list[int]]]:
    first = state.window.first if state.window else date.min
    if state.window and last_days:
        first = max(first, state.window.last - timedelta(days=last_days - 1))
    if package == ALL_PACKAGES:
        yield from _days_of_all(state, first)
        return
    records = DownloadRecord.objects.filter(
        package__normalized_name=package, month__gte=month_of(first)
    )
    rows = list(records.order_by().values_list("month", "days"))
    if not rows and not is_known(package):
        raise UnknownPackageError(package)
    for month, days in rows:
        for cells in read_days(days):
            day = month.replace(day=cells[0])
            if day >= first and day in state.days:
                yield day, cells


def _days_of_all(state: Snapshot, first: date) -> Iterator[tuple[date, list[int]]]:
    days = [day for day in state.days if day >= first]
    rows = CountedDay.objects.filter(day__in=days).values_list(
        "day", "downloads", "cells"
    )
    for day, downloads, packed in rows:
        cells = unpack_cells(packed)
        if cells:
            flat = [number for cell in sorted(cells.items()) for number in cell]
            yield day, [day.day, downloads, *flat]


def _pairs(cells: list[int]) -> Iterator[tuple[int, int]]:
    return zip(cells[2::2], cells[3::2], strict=True)


def _sum_by(cells: list[int], categories: Mapping[int, str]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for client, downloads in _pairs(cells):
        category = categories.get(client)
        if category is not None:
            sums[category] = sums.get(category, 0) + downloads
    return sums
