"""Histories of many packages at once, in as many queries as of one."""

from collections.abc import Collection
from datetime import date, timedelta

from packages import snapshot
from packages.cells import read_days
from packages.models import DownloadRecord, Package
from packages.models.downloads import month_of
from packages.snapshot import Snapshot
from packages.stats import History

Days = list[tuple[date, list[int]]]


def histories(
    names: Collection[str], mirror_list: str | None = None, *, last_days: int
) -> list[History]:
    """Return the last days of those normalized names that are known here, by name."""
    state = snapshot.current()
    known = Package.objects.filter(normalized_name__in=names)
    days: dict[str, Days] = {
        name: [] for name in known.values_list("normalized_name", flat=True)
    }
    _read(days, state, last_days)
    newest = (cells[-2] for found in days.values() for _, cells in found)
    if max(newest, default=0) > state.newest_client:
        state = snapshot.refreshed()  # a day was counted between the two queries
    rule = state.rule(mirror_list)
    return [History(name, state, rule, sorted(found)) for name, found in days.items()]


def _read(days: dict[str, Days], state: Snapshot, last_days: int) -> None:
    if state.window is None:
        return
    first = max(state.window.first, state.window.last - timedelta(days=last_days - 1))
    records = DownloadRecord.objects.filter(
        package__normalized_name__in=days, month__gte=month_of(first)
    )
    rows = records.order_by().values_list("package__normalized_name", "month", "days")
    for name, month, packed in rows:
        for cells in read_days(packed):
            day = month.replace(day=cells[0])
            if day >= first and day in state.days:
                days[name].append((day, cells))
