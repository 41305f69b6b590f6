"""A package's months as they are stored: all that is read for a figure of its own."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from packages.cells import line_of_day, pack_lines
from packages.exceptions import UnknownPackageError
from packages.models import CountedDay, Package
from packages.models.downloads import month_of
from packages.names import ALL_PACKAGES
from packages.packed_month import PackedMonth
from packages.snapshot import Snapshot
from packages.statements import Statement


def is_known(normalized: str) -> bool:
    """Say whether ``history`` would find the package of that normalized name."""
    if normalized == ALL_PACKAGES:
        return True
    return Package.objects.filter(normalized_name=normalized).exists()


def months_of(
    package: str, state: Snapshot, first: date
) -> Iterator[tuple[date, PackedMonth]]:
    """Yield the months of a package from that of ``first`` on, in any order.

    Raise ``UnknownPackageError``.
    """
    if package == ALL_PACKAGES:
        yield from _months_of_all(state, first)
        return
    rows = _MONTHS.rows(package, month_of(first).isoformat())
    if not rows and not is_known(package):
        raise UnknownPackageError(package)
    for month, days in rows:
        if days:
            yield date.fromisoformat(month), PackedMonth(days)


# The ORM takes five times as long to make this query as both need to run it.
_MONTHS = Statement(
    "package_months",
    """
SELECT CAST(record.month AS text), record.days
FROM packages_downloadrecord AS record
JOIN packages_package AS package ON package.id = record.package_id
WHERE package.normalized_name = %s AND record.month >= %s
""",
)


def _months_of_all(state: Snapshot, first: date) -> Iterator[tuple[date, PackedMonth]]:
    days = [day for day in state.days if day >= first]
    rows = CountedDay.objects.filter(day__in=days).exclude(cells="").order_by("day")
    found = rows.values_list("day", "downloads", "cells")
    for month, of_month in groupby(found, lambda row: month_of(row[0])):
        lines = [line_of_day(day.day, total, cells) for day, total, cells in of_month]
        yield month, PackedMonth(pack_lines(lines))
