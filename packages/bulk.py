"""Recent downloads of many packages at once, in as many queries as of one."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from packages import snapshot, standings, stats
from packages.mirrors import Rule
from packages.models import DownloadRecord, Package
from packages.models.downloads import month_of
from packages.names import ALL_PACKAGES
from packages.packed_month import PackedMonth
from packages.snapshot import Snapshot
from packages.stats import MONTH, History, Recent

CHUNK = 100


def recents_of(
    names: Collection[str], mirror_list: str | None = None, *, mirrors: bool = False
) -> dict[str, Recent]:
    """Return the recent downloads of those normalized names that are known here."""
    state = snapshot.current()
    if not mirrors and standings.standings_hold(state, mirror_list):
        found = _from_standings(names, state)
    else:
        rule = state.rule(mirror_list)
        found = _from_records(names, state, rule, mirrors=mirrors)
    if ALL_PACKAGES in names:
        history = stats.history(ALL_PACKAGES, mirror_list, last_days=MONTH)
        found[ALL_PACKAGES] = history.recent(mirrors=mirrors)
    return found


def _from_standings(names: Collection[str], state: Snapshot) -> dict[str, Recent]:
    packages = Package.objects.filter(normalized_name__in=names).order_by()
    return standings.standings_of(packages, state)


def _from_records(
    names: Collection[str], state: Snapshot, rule: Rule, *, mirrors: bool
) -> dict[str, Recent]:
    window = state.window
    known = Package.objects.filter(normalized_name__in=names).order_by()
    packages = dict(known.values_list("id", "normalized_name"))
    through = window.last if window else None
    found = {name: Recent(0, 0, 0, through) for name in packages.values()}
    if window is None:
        return found
    first = window.last - timedelta(days=MONTH - 1)
    for package, month, days in _records(packages, first):
        name = packages[package]
        history = History(name, state, rule, [(month, PackedMonth(days))], first)
        found[name] = _sum(found[name], history.recent(mirrors=mirrors))
    return found


def _records(packages: Collection[int], first: date) -> Iterator[tuple[int, date, str]]:
    """Yield each record since ``first``: one in memory at a time."""
    records = DownloadRecord.objects.filter(
        package_id__in=packages, month__gte=month_of(first)
    ).exclude(days="")
    rows = records.order_by().values_list("package_id", "month", "days")
    yield from rows.iterator(chunk_size=CHUNK)


def _sum(one: Recent, other: Recent) -> Recent:
    return Recent(
        one.last_day + other.last_day,
        one.last_week + other.last_week,
        one.last_month + other.last_month,
        one.through,
    )
