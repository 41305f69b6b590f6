"""Histories of many packages at once, in as many queries as of one."""

from collections.abc import Collection
from datetime import date, timedelta

from packages import snapshot
from packages.models import DownloadRecord, Package
from packages.models.downloads import month_of
from packages.packed_month import PackedMonth
from packages.snapshot import Snapshot
from packages.stats import History

Months = list[tuple[date, PackedMonth]]


def histories(
    names: Collection[str], mirror_list: str | None = None, *, last_days: int | None
) -> list[History]:
    """Return the last days of those normalized names that are known here, by name.

    None for ``last_days`` stands for all kept days.
    """
    state = snapshot.current()
    first = _first_day(state, last_days)
    months = _months(names, first)
    newest = (
        packed.newest_client() for of_one in months.values() for _, packed in of_one
    )
    state = snapshot.that_knows(max(newest, default=0), state)
    rule = state.rule(mirror_list)
    return [
        History(name, state, rule, found, first or date.min)
        for name, found in months.items()
    ]


def _first_day(state: Snapshot, last_days: int | None) -> date | None:
    if state.window is None:
        return None
    asked = timedelta(days=last_days - 1) if last_days else timedelta.max
    span = min(asked, state.window.last - state.window.first)
    return state.window.last - span


def _months(names: Collection[str], first: date | None) -> dict[str, Months]:
    known = Package.objects.filter(normalized_name__in=names)
    found: dict[str, Months] = {
        name: [] for name in known.values_list("normalized_name", flat=True)
    }
    if first is None:
        return found
    records = DownloadRecord.objects.filter(
        package__normalized_name__in=found, month__gte=month_of(first)
    ).exclude(days="")
    ordered = records.order_by("month")
    rows = ordered.values_list("package__normalized_name", "month", "days")
    for name, month, days in rows:
        found[name].append((month, PackedMonth(days)))
    return found
