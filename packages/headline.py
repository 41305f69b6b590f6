"""A package's one number, for badges and summaries: recent downloads, or all ever.

Read from the package's standing while standings hold for the list that is asked for;
summed from the records otherwise, which gives the same number.
"""

from collections.abc import Mapping, Set
from datetime import date
from enum import StrEnum

from packages import snapshot, stats
from packages.cells import unpack_cells, unpack_days
from packages.exceptions import UnknownPackageError
from packages.mirrors import Rule
from packages.models import DownloadRecord, Standing
from packages.names import ALL_PACKAGES, normalize_name
from packages.snapshot import Snapshot


class Period(StrEnum):
    """What downloads are summed over; all but ``TOTAL`` end with the last day."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    TOTAL = "total"

    @property
    def field(self) -> str:
        """The name that standings and recents have for it."""
        return "total" if self is Period.TOTAL else f"last_{self}"


def downloads(name: str, period: Period, mirror_list: str | None = None) -> int:
    """Return people's downloads of the package called ``name``, in any spelling.

    0 for one that is known and was not downloaded. Trimmed days count for the total, by
    the rule as it was at their month's beginning; the total of ``__all__`` is that of
    the kept days no longer, so nobody knows it: ``UnknownPackageError``, as for a name
    that is not known.
    """
    normalized = normalize_name(name)
    if normalized is None or (normalized, period) == (ALL_PACKAGES, Period.TOTAL):
        raise UnknownPackageError(name)
    state = snapshot.current()
    if normalized != ALL_PACKAGES and _standings_hold(state, mirror_list):
        return _from_standing(normalized, period)
    if period is Period.TOTAL:
        return _ever(normalized, state, state.rule(mirror_list))
    recent = stats.history(normalized, mirror_list, last_days=stats.MONTH).recent()
    found: int = getattr(recent, period.field)
    return found


def _standings_hold(state: Snapshot, mirror_list: str | None) -> bool:
    is_default = mirror_list in {None, state.rule().name}
    return is_default and stats.recomputed_percent(state) is None


def _from_standing(package: str, period: Period) -> int:
    standing = Standing.objects.filter(package__normalized_name=package).order_by()
    found: int | None = standing.values_list(period.field, flat=True).first()
    if found is None:
        _check_known(package)
    return found or 0


def _ever(package: str, state: Snapshot, rule: Rule) -> int:
    records = DownloadRecord.objects.filter(package__normalized_name=package)
    rows = list(records.order_by().values_list("month", "days", "trimmed"))
    if not rows:
        _check_known(package)
    last = state.window.last if state.window else date.min
    total = 0
    for month, packed, trimmed in rows:
        total += _sum(unpack_cells(trimmed), rule.people(month).keys())
        for number, cells in unpack_days(packed).items():
            day = month.replace(day=number)
            if day <= last:  # a day that is not over is not shown
                total += _sum(cells, rule.people(day).keys())
    return total


def _sum(cells: Mapping[int, int], people: Set[int]) -> int:
    return sum(number for client, number in cells.items() if client in people)


def _check_known(package: str) -> None:
    if not stats.is_known(package):
        raise UnknownPackageError(package)
