"""Packages in an order: the most downloaded, those that rise, those of a prefix.

All of it reads standings, never records, so it holds for the default mirror list.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db.models import F, IntegerField, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from packages import bulk, standings
from packages.headline import Period
from packages.models import CountedDay, Package, Standing
from packages.recents import slot
from packages.snapshot import Snapshot, Window
from packages.standings import LARGEST
from packages.stats import WEEK, Recent


class By(StrEnum):
    """What a ranking goes by."""

    DOWNLOADS = "downloads"
    RISE = "rise"


WELL_KNOWN = 5000
"""The packages most downloaded in the last month are kept in memory, for searches."""

DAYS_THAT_RISE = {Period.DAY: 1, Period.WEEK: WEEK}
"""Days of a period that are compared with those a week before."""


@dataclass(frozen=True, slots=True)
class Ranked:
    package: str
    downloads: int
    rise: int | None
    """Downloads more than in the week before, on days counted in both of them."""


@dataclass(frozen=True, slots=True)
class Found:
    package: str
    recent: Recent


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next page of packages begins: after this one."""

    package: str
    last_month: int | None = None


def top(state: Snapshot, period: Period, by: By, limit: int) -> list[Ranked]:
    """Return the first packages by what they have in ``period``, at most 1,000.

    Those without downloads, or without a rise, are in no ranking.
    """
    name = f"top {period} by {by}"
    return state.of_standings(name, lambda: _top(state, period, by))[:limit]


def largest(
    state: Snapshot, mirror_list: str | None, limit: int
) -> list[tuple[str, Recent]]:
    """Return the packages most downloaded on the last day, by any list.

    Standings know the default one. By another, those are compared that were downloaded
    most on that day by all clients together: the ledger has a hundred of them.
    """
    if mirror_list in {None, state.rule().name}:
        return standings.largest(limit)
    name = f"largest by {mirror_list}"
    return state.remembered(name, lambda: _compared(state, mirror_list))[:limit]


def _compared(state: Snapshot, mirror_list: str | None) -> list[tuple[str, Recent]]:
    if state.window is None:
        return []
    last_day = CountedDay.objects.only("largest").get(day=state.window.last)
    names = [name for name, _ in last_day.largest]
    found = bulk.recents_of(names, mirror_list).items()
    ranked = [(name, recent) for name, recent in found if recent.last_day]
    return sorted(ranked, key=lambda item: (-item[1].last_day, item[0]))


def named(
    state: Snapshot, prefix: str, limit: int, after: Place | None = None
) -> list[Found]:
    """Packages whose normalized name starts with ``prefix``, by last month, falling.

    A short prefix is that of a great many packages, whose first are well known.
    """
    if after is None:
        known = [row for row in _well_known(state) if row.package.startswith(prefix)]
        if len(known) >= limit:
            return known[:limit]
    packages = _by_last_month().filter(normalized_name__startswith=prefix)
    if after is not None:
        tied = Q(last_month=after.last_month, normalized_name__gt=after.package)
        packages = packages.filter(Q(last_month__lt=after.last_month) | tied)
    return _found(state, packages, limit)


def listed(state: Snapshot, limit: int, after: Place | None = None) -> list[Found]:
    """All packages, by name."""
    packages = Package.objects.order_by("normalized_name")
    if after is not None:
        packages = packages.filter(normalized_name__gt=after.package)
    return _found(state, packages, limit)


def _well_known(state: Snapshot) -> list[Found]:
    some = _by_last_month().filter(standing__last_month__gt=0)
    return state.of_standings("well known", lambda: _found(state, some, WELL_KNOWN))


def _by_last_month() -> QuerySet[Package]:
    last_month = Coalesce("standing__last_month", Value(0))
    packages = Package.objects.annotate(last_month=last_month)
    return packages.order_by("-last_month", "normalized_name")


def _top(state: Snapshot, period: Period, by: By) -> list[Ranked]:
    if state.window is None:
        return []
    rise = _rise(state.window, state, period)
    if rise is None and by is By.RISE:
        return []
    standings = Standing.objects.annotate(
        package_name=F("package__normalized_name"),
        downloads=F(f"last_{period}"),
        rise=Value(None, IntegerField()) if rise is None else rise,
    )
    ranked = standings.filter(**{f"{by}__gt": 0}).order_by(f"-{by}", "package_name")
    rows = ranked.values_list("package_name", "downloads", "rise")[:LARGEST]
    return [Ranked(*row) for row in rows]


def _rise(window: Window, state: Snapshot, period: Period) -> Combinable | None:
    """The sum of what each day of ``period`` has more than the one a week before.

    Days of which either was never counted are left out; None if all are.
    """
    differences = [
        F(slot(day)) - F(slot(before))
        for age in range(DAYS_THAT_RISE.get(period, 0))
        if (day := window.last - timedelta(days=age)) in state.days
        and (before := day - timedelta(days=WEEK)) in state.days
    ]
    if not differences:
        return None
    first, *others = differences
    for other in others:
        first += other
    return first


def _found(state: Snapshot, packages: QuerySet[Package], limit: int) -> list[Found]:
    standing = standings.standings_of(packages[:limit], state)
    return [Found(name, recent) for name, recent in standing.items()]
